"""The ways of paying that the Payment Element offers besides cards."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import expect

from .js_support import checkout_fixture, origins_fixture

checkout, origins = checkout_fixture, origins_fixture

EUROS = {"currency": "eur"}
LATER = ["card", "us_bank_account", "klarna", "affirm", "afterpay_clearpay", "alipay", "cashapp"]
PERSON = {"name": "Jenny Rosen", "email": "jenny@example.com"}


async def offered(checkout):
    """The names of all radio buttons or tabs, in order."""
    return await checkout.frame.locator(".AccordionLabel:visible, .TabLabel").all_inner_texts()


async def choose(checkout, name):
    await checkout.frame.get_by_role("radio", name=name).check()


async def type_in(checkout, **fields):
    for name, value in fields.items():
        await checkout.field(name).fill(value)


async def last_change(checkout, holds="true"):
    """The last change event, once `holds` of it (as script, of `change`). A function is made of it at once: later the
    page's policy would forbid that."""
    return await checkout.page.evaluate(
        """(script) => {
          const holds = Function("change", `return ${script}`);
          const end = Date.now() + 15000;
          return new Promise((resolve, reject) => (function look() {
            const change = events.filter((event) => event.name === "change").at(-1);
            if (change && holds(change)) resolve(change);
            else if (Date.now() > end) reject(new Error(`not among ${JSON.stringify(events)}`));
            else setTimeout(look, 10);
          })());
        }""",
        holds,
    )


async def returned(checkout):
    """The query that the shop's return page was opened with."""
    await checkout.page.wait_for_url("**/return?**")
    return {name: values[0] for name, values in parse_qs(urlsplit(checkout.page.url).query).items()}


async def test_an_intent_in_dollars_offers_a_card_first_and_then_a_bank_account(checkout):
    await checkout.open()
    assert await offered(checkout) == ["Card", "US bank account"]
    assert await checkout.frame.get_by_role("radio", name="Card").is_checked()
    assert await checkout.field("number").is_visible()


async def test_what_an_intent_does_not_allow_is_not_offered(checkout):
    await checkout.open(intent={"excluded_payment_method_types": ["us_bank_account"]})
    assert len(await offered(checkout)) == 1


async def test_an_intent_without_cards_opens_what_it_has(checkout):
    await checkout.open(intent={"allowed_payment_method_types": ["us_bank_account"]})
    assert await checkout.field("routingNumber").is_visible()
    assert await checkout.frame.locator('[data-value="card"]').count() == 0


async def test_an_intent_that_allows_nothing_known_fails_to_load(checkout):
    await checkout.open(ready=False, intent={"allowed_payment_method_types": ["link"]})
    await checkout.page.locator("form.failed").wait_for()
    assert "allows no payment method" in (await checkout.event("loaderror"))["error"]["message"]


async def test_the_page_may_want_another_order(checkout):
    await checkout.open(intent=EUROS, payment={"paymentMethodOrder": ["sepa_debit", "ideal"]})
    assert await offered(checkout) == ["SEPA Debit", "iDEAL", "Card", "Bancontact"]
    assert await checkout.field("iban").is_visible()
    assert (await last_change(checkout))["value"] == {"type": "sepa_debit"}


async def test_ideal_is_paid_at_its_own_page_by_keyboard_alone(checkout):
    await checkout.open(intent=EUROS)
    press = checkout.page.keyboard.press
    for key in ("Tab", "ArrowDown", "ArrowDown", "Tab"):
        await press(key)
    await expect(checkout.frame.get_by_role("textbox", name="Full name")).to_be_focused()
    await checkout.page.keyboard.type("Jenny Rosen")
    await press("Enter")
    await checkout.page.get_by_role("heading", name="Test payment page").wait_for()
    await press("Tab")
    await press("Enter")
    assert await returned(checkout) == {
        "order": "7",
        "payment_intent": checkout.intent.id,
        "payment_intent_client_secret": checkout.intent.client_secret,
        "redirect_status": "succeeded",
    }
    assert (await checkout.retrieve()).status == "succeeded"


