"""Checkout Sessions as the shop's server has them."""

import time

import pytest
import stripe

BOOK = {
    "price_data": {"currency": "usd", "unit_amount": 2000, "product_data": {"name": "A book"}},
    "quantity": 1,
}
HOSTED = {
    "mode": "payment",
    "success_url": "http://shop.test/done?s={CHECKOUT_SESSION_ID}",
    "line_items": [BOOK],
}
ELEMENTS = {
    "mode": "payment",
    "ui_mode": "elements",
    "return_url": "http://shop.test/back",
    "line_items": [BOOK],
}


@pytest.fixture
def sessions(stripe_client):
    return stripe_client.v1.checkout.sessions


async def test_a_new_hosted_session_has_the_values_that_stripes_have(sessions):
    session = await sessions.create_async(HOSTED)
    assert session.id.startswith("cs_test_a1")
    assert (session.status, session.payment_status, session.ui_mode) == ("open", "unpaid", "hosted_page")
    assert (session.amount_subtotal, session.amount_total, session.currency) == (2000, 2000, "usd")
    assert (session.payment_intent, session.client_secret, session.customer_details) == (None, None, None)
    assert session.expires_at - session.created == 86400
    assert "card" in session.payment_method_types
    assert f"/c/pay/{session.id}#" in session.url
    assert session.collected_information.to_dict().keys() == {
        "business_name",
        "individual_name",
        "shipping_details",
    }


async def test_an_elements_session_has_a_client_secret_and_no_url(sessions):
    session = await sessions.create_async({**ELEMENTS, "customer_email": "ada@example.com"})
    assert session.client_secret.startswith(f"{session.id}_secret_")
    assert (session.url, session.customer_details.email) == (None, "ada@example.com")


async def test_line_items_are_listed_and_expanded(sessions):
    session = await sessions.create_async({**HOSTED, "line_items": [BOOK, {**BOOK, "quantity": 3}]})
    assert session.amount_total == 8000
    listed = await sessions.line_items.list_async(session.id, {"limit": 1})
    assert (listed.has_more, listed.data[0].amount_total, listed.data[0].description) == (
        True,
        2000,
        "A book",
    )
    read = await sessions.retrieve_async(session.id, {"expand": ["line_items"]})
    assert [(item.quantity, item.price.unit_amount) for item in read.line_items.data] == [
        (1, 2000),
        (3, 2000),
    ]


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"line_items": []}, "line_items"),
        ({"line_items": [{"price": "price_none", "quantity": 1}]}, "line_items[0][price]"),
        ({"line_items": [{"price_data": BOOK["price_data"]}]}, "line_items[0][quantity]"),
        ({"success_url": "done.html"}, "success_url"),
        ({"ui_mode": "elements"}, "success_url"),
        ({"expires_at": int(time.time()) + 60}, "expires_at"),
        ({"mode": "subscription"}, "mode"),
        ({"customer": "cus_none"}, "customer"),
        ({"payment_method_types": ["card"]}, "payment_method_types"),
    ],
)
async def test_what_stripe_refuses_is_refused(sessions, change, param):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await sessions.create_async({**HOSTED, **change})
    assert refused.value.param == param


async def test_an_unknown_session_is_missing(sessions):
    with pytest.raises(stripe.InvalidRequestError) as missing:
        await sessions.retrieve_async("cs_test_invalid")
    assert (missing.value.http_status, missing.value.code) == (404, "resource_missing")


async def test_expiring_ends_an_open_session_once(sessions, stripe_client):
    session = await sessions.create_async(HOSTED)
    assert (await sessions.expire_async(session.id)).status == "expired"
    with pytest.raises(stripe.InvalidRequestError, match="open"):
        await sessions.expire_async(session.id)
    events = await stripe_client.v1.events.list_async({"type": "checkout.session.expired"})
    assert [event.data.object.id for event in events.data] == [session.id]


async def test_a_session_expires_by_itself_when_its_time_has_come_and_not_when_payments_settle(
    sessions, http
):
    session = await sessions.create_async(HOSTED)
    await http.post("/_sandbox/settle")
    assert (await sessions.retrieve_async(session.id)).status == "open"
    await http.post("/_sandbox/clock", json={"advance": 86401})
    assert (await sessions.retrieve_async(session.id)).status == "expired"


async def test_updating_replaces_the_line_items(sessions):
    session = await sessions.create_async({**ELEMENTS, "expand": ["line_items"]})
    first = session.line_items.data[0]
    items = [{"id": first.id, "quantity": 2}, BOOK]
    session = await sessions.update_async(session.id, {"line_items": items, "metadata": {"order": "o_1"}})
    assert (session.amount_total, session.metadata["order"]) == (6000, "o_1")


async def test_only_a_session_of_elements_takes_news_of_its_intent(sessions):
    news = {"payment_intent_data": {"description": "Two books"}}
    assert await sessions.update_async((await sessions.create_async(ELEMENTS)).id, news)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await sessions.update_async((await sessions.create_async(HOSTED)).id, news)
    assert refused.value.param == "payment_intent_data"


async def test_older_versions_name_the_ways_to_show_a_session_otherwise(client_for, sandbox):
    client = client_for(sandbox.url, stripe_version="2023-10-16")
    session = await client.v1.checkout.sessions.create_async(
        {**ELEMENTS, "ui_mode": "custom", "payment_method_types": ["card"]}
    )
    assert session.payment_method_types == ["card"]
    with pytest.raises(stripe.InvalidRequestError):
        await client.v1.checkout.sessions.create_async(ELEMENTS)


async def test_before_2022_08_a_session_had_its_intent_from_the_start(client_for, sandbox):
    client = client_for(sandbox.url, stripe_version="2020-08-27")
    session = await client.v1.checkout.sessions.create_async({**HOSTED, "expand": ["payment_intent"]})
    assert session.payment_intent.status == "requires_payment_method"
