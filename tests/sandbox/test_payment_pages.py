"""Checkout Sessions as the shopper's browser has them: the private routes, by HTTP."""

import pytest
import pytest_asyncio

from .test_checkout_sessions import BOOK, ELEMENTS

CARD = {"payment_method": "pm_card_visa"}


class Page:
    """A session of Elements, and what a browser may do with it."""

    def __init__(self, session, stripe_client, http):
        self.session, self.stripe, self.http = session, stripe_client.v1, http
        self.known = {"key": "pk_test_sandbox", "client_secret": session.client_secret}
        self.path = f"/v1/payment_pages/{session.id}"

    async def read(self):
        return (await self.http.get(self.path, params=self.known)).json()

    async def change(self, **fields):
        return (await self.http.post(self.path, data={**self.known, **fields})).json()

    async def confirm(self, **fields):
        return await self.http.post(f"{self.path}/confirm", data={**self.known, **fields})

    async def retrieve(self, *expand):
        return await self.stripe.checkout.sessions.retrieve_async(self.session.id, {"expand": list(expand)})

    async def events(self):
        return [event.type for event in reversed((await self.stripe.events.list_async()).data)]


@pytest_asyncio.fixture
async def open_page(stripe_client, sandbox):
    import httpx

    async with httpx.AsyncClient(base_url=sandbox.url) as browser:

        async def open(**params):
            session = await stripe_client.v1.checkout.sessions.create_async({**ELEMENTS, **params})
            return Page(session, stripe_client, browser)

        yield open


async def test_the_page_shows_what_is_sold_and_nothing_of_the_shops(open_page):
    page = await (await open_page(metadata={"secret": "margin"})).read()
    assert (page["object"], page["amount_total"], page["status"]) == ("payment_page", 2000, "open")
    assert [(line["name"], line["unit_amount"]) for line in page["line_items"]] == [("A book", 2000)]
    assert "margin" not in str(page)


async def test_only_the_sessions_secret_opens_it(open_page):
    page, other = await open_page(), await open_page()
    page.known["client_secret"] = other.session.client_secret
    assert (await page.read())["error"]["code"] == "resource_missing"


async def test_confirming_pays_and_completes(open_page):
    page = await open_page(metadata={"order": "o_1"}, payment_intent_data={"metadata": {"order": "o_1"}})
    answer = (await page.confirm(**CARD, email="ada@example.com", expected_amount=2000)).json()
    assert (answer["status"], answer["payment_intent"]["status"]) == ("complete", "succeeded")
    session = await page.retrieve("payment_intent")
    assert (session.status, session.payment_status, session.customer_details.email) == (
        "complete",
        "paid",
        "ada@example.com",
    )
    assert (session.payment_intent.amount_received, session.payment_intent.metadata["order"]) == (2000, "o_1")
    assert (await page.events())[:4] == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]


PERSON = {
    "payment_method_data[type]": "card",
    "payment_method_data[card][token]": "tok_visa",
    "payment_method_data[billing_details][name]": "Ada L",
}


@pytest.mark.parametrize("usage", [{}, {"payment_intent_data": {"setup_future_usage": "off_session"}}])
async def test_a_session_makes_a_customer_where_the_shop_says_so(open_page, stripe_client, usage):
    page = await open_page(customer_creation="always", **usage)
    assert page.session.customer is None
    await page.confirm(**PERSON, email="ada@example.com")
    session = await page.retrieve("customer", "payment_intent")
    assert (session.customer.email, session.customer.name) == ("ada@example.com", "Ada L")
    assert session.payment_intent.customer == session.customer.id
    kept = await stripe_client.v1.customers.payment_methods.list_async(session.customer.id)
    assert len(kept.data) == len(usage)
    assert "customer.created" in await page.events()


async def test_without_being_told_a_session_makes_none(open_page, stripe_client):
    page = await open_page()
    await page.confirm(**PERSON, email="ada@example.com")
    session = await page.retrieve()
    assert (session.customer, session.customer_creation) == (None, "if_required")
    assert (await stripe_client.v1.customers.list_async()).data == []


async def test_a_decline_makes_one_customer_for_the_session(open_page, stripe_client):
    page = await open_page(customer_creation="always")
    declined = await page.confirm(payment_method="pm_card_chargeDeclined", email="ada@example.com")
    assert declined.status_code == 402
    await page.confirm(**CARD)
    [customer] = (await stripe_client.v1.customers.list_async()).data
    assert (await page.retrieve()).customer == customer.id


async def test_completing_twice_is_refused(open_page):
    page = await open_page()
    await page.confirm(**CARD)
    again = await page.confirm(**CARD)
    assert (again.status_code, (await page.events()).count("charge.succeeded")) == (400, 1)


