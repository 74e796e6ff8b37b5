"""The hosted Checkout page, in a real browser and, without scripts, by its forms."""

import pytest
import pytest_asyncio
from playwright.async_api import expect
from quart import Quart

from shop.sandbox.testing import arm
from tests.browsing import axe_finds_nothing
from tests.conftest import bound_socket, serving

from .test_checkout_sessions import BOOK

VISA, NO_FUNDS, CHALLENGED = "4242424242424242", "4000000000009995", "4000002760003184"


@pytest_asyncio.fixture(scope="session")
async def shop():
    """Where a shopper comes from and goes back to: another origin."""
    app, (sock, url) = Quart(__name__), bound_socket()

    @app.get("/<path:name>")
    async def page(name):
        return f"<!doctype html><title>Shop</title><h1>{name}</h1>"

    async with serving(app, sock):
        yield url


class Hosted:
    def __init__(self, page, session, stripe_client):
        self.page, self.session, self.stripe = page, session, stripe_client.v1

    async def fill(self, number=VISA, email="ada@example.com"):
        page = self.page
        if email:
            await page.locator("#email").fill(email)
        await page.locator('[data-testid="card-accordion-item"]').click()
        card = {
            "cardNumber": number,
            "cardExpiry": "12 / 33",
            "cardCvc": "123",
            "billingName": "Ada L",
            "billingPostalCode": "10000",
        }
        for name, text in card.items():
            await page.locator(f"[name={name}]").press_sequentially(text)
        await page.locator("[name=billingCountry]").select_option(label="United States")

    async def pay(self, *card):
        await self.fill(*card)
        await self.page.get_by_role("button", name="Pay", exact=True).click()

    async def is_paid(self):
        await self.page.wait_for_url(f"**/done?s={self.session.id}")
        session = await self.stripe.checkout.sessions.retrieve_async(self.session.id)
        assert (session.status, session.payment_status) == ("complete", "paid")
        return session


