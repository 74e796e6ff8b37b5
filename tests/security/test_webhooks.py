"""Attacks on the webhook: what Stripe did not sign, or signed for somebody else, changes nothing."""

import json
import time

import httpx
import pytest_asyncio
from sqlalchemy import func, select

from shop.models import Order, StripeEvent
from tests.conftest import NewShopper, ShopUnderTest
from tests.shopper import Shopper, text
from tests.test_webhooks import deliver, event, signed

DATABASE = "sqlite"
DREAM = "the-dream-machine"


async def post(shopper: Shopper, body: bytes, *signatures: str) -> httpx.Response:
    headers = [("Stripe-Signature", signature) for signature in signatures]
    return await shopper.http.post("/webhooks/stripe", content=body, headers=headers)


@pytest_asyncio.fixture
async def unpaid(shopper: Shopper) -> bytes:
    """A false "it is paid" for an order that is not."""
    await shopper.check_out(DREAM)
    intent = await shopper.intent()
    paid = {"id": intent.id, "object": "payment_intent", "status": "succeeded", "amount_received": 3500}
    return event("payment_intent.succeeded", {**paid, "metadata": intent.metadata.to_dict()}, "evt_false")


async def test_an_unsigned_webhook_gets_400(shopper: Shopper, unpaid: bytes) -> None:
    assert (await post(shopper, unpaid)).status_code == 400
    assert "This order is not paid yet" in text(await shopper.look())


async def test_a_body_that_was_altered_by_one_byte_gets_400(shopper: Shopper, unpaid: bytes) -> None:
    signature = signed(unpaid, "whsec_sandbox", time.time())
    for altered in (unpaid + b" ", unpaid.replace(b"evt_false", b"evt_other"), unpaid[:-1]):
        assert (await post(shopper, altered, signature)).status_code == 400


async def test_the_signature_of_another_secret_gets_400(shopper: Shopper, unpaid: bytes) -> None:
    for secret in ("whsec_of_somebody", "whsec_", "WHSEC_SANDBOX", "whsec_sandbox ", "sk_test_sandbox"):
        assert (await deliver(shopper, unpaid, secret)).status_code == 400


async def test_a_webhook_that_is_played_again_after_five_minutes_gets_400(
    shopper: Shopper, unpaid: bytes
) -> None:
    assert (await deliver(shopper, unpaid, at=time.time() - 302)).status_code == 400
    old, now = signed(unpaid, "whsec_sandbox", time.time() - 302), int(time.time())
    newer_stamp = old.replace(old.split(",")[0], f"t={now}")
    assert (await post(shopper, unpaid, newer_stamp)).status_code == 400


async def test_a_webhook_that_is_played_again_at_once_is_taken_and_has_no_second_effect(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await shopper.check_out(DREAM)
    intent = await shopper.intent()
    await shopper.pay()
    body = event("payment_intent.succeeded", {"id": intent.id, "object": "payment_intent"}, "evt_again")
    before = text(await shopper.look())
    signature = signed(body, "whsec_sandbox", time.time())
    assert [(await post(shopper, body, signature)).status_code for _ in range(5)] == [204] * 5
    assert text(await shopper.look()) == before
    async with shop.db.read() as session:
        counted = select(func.count()).where(StripeEvent.id == "evt_again")
        assert await session.scalar(counted) == 1


async def test_a_signed_lie_pays_nothing_since_stripe_is_asked(shopper: Shopper, unpaid: bytes) -> None:
    assert (await deliver(shopper, unpaid)).status_code == 204
    assert "This order is not paid yet" in text(await shopper.look())


async def test_the_event_of_another_account_is_taken_and_changes_nothing(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await shopper.check_out(DREAM)
    async with shop.db.read() as session:
        order = (await session.scalars(select(Order))).one()
    theirs = {"id": "pi_of_another_account", "object": "payment_intent", "status": "succeeded"}
    theirs["metadata"] = {"order": order.public_id, "payment": "x", "revision": "1"}  # type: ignore[assignment]
    body = json.loads(event("payment_intent.succeeded", theirs)) | {"account": "acct_other"}
    assert (await deliver(shopper, json.dumps(body).encode())).status_code == 204
    assert "This order is not paid yet" in text(await shopper.look())


async def test_a_paid_intent_of_the_same_account_with_our_metadata_does_not_pay_our_order(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await shopper.check_out(DREAM)
    ours = await shopper.intent()
    cheap = await shopper.stripe.v1.payment_intents.create_async(
        {
            "amount": 50,
            "currency": "usd",
            "metadata": ours.metadata.to_dict(),
            "confirm": True,
            "payment_method": "pm_card_visa",
            "return_url": "https://example.com/",
        }
    )
    assert cheap.status == "succeeded"
    body = event("payment_intent.succeeded", {"id": cheap.id, "object": "payment_intent"})
    assert (
        await deliver(shopper, body)
    ).status_code == 500  # Stripe is to say it again, and a person to look
    assert "This order is not paid yet" in text(await shopper.look())


async def test_a_session_that_names_our_order_but_is_not_ours_pays_nothing(
    shopper: Shopper, new_shopper: NewShopper
) -> None:
    await shopper.check_out(DREAM)
    other = new_shopper()
    await other.check_out("flatland")
    session = await other.open_session()
    await other.pay_session(session)
    forged = {
        "id": session,
        "object": "checkout.session",
        "client_reference_id": shopper.order.split("/")[-1],
    }
    body = event("checkout.session.completed", forged)
    assert (await deliver(shopper, body)).status_code == 204
    assert "This order is not paid yet" in text(await shopper.look())
    assert "your order is paid" in text(await other.look())


async def test_an_oversized_webhook_gets_413_whoever_signed_it(shopper: Shopper) -> None:
    body = event("payment_intent.succeeded", {"id": "pi_1", "padding": "x" * 300_000})
    assert (await deliver(shopper, body)).status_code == 413


MALFORMED = [
    "t=,v1=",
    "t=1e9,v1=a",
    "t=-1,v1=a",
    "t=" + "9" * 5000 + ",v1=a",
    "t=1,v0={good}",
    "t={now},v1=" + ",v1=".join(["0" * 64] * 500),
    "{good}\tt=1",
    "v1,t",
    ",,,===",
]


async def test_a_malformed_signature_gets_400(shopper: Shopper, unpaid: bytes) -> None:
    good = signed(unpaid, "whsec_sandbox", time.time()).split("v1=")[1]
    for signature in MALFORMED:
        filled = signature.replace("{good}", good).replace("{now}", str(int(time.time())))
        assert (await post(shopper, unpaid, filled)).status_code in (400, 431), signature


STRANGE: list[dict[str, object]] = [
    {"id": ["pi_1"]},
    {"id": {"$ne": 1}},
    {"id": "../../v1/charges"},
    {"id": "pi_1?expand[]=x"},
    {"id": ""},
    {"id": "pi_\x00"},
    {"id": 7},
    {"object": "payment_intent", "id": "cs_test_1"},
    {"id": "x" * 5000},
]


async def test_a_signed_event_about_a_strange_thing_breaks_nothing(shopper: Shopper) -> None:
    for thing in STRANGE:
        for kind in ("payment_intent.succeeded", "charge.refunded", "checkout.session.completed"):
            body = event(kind, {**thing, "payment_intent": thing.get("id")})
            assert (await deliver(shopper, body)).status_code < 500, thing
