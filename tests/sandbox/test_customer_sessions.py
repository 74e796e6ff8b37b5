"""What a browser may do with a customer's saved cards; and the keys that mobile apps ask for."""

import pytest
import pytest_asyncio
import stripe

from .conftest import BOOK

CARDS = "/v1/customer_sessions/payment_methods"
CARD = {
    "type": "card",
    "card": {"number": "4242424242424242", "exp_month": 12, "exp_year": 2040, "cvc": "123"},
    "allow_redisplay": "always",
}
ALL = {"payment_method_redisplay": "enabled", "payment_method_save": "enabled"}


@pytest_asyncio.fixture
async def customer(stripe_client):
    return (await stripe_client.v1.customers.create_async({"email": "ada@example.com"})).id


@pytest_asyncio.fixture
async def save(stripe_client, customer):
    async def attach(**said):
        method = await stripe_client.v1.payment_methods.create_async({**CARD, **said})
        return (await stripe_client.v1.payment_methods.attach_async(method.id, {"customer": customer})).id

    return attach


@pytest_asyncio.fixture
async def open_session(stripe_client, customer):
    async def create(**features):
        components = {"payment_element": {"enabled": True, "features": features}}
        params = {"customer": customer, "components": components}
        return await stripe_client.v1.customer_sessions.create_async(params)

    return create


@pytest_asyncio.fixture
async def browse(sandbox, http):
    """Calls a route as a page does: with the publishable key and a customer session's secret."""

    async def call(method, path, session):
        fields = {"key": "pk_test_sandbox", "client_secret": session.client_secret}
        where = {"params": fields} if method == "GET" else {"data": fields}
        return await http.request(method, path, **where, auth=lambda request: request)

    return call


async def test_a_session_says_what_is_allowed_and_lasts_half_an_hour(open_session):
    session = await open_session(**ALL)
    features = session.components.payment_element.features
    assert (features.payment_method_save, features.payment_method_remove) == ("enabled", "disabled")
    assert (session.client_secret[:12], session.expires_at - session.created) == ("cuss_secret_", 1800)
    assert session.components.pricing_table.enabled is False
    assert "id" not in session.to_dict()


async def test_a_browser_sees_the_cards_that_may_be_shown_again(open_session, browse, save):
    shown = await save()
    await save(allow_redisplay="limited")
    session = await open_session(**ALL)
    listed = (await browse("GET", CARDS, session)).json()
    assert [method["id"] for method in listed["data"]] == [shown]
    told = (await browse("GET", "/v1/customer_sessions/current", session)).json()
    assert told["components"]["payment_element"]["features"]["payment_method_save"] == "enabled"


async def test_filters_and_the_limit_say_which_cards(open_session, browse, save):
    limited = await save(allow_redisplay="limited")
    for _ in range(3):
        await save()
    filters = {"payment_method_allow_redisplay_filters": ["limited"]}
    assert [
        method["id"]
        for method in (await browse("GET", CARDS, await open_session(**ALL, **filters))).json()["data"]
    ] == [limited]
    two = await open_session(**ALL, payment_method_redisplay_limit=2)
    assert len((await browse("GET", CARDS, two)).json()["data"]) == 2


async def test_nothing_is_shown_where_the_session_does_not_say_so(open_session, browse, save):
    await save()
    assert (await browse("GET", CARDS, await open_session())).json()["data"] == []


async def test_a_browser_pays_with_a_saved_card(stripe_client, sandbox, client_for, customer, save):
    intent = await stripe_client.v1.payment_intents.create_async({**BOOK, "customer": customer})
    browser = client_for(sandbox.url, key="pk_test_sandbox")
    confirm = {"client_secret": intent.client_secret, "payment_method": await save()}
    paid = await browser.v1.payment_intents.confirm_async(intent.id, confirm)
    assert paid.status == "succeeded"


async def test_a_browser_saves_the_card_it_pays_with(
    stripe_client, sandbox, client_for, customer, browse, open_session
):
    intent = await stripe_client.v1.payment_intents.create_async({**BOOK, "customer": customer})
    browser = client_for(sandbox.url, key="pk_test_sandbox")
    confirm = {"client_secret": intent.client_secret, "payment_method_data": CARD}
    await browser.v1.payment_intents.confirm_async(
        intent.id, {**confirm, "setup_future_usage": "off_session"}
    )
    [kept] = (await browse("GET", CARDS, await open_session(**ALL))).json()["data"]
    assert kept["card"]["last4"] == "4242"


async def test_a_browser_removes_a_card_only_where_the_session_lets_it(open_session, browse, save):
    remove = f"{CARDS}/{await save()}/detach"
    assert (await browse("POST", remove, await open_session(**ALL))).status_code == 403
    session = await open_session(**ALL, payment_method_remove="enabled")
    assert (await browse("POST", remove, session)).json()["customer"] is None
    assert (await browse("GET", CARDS, session)).json()["data"] == []


async def test_a_wrong_secret_and_another_customers_card_look_like_nothing(
    open_session, browse, stripe_client
):
    session = await open_session(**ALL, payment_method_remove="enabled")
    other = await stripe_client.v1.customers.create_async({"payment_method": "pm_card_visa"})
    [theirs] = (await stripe_client.v1.customers.payment_methods.list_async(other.id)).data
    assert (await browse("POST", f"{CARDS}/{theirs.id}/detach", session)).status_code == 404
    session.client_secret = "cuss_secret_wrong"
    assert (await browse("GET", CARDS, session)).status_code == 404


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({"components": {"buy_button": {"enabled": True}}}, "customer"),
        ({"components": {"buy_button": {"enabled": False}}, "customer": "known"}, "components"),
        ({"components": {"buy_button": {"enabled": True}}, "customer": "cus_nobody"}, "customer"),
    ],
)
async def test_a_session_needs_a_customer_and_a_component(stripe_client, customer, params, param):
    known = {"customer": customer} if params.get("customer") == "known" else {}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await stripe_client.v1.customer_sessions.create_async({**params, **known})
    assert refused.value.param == param


async def test_an_ephemeral_key_is_for_one_version_and_can_be_taken_back(stripe_client, http, customer):
    refused = await http.post("/v1/ephemeral_keys", data={"customer": customer})
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "parameter_missing")
    versioned = {"stripe_version": "2026-10-28.endive"}
    key = await stripe_client.v1.ephemeral_keys.create_async({"customer": customer}, versioned)
    assert (key.secret[:8], key.expires - key.created) == ("ek_test_", 3600)
    await stripe_client.v1.ephemeral_keys.delete_async(key.id)
    with pytest.raises(stripe.InvalidRequestError, match="No such ephemeral_key"):
        await stripe_client.v1.ephemeral_keys.delete_async(key.id)