async def test_a_bank_account_is_debited_later(checkout):
    await checkout.open()
    await choose(checkout, "US bank account")
    await type_in(checkout, **PERSON, routingNumber="110000000", accountNumber="000123456789")
    await checkout.press_pay()
    assert (await returned(checkout))["redirect_status"] == "pending"
    await checkout.page.request.post(f"{checkout.sandbox}/_sandbox/settle")
    intent = await checkout.retrieve()
    method = await checkout.stripe.v1.payment_methods.retrieve_async(str(intent.payment_method))
    assert (intent.status, method.billing_details.email) == ("succeeded", "jenny@example.com")


async def test_a_sepa_debit_is_processing_until_it_is_settled(checkout):
    await checkout.open(intent=EUROS, confirm={"redirect": "if_required"})
    await choose(checkout, "SEPA Debit")
    await type_in(checkout, **PERSON)
    await checkout.field("iban").press_sequentially("de89370400440532013000")
    assert await checkout.field("iban").input_value() == "DE89 3704 0044 0532 0130 00"
    await checkout.press_pay()
    assert (await checkout.answer())["paymentIntent"]["status"] == "processing"


async def test_who_fails_at_the_redirect_page_comes_back_and_pays_by_card(checkout):
    await checkout.open(intent=EUROS)
    await choose(checkout, "Bancontact")
    await type_in(checkout, name="Jenny Rosen")
    await checkout.press_pay()
    await checkout.page.get_by_role("button", name="Fail Test Payment").click()
    assert (await returned(checkout))["redirect_status"] == "failed"
    assert (await checkout.retrieve()).status == "requires_payment_method"
    await checkout.page.go_back()
    await checkout.page.go_back()
    await checkout.page.locator("form.ready").wait_for()
    await choose(checkout, "Card")
    await checkout.pay()
    assert (await returned(checkout))["redirect_status"] == "succeeded"


async def test_a_form_that_is_not_complete_says_so_in_its_fields_and_asks_nobody(checkout):
    await checkout.open(intent=EUROS)
    await choose(checkout, "SEPA Debit")
    await type_in(checkout, name="Jenny", email="jenny@example.com", iban="DE00 3704 0044 0532 0130 00")
    checkout.api_calls.clear()
    await checkout.press_pay()
    assert (await checkout.answer())["error"]["code"] == "invalid_iban"
    await expect(checkout.field("iban")).to_be_focused()
    await expect(checkout.field("iban")).to_have_accessible_description("The IBAN you entered is invalid.")
    assert checkout.api_calls == []


@pytest.mark.parametrize(
    ("field", "typed", "code"),
    [
        ("name", " ", "incomplete_name"),
        ("email", "jenny", "invalid_email"),
        ("routingNumber", "1100", "incomplete_routing_number"),
        ("routingNumber", "123456789", "invalid_routing_number"),
        ("accountNumber", "123", "incomplete_account_number"),
        ("accountNumber", "12345678", "invalid_account_number"),
    ],
)
async def test_a_field_of_a_bank_account_can_be_wrong(checkout, field, typed, code):
    await checkout.open()
    await choose(checkout, "US bank account")
    complete = {**PERSON, "routingNumber": "110000000", "accountNumber": "000123456789"}
    await type_in(checkout, **{**complete, field: typed})
    await checkout.press_pay()
    assert (await checkout.answer())["error"]["code"] == code
    await expect(checkout.frame.locator(f"#Field-{field}Error")).to_be_visible()


async def test_changes_tell_which_way_of_paying_and_whether_it_is_complete(checkout):
    await checkout.open()
    await choose(checkout, "US bank account")
    chosen = await last_change(checkout, "change.value.type === 'us_bank_account'")
    await type_in(checkout, **PERSON, routingNumber="110000000", accountNumber="000123456789")
    done = await last_change(checkout, "change.complete")
    assert (chosen["empty"], chosen["complete"], chosen["collapsed"]) == (True, False, False)
    assert done["value"] == {"type": "us_bank_account", "billingDetails": PERSON}


async def test_a_way_that_asks_nothing_is_complete_when_it_is_chosen(checkout):
    await checkout.open(intent={"allowed_payment_method_types": ["card", "affirm"]})
    await choose(checkout, "Affirm")
    assert (await last_change(checkout))["complete"] is True
    await checkout.press_pay()
    await checkout.page.get_by_role("heading", name="Test payment page").wait_for()


async def test_a_long_list_shows_its_beginning_and_then_all(checkout):
    await checkout.open(intent={"allowed_payment_method_types": LATER})
    assert len(await offered(checkout)) == 5
    await checkout.frame.get_by_role("button", name="More ways to pay").press("Enter")
    assert len(await offered(checkout)) == 7
    await expect(checkout.frame.get_by_role("radio", name="Cash App Pay")).to_be_focused()


