"""Typing into the card form: what is formatted, what is refused, what is asked for."""

from datetime import UTC, datetime

from .js_support import checkout_fixture, origins_fixture

checkout, origins = checkout_fixture, origins_fixture


TYPED = [
    ("number", "4242424242424242", "4242 4242 4242 4242"),
    ("number", "4242 4242 4242 4242", "4242 4242 4242 4242"),
    ("number", "42424242424242424242", "4242 4242 4242 4242"),
    ("number", "378282246310005", "3782 822463 10005"),
    ("number", "36227206271667", "3622 720627 1667"),
    ("number", "62000000000000005", "6200 0000 0000 0000 5"),
    ("number", "42x42", "4242"),
    ("expiry", "1233", "12 / 33"),
    ("expiry", "12 / 33", "12 / 33"),
    ("expiry", "12/33", "12 / 33"),
    ("expiry", "4/33", "04 / 33"),
    ("expiry", "433", "04 / 33"),
    ("expiry", "1/33", "01 / 33"),
    ("expiry", "13", "01 / 3"),
    ("cvc", "12345", "123"),
]


async def test_what_is_typed_gets_its_separators_once(checkout):
    shown = []
    await checkout.open()
    for name, typed, _ in TYPED:
        await checkout.field(name).fill("")
        await checkout.field(name).press_sequentially(typed)
        shown.append((name, typed, await checkout.field(name).input_value()))
    assert shown == TYPED


async def test_a_pasted_expiry_may_have_four_digits_of_a_year(checkout):
    await checkout.open()
    for pasted in ("12/2033", "122033", "2033-12", "12 - 33"):
        await checkout.field("expiry").fill(pasted)
        assert await checkout.field("expiry").input_value() == "12 / 33"


async def test_an_american_express_card_has_a_security_code_of_four_digits(checkout):
    await checkout.open()
    await checkout.field("number").fill("378282246310005")
    await checkout.field("cvc").press_sequentially("12345")
    assert await checkout.field("cvc").input_value() == "1234"


async def test_a_digit_put_in_or_taken_out_in_the_middle_keeps_the_caret(checkout):
    await checkout.open()
    number = checkout.field("number")
    await number.fill("4242 4242 4242")
    await number.evaluate("(input) => input.setSelectionRange(5, 5)")
    for key in ("Backspace", "9", "8"):
        await number.press(key)
    assert await number.input_value() == "4249 8424 2424 2"
    assert await number.evaluate("(input) => input.selectionStart") == 6


async def test_backspace_goes_through_the_separator(checkout):
    await checkout.open()
    await checkout.field("expiry").press_sequentially("1230")
    for _ in range(3):
        await checkout.field("expiry").press("Backspace")
    assert await checkout.field("expiry").input_value() == "1"


WRONG = [
    ({"number": "4242"}, "incomplete_number", "Your card number is incomplete."),
    ({"number": "4242424242424241"}, "invalid_number", "Your card number is invalid."),
    ({"expiry": "12"}, "incomplete_expiry", "Your card's expiration date is incomplete."),
    ({"expiry": "12/20"}, "invalid_expiry_year_past", "Your card's expiration year is in the past."),
    ({"expiry": "00/33"}, "invalid_expiry_month", "Your card's expiration month is invalid."),
    ({"expiry": "12/99"}, "invalid_expiry_year", "Your card's expiration year is invalid."),
    ({"cvc": "12"}, "incomplete_cvc", "Your card's security code is incomplete."),
    ({"zip_code": "123"}, "incomplete_zip", "Your ZIP code is incomplete."),
]


async def test_a_wrong_field_says_so_beside_itself_and_to_the_page(checkout):
    await checkout.open()
    for fields, code, message in WRONG:
        await checkout.fill(**fields)
        error = (await checkout.page.evaluate("pay()"))["error"]
        assert error == {"type": "validation_error", "code": code, "message": message}
        wrong = checkout.frame.locator("[aria-invalid=true]:focus")
        description = await wrong.get_attribute("aria-describedby")
        assert await checkout.frame.locator(f"#{description}").inner_text() == message


async def test_a_card_that_ended_last_month_is_in_the_past(checkout):
    await checkout.page.clock.set_fixed_time(datetime(2030, 6, 15, tzinfo=UTC))
    await checkout.open()
    await checkout.fill(expiry="05/30")
    assert (await checkout.page.evaluate("pay()"))["error"]["code"] == "invalid_expiry_month_past"


async def test_an_error_waits_until_the_field_is_left_and_goes_when_it_is_mended(checkout):
    await checkout.open()
    number, error = checkout.field("number"), checkout.frame.locator("#Field-numberError")
    await number.press_sequentially("4242 4242")
    assert not await error.is_visible()
    await checkout.field("expiry").focus()
    assert await error.is_visible()
    await number.press("End")
    await number.press_sequentially("4242 4242")
    assert not await error.is_visible()


async def test_only_the_united_states_are_asked_for_a_postal_code(checkout):
    await checkout.open()
    for country, asked in {"CA": False, "GB": False, "PR": False, "US": True}.items():
        await checkout.field("country").select_option(country)
        assert await checkout.field("postalCode").is_visible() == asked


FIELDS = [
    ("number", "Card number", "billing cc-number", "numeric"),
    ("expiry", "Expiration date", "billing cc-exp", "numeric"),
    ("cvc", "Security code", "billing cc-csc", "numeric"),
    ("country", "Country", "billing country", None),
    ("postalCode", "ZIP code", "billing postal-code", "numeric"),
]


async def test_every_field_has_its_id_its_label_and_its_autofill_name(checkout):
    await checkout.open()
    for name, label, autocomplete, inputmode in FIELDS:
        field = checkout.frame.get_by_label(label, exact=True)
        names = [await field.get_attribute(each) for each in ("name", "id", "autocomplete", "inputmode")]
        assert names == [name, f"Field-{name}Input", autocomplete, inputmode]