async def test_a_decline_leaves_it_open_for_another_card_on_the_same_intent(open_page):
    page = await open_page()
    declined = await page.confirm(payment_method="pm_card_visa_chargeDeclinedInsufficientFunds")
    assert (declined.status_code, declined.json()["error"]["decline_code"]) == (402, "insufficient_funds")
    first = await page.read()
    assert (first["status"], first["last_payment_error"]["code"]) == ("open", "card_declined")
    paid = (await page.confirm(**CARD)).json()
    assert (paid["status"], paid["payment_intent"]["id"]) == ("complete", first["payment_intent"]["id"])


async def test_a_challenge_completes_the_session_when_it_is_passed(open_page):
    page = await open_page()
    asked = (
        await page.confirm(payment_method="pm_card_authenticationRequired", use_stripe_sdk="true")
    ).json()
    intent = asked["payment_intent"]
    assert (asked["status"], intent["status"]) == ("open", "requires_action")
    fields = {"key": "pk_test_sandbox", "client_secret": intent["client_secret"], "outcome": "complete"}
    fields["source"] = intent["next_action"]["use_stripe_sdk"]["source"]
    await page.http.post("/v1/3ds2/authenticate", data=fields)
    assert (await page.retrieve()).payment_status == "paid"


async def test_expiring_a_session_cancels_what_waits_for_the_shoppers_bank(open_page, stripe_client):
    page = await open_page()
    await page.confirm(payment_method="pm_card_authenticationRequired", use_stripe_sdk="true")
    id = (await page.retrieve()).id
    expired = await stripe_client.v1.checkout.sessions.expire_async(id, {"expand": ["payment_intent"]})
    assert (expired.status, expired.payment_intent.status) == ("expired", "canceled")


@pytest.mark.parametrize(("account", "ends"), [("success", "succeeded"), ("debitNotAuthorized", "failed")])
async def test_a_delayed_method_completes_first_and_pays_later(open_page, http, account, ends):
    page = await open_page()
    answer = (await page.confirm(payment_method=f"pm_usBankAccount_{account}")).json()
    assert (answer["status"], answer["payment_status"]) == ("complete", "unpaid")
    await http.post("/_sandbox/settle")
    assert (await page.events())[-1] == f"checkout.session.async_payment_{ends}"
    assert (await page.retrieve()).payment_status == {"succeeded": "paid", "failed": "unpaid"}[ends]


async def test_quantities_change_within_their_bounds(open_page):
    bounds = {"enabled": True, "minimum": 1, "maximum": 3}
    page = await open_page(line_items=[{**BOOK, "adjustable_quantity": bounds}])
    line = (await page.read())["line_items"][0]["id"]
    changed = await page.change(**{"line_items[0][id]": line, "line_items[0][quantity]": 3})
    assert changed["amount_total"] == 6000
    refused = await page.change(**{"line_items[0][id]": line, "line_items[0][quantity]": 4})
    assert refused["error"]["param"] == "line_items"
    assert (await page.confirm(**CARD, expected_amount=2000)).json()["error"][
        "code"
    ] == "checkout_amount_mismatch"


async def test_an_email_is_checked_and_one_from_the_shop_stays(open_page):
    page = await open_page()
    assert (await page.change(email="ada"))["error"]["code"] == "email_invalid"
    assert (await page.change(email="ada@example.com"))["email"] == "ada@example.com"
    fixed = await open_page(customer_email="bob@example.com")
    assert (await fixed.change(email="ada@example.com"))["error"]["param"] == "email"


async def test_a_shopper_abroad_may_pay_in_their_own_currency(open_page):
    page = await open_page(customer_email="test+location_FR@example.com", adaptive_pricing={"enabled": True})
    options = (await page.read())["currency_options"]
    assert [(option["currency"], option["amount_total"]) for option in options] == [
        ("usd", 2000),
        ("eur", 1760),
    ]
    assert (await page.change(currency="eur"))["amount_total"] == 1760
    await page.confirm(**CARD, expected_amount=1760)
    session = await page.retrieve("payment_intent")
    assert (session.amount_total, session.currency) == (2000, "usd")
    for paid in (session, session.payment_intent):
        assert paid.presentment_details.to_dict() == {
            "presentment_amount": 1760,
            "presentment_currency": "eur",
        }


async def test_stripes_cli_confirms_with_a_secret_key(open_page, http):
    page = await open_page()
    answer = await http.post(f"{page.path}/confirm", data={**CARD, "expected_amount": 2000})
    assert answer.json()["payment_status"] == "paid"