async def test_tabs_are_walked_with_arrow_keys(checkout):
    await checkout.open(intent=EUROS, payment={"layout": "tabs"})
    await checkout.frame.get_by_role("tab", name="Card").focus()
    chosen = []
    for key in ("ArrowRight", "End", "ArrowRight", "ArrowLeft"):
        await checkout.page.keyboard.press(key)
        chosen.append(await checkout.frame.get_by_role("tab", selected=True).inner_text())
    assert chosen == ["Bancontact", "SEPA Debit", "Card", "SEPA Debit"]
    await expect(checkout.frame.get_by_role("tabpanel", name="SEPA Debit")).to_be_visible()


async def test_what_was_typed_stays_from_one_way_to_another(checkout):
    await checkout.open(intent=EUROS)
    await choose(checkout, "Bancontact")
    await type_in(checkout, name="Jenny Rosen")
    await choose(checkout, "SEPA Debit")
    assert await checkout.field("name").input_value() == "Jenny Rosen"


async def test_default_values_fill_name_and_email(checkout):
    await checkout.open(payment={"defaultValues": {"billingDetails": PERSON}})
    await choose(checkout, "US bank account")
    assert [await checkout.field(name).input_value() for name in PERSON] == list(PERSON.values())


async def test_a_name_and_email_that_the_page_collects_are_not_asked_for(checkout):
    given = {"payment_method_data": {"billing_details": PERSON}}
    never = {"billingDetails": {"name": "never", "email": "never"}}
    await checkout.open(
        payment={"fields": never}, confirm={"redirect": "if_required", "confirmParams": given}
    )
    await choose(checkout, "US bank account")
    assert not await checkout.field("email").is_visible()
    await type_in(checkout, routingNumber="110000000", accountNumber="000123456789")
    await checkout.press_pay()
    assert (await checkout.answer())["paymentIntent"]["status"] == "processing"


async def test_typing_a_card_goes_on_while_the_other_ways_arrive(checkout):
    async def later(route):
        await checkout.field("number").press_sequentially("4242")
        await route.continue_()

    await checkout.page.route(re.compile(r"/v1/payment_intents/pi_"), later)
    await checkout.open(intent=EUROS)
    await expect(checkout.field("number")).to_be_focused()
    await checkout.page.keyboard.type("4242")
    assert await checkout.field("number").input_value() == "4242 4242"
    assert len(await offered(checkout)) == 4


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"currency": "usd"}, ["Card", "US bank account"]),
        ({"currency": "eur"}, ["Card", "Bancontact", "iDEAL", "SEPA Debit"]),
        ({"currency": "eur", "excludedPaymentMethodTypes": ["ideal"]}, ["Card", "Bancontact", "SEPA Debit"]),
        ({"currency": "usd", "allowedPaymentMethodTypes": ["klarna", "card", "ideal"]}, ["Card", "Klarna"]),
        ({"currency": "eur", "setupFutureUsage": "off_session"}, ["Card", "SEPA Debit"]),
    ],
)
async def test_before_there_is_an_intent_the_options_say_what_is_offered(checkout, options, names):
    await checkout.open(elements={"clientSecret": None, "mode": "payment", "amount": 1999, **options})
    assert await offered(checkout) == names


async def test_another_currency_brings_other_ways_of_paying(checkout):
    deferred = {"clientSecret": None, "mode": "payment", "amount": 1999, "currency": "usd"}
    await checkout.open(elements=deferred)
    await choose(checkout, "US bank account")
    await checkout.page.evaluate("elements.update({ currency: 'eur' })")
    await checkout.frame.get_by_role("radio", name="iDEAL").wait_for()
    assert await checkout.frame.get_by_role("radio", name="US bank account").count() == 0
    assert await checkout.field("number").is_visible()


async def test_an_intent_that_has_changed_is_read_again(checkout):
    await checkout.open()
    update = {"currency": "eur"}
    await checkout.stripe.v1.payment_intents.update_async(checkout.intent.id, update)
    assert await checkout.page.evaluate("elements.fetchUpdates()") == {}
    await checkout.frame.get_by_role("radio", name="SEPA Debit").wait_for()