@pytest_asyncio.fixture
async def open_hosted(browser, shop, sandbox, stripe_client):
    contexts, wrong = [], []

    async def open(scripts=True, context=None, **params):
        known = {
            "mode": "payment",
            "success_url": f"{shop}/done?s={{CHECKOUT_SESSION_ID}}",
            "line_items": [BOOK],
            "cancel_url": f"{shop}/canceled.html",
        }
        session = await stripe_client.v1.checkout.sessions.create_async({**known, **params})
        contexts.append(await browser.new_context(java_script_enabled=scripts, **(context or {})))
        page = await contexts[-1].new_page()
        page.set_default_timeout(30_000)
        page.on("console", lambda said: wrong.append(said.text) if "Security Policy" in said.text else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        await page.goto(session.url)
        return Hosted(page, session, stripe_client)

    yield open
    for each in contexts:
        await each.close()
    assert not wrong


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_card_pays_and_the_shopper_is_back_at_the_shop(open_hosted, scripts):
    hosted = await open_hosted(scripts)
    await hosted.pay()
    session = await hosted.is_paid()
    assert (session.customer_details.email, session.customer_details.name) == ("ada@example.com", "Ada L")
    assert session.customer_details.address.postal_code == "10000"


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_decline_is_said_on_the_page_and_nothing_typed_is_lost(open_hosted, scripts):
    hosted = await open_hosted(scripts)
    await hosted.pay(NO_FUNDS)
    await expect(hosted.page.get_by_role("alert")).to_have_text("Your card has insufficient funds.")
    await expect(hosted.page.locator("#cardNumber")).to_have_value(
        "4000 0000 0000 9995" if scripts else NO_FUNDS
    )
    await expect(hosted.page.locator("#billingName")).to_have_value("Ada L")
    await hosted.page.locator("#cardNumber").fill(VISA)
    await hosted.page.get_by_role("button", name="Pay", exact=True).click()
    await hosted.is_paid()


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_challenge_is_a_page_of_its_own(open_hosted, scripts):
    hosted = await open_hosted(scripts)
    await hosted.pay(CHALLENGED)
    await hosted.page.get_by_role("button", name="Fail authentication").click()
    await expect(hosted.page.get_by_role("alert")).to_contain_text("failed authentication")
    await expect(hosted.page.locator("#email")).to_have_value("ada@example.com")
    await hosted.page.locator("#cardNumber").clear()
    await hosted.pay(CHALLENGED)
    await hosted.page.get_by_role("button", name="Complete authentication").click()
    await hosted.is_paid()


async def test_an_incomplete_form_opens_the_card_section_and_says_what_is_missing(open_hosted):
    hosted = await open_hosted()
    number = hosted.page.locator("#cardNumber")
    await expect(number).to_be_hidden()
    await hosted.page.get_by_role("button", name="Pay", exact=True).click()
    await expect(number).to_be_visible()
    await expect(number).to_have_attribute("aria-invalid", "true")
    assert await hosted.page.locator(".Error").count() >= 5


async def test_the_page_has_what_stripes_own_specs_look_for(open_hosted, shop):
    page = (await open_hosted()).page
    await page.locator('div[data-testid="card-accordion-item"]').click()
    await page.locator('label[for="enableStripePass"]').click()
    for name in ("email", "cardNumber", "cardExpiry", "billingName", "billingCountry", "billingPostalCode"):
        await expect(page.locator(f"#{name}[name={name}]")).to_be_visible()
    await expect(page.get_by_placeholder("CVC", exact=True)).to_have_attribute("name", "cardCvc")
    assert await page.get_by_role("button", name="Pay", exact=True).count() == 1
    await page.locator('a[href$="/canceled.html"]').click()
    await page.wait_for_url(f"{shop}/canceled.html")


async def test_enter_pays(open_hosted):
    hosted = await open_hosted()
    await hosted.fill()
    await hosted.page.locator("#billingName").press("Enter")
    await hosted.is_paid()


async def test_ended_sessions_have_pages_that_say_so(open_hosted, stripe_client, http):
    hosted, expired = await open_hosted(), await open_hosted()
    await hosted.pay()
    await hosted.is_paid()
    await hosted.page.goto(hosted.session.url)
    await expect(hosted.page.get_by_role("heading", level=1)).to_have_text("Thank you, this is paid")
    await stripe_client.v1.checkout.sessions.expire_async(expired.session.id)
    await expired.page.reload()
    await expect(expired.page.get_by_role("heading", level=1)).to_have_text("This checkout has expired")
    assert (await http.get("/c/pay/cs_test_a1none")).status_code == 404


async def test_a_shopper_abroad_chooses_the_currency(open_hosted):
    hosted = await open_hosted(customer_email="test+location_FR@example.com")
    await hosted.page.get_by_role("button", name="€17.60 EUR").click()
    await expect(hosted.page.get_by_role("heading", level=1)).to_contain_text("€17.60")
    await expect(hosted.page.locator("#email")).to_have_count(0)


async def test_a_quantity_changes_the_total(open_hosted):
    hosted = await open_hosted(line_items=[{**BOOK, "adjustable_quantity": {"enabled": True, "maximum": 5}}])
    await hosted.page.get_by_label("Quantity").fill("3")
    await hosted.page.keyboard.press("Tab")
    await expect(hosted.page.get_by_role("heading", level=1)).to_contain_text("$60.00")


@pytest.mark.parametrize("card", [VISA, CHALLENGED])
async def test_a_session_in_setup_mode_saves_a_card_to_the_customer(open_hosted, stripe_client, card):
    customer = await stripe_client.v1.customers.create_async({"email": "ada@example.com"})
    hosted = await open_hosted(mode="setup", line_items=None, customer=customer.id)
    assert (hosted.session.setup_intent[:5], hosted.session.payment_status) == (
        "seti_",
        "no_payment_required",
    )
    await hosted.fill(card, email=None)
    await hosted.page.get_by_role("button", name="Save card").click()
    if card == CHALLENGED:
        await hosted.page.get_by_role("button", name="Complete authentication").click()
    await hosted.page.wait_for_url("**/done?**")
    saved = await stripe_client.v1.customers.payment_methods.list_async(customer.id)
    assert [method.card.last4 for method in saved.data] == [card[-4:]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing(open_hosted, scheme):
    hosted = await open_hosted(context={"color_scheme": scheme})
    await axe_finds_nothing(hosted.page)
    await hosted.page.get_by_role("button", name="Pay", exact=True).click()
    await expect(hosted.page.get_by_role("alert")).to_be_visible()
    await axe_finds_nothing(hosted.page)


async def test_the_page_fits_a_small_phone(open_hosted):
    page = (await open_hosted(context={"viewport": {"width": 320, "height": 640}})).page
    await page.locator('[data-testid="card-accordion-item"]').click()
    assert await page.evaluate("document.documentElement.scrollWidth") == 320


async def test_no_other_page_may_frame_it_and_its_policy_is_strict(open_hosted, http):
    hosted = await open_hosted()
    headers = (await http.get(f"/c/pay/{hosted.session.id}")).headers
    assert (headers["X-Frame-Options"], headers["Cache-Control"]) == ("DENY", "no-store")
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in headers["Content-Security-Policy"]


async def test_what_the_page_does_is_in_the_journal_without_the_card(open_hosted, http):
    hosted = await open_hosted(scripts=False)
    await hosted.pay()
    await hosted.is_paid()
    confirm = next(
        call
        for call in (await http.get("/_sandbox/requests")).json()["data"]
        if call["path"] == f"/v1/payment_pages/{hosted.session.id}/confirm"
    )
    assert (confirm["key"], confirm["status"], len(confirm["idempotency_key"])) == ("publishable", 200, 24)
    assert "4242424242424242" not in str(confirm["params"])
    events = (await hosted.stripe.events.list_async({"type": "payment_intent.succeeded"})).data
    assert events[0].request.idempotency_key == confirm["idempotency_key"]


@pytest.mark.parametrize("recipe", ["dropped_before", "dropped_after", "error_500", "lock_timeout"])
async def test_a_payment_that_fails_on_the_way_can_be_sent_again(open_hosted, sandbox, recipe):
    hosted = await open_hosted(scripts=False)
    await hosted.fill()
    key = await hosted.page.locator("[name=key]").input_value()
    await arm(sandbox.url, recipe)
    pay = hosted.page.get_by_role("button", name="Pay", exact=True)
    await pay.click()
    await expect(hosted.page.get_by_role("alert")).to_be_visible()
    assert await hosted.page.locator("[name=key]").input_value() == key
    await pay.click()
    session = await hosted.is_paid()
    charges = await hosted.stripe.charges.list_async({"payment_intent": session.payment_intent})
    assert len(charges.data) == 1


async def test_a_card_is_saved_where_its_box_is_ticked_and_pays_again_without_scripts(
    stripe_client, open_hosted
):
    customer = await stripe_client.v1.customers.create_async({"email": "ada@example.com"})
    params = {"customer": customer.id, "saved_payment_method_options": {"payment_method_save": "enabled"}}
    first = await open_hosted(**params)
    await first.fill(email=None)  # it is the customer's
    await first.page.get_by_label("Save this card").check()
    await first.page.get_by_role("button", name="Pay", exact=True).click()
    await first.is_paid()
    again = await open_hosted(scripts=False, **params)
    assert await again.page.get_by_label("Visa ending in 4242").is_checked()
    await again.page.get_by_role("button", name="Pay", exact=True).click()
    intent = await stripe_client.v1.payment_intents.retrieve_async((await again.is_paid()).payment_intent)
    [kept] = (await stripe_client.v1.customers.payment_methods.list_async(customer.id)).data
    assert intent.payment_method == kept.id


async def test_a_session_without_that_option_saves_nothing_and_shows_what_there_is(
    stripe_client, open_hosted
):
    customer = await stripe_client.v1.customers.create_async({"payment_method": "pm_card_visa"})
    [card] = (await stripe_client.v1.customers.payment_methods.list_async(customer.id)).data
    await stripe_client.v1.payment_methods.update_async(card.id, {"allow_redisplay": "always"})
    hosted = await open_hosted(customer=customer.id)
    await expect(hosted.page.get_by_label("Visa ending in 4242")).to_be_visible()
    await hosted.page.get_by_label("New card").check()
    assert await hosted.page.get_by_label("Save this card").count() == 0
    await axe_finds_nothing(hosted.page)
