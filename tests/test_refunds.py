"""Money that goes back: once, whoever sends it, and the sums add up."""

from dataclasses import dataclass
from typing import Any

import pytest
import stripe
from sqlalchemy import select

from shop.models import OrderEvent, Refund
from tests.conftest import ShopUnderTest
from tests.shopper import VISA, Shopper, text
from tests.test_payments import send_no_webhooks
from tests.test_webhooks import deliver, event

DREAM, CODE = "the-dream-machine", "the-code-book"


@dataclass
class Paid:
    """An order of $52.99 that is paid: a copy of DREAM at $35.00, one of CODE at $17.99. No webhook comes by itself."""

    shopper: Shopper
    shop: ShopUnderTest
    intent: str

    @property
    def order(self) -> str:
        return self.shopper.order.removeprefix("/orders/")

    async def at_stripe(self) -> list[stripe.Refund]:
        """The refunds of the intent, oldest first."""
        found = await self.shopper.stripe.v1.refunds.list_async({"payment_intent": self.intent})
        return found.data[::-1]

    async def amount_refunded(self) -> int:
        params: Any = {"expand": ["latest_charge"]}
        intent = await self.shopper.stripe.v1.payment_intents.retrieve_async(self.intent, params)
        assert isinstance(intent.latest_charge, stripe.Charge)
        return intent.latest_charge.amount_refunded

    async def in_dashboard(self, amount: int, **more: Any) -> stripe.Refund:
        params: Any = {"payment_intent": self.intent, "amount": amount, **more}
        return await self.shopper.stripe.v1.refunds.create_async(params)

    async def hear(self, kind: str, number: int = 1) -> None:
        """A webhook about a refund comes."""
        thing = {"id": "re_1", "object": "refund", "payment_intent": self.intent}
        reply = await deliver(self.shopper, event(kind, thing, f"evt_{kind}_{number}"))
        assert reply.status_code == 204

    async def rows(self) -> list[tuple[int, str]]:
        async with self.shop.db.read() as session:
            refunds = (await session.scalars(select(Refund).order_by(Refund.id))).all()
        return [(refund.amount, str(refund.status)) for refund in refunds]

    async def history(self) -> list[str]:
        async with self.shop.db.read() as session:
            return list(await session.scalars(select(OrderEvent.kind).order_by(OrderEvent.id)))

    async def settle(self) -> None:
        """What comes later at Stripe comes now."""
        await self.shopper.http.post(f"{self.shop.sandbox}/_sandbox/settle")

    async def page(self) -> str:
        return text(await self.shopper.look())


async def bought(shopper: Shopper, shop: ShopUnderTest, card: str = VISA, *slugs: str) -> Paid:
    await send_no_webhooks(shopper)
    await shopper.check_out(*slugs or (DREAM, CODE))
    intent = await shopper.intent()
    assert "Thank you: your order is paid" in text(await shopper.pay(card))
    return Paid(shopper, shop, intent.id)


EVENTS = ("charge.refunded", "charge.refund.updated", "refund.created", "refund.updated")


@pytest.mark.parametrize("kind", EVENTS)
async def test_a_refund_made_in_the_dashboard_becomes_a_row(
    shopper: Shopper, shop: ShopUnderTest, kind: str
) -> None:
    paid = await bought(shopper, shop)
    await paid.in_dashboard(1000, reason="duplicate")
    await paid.hear(kind)
    assert await paid.rows() == [(1000, "succeeded")]
    page = await paid.page()
    assert "Refunded $10.00" in page
    assert "(charged twice)" in page


async def test_refunds_in_parts_add_up_however_often_they_are_told(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    paid = await bought(shopper, shop)
    for number, amount in enumerate((1000, 2500, 1799)):
        await paid.in_dashboard(amount)
        await paid.hear("refund.created", number)
        await paid.hear("refund.updated", number)
    assert await paid.rows() == [(1000, "succeeded"), (2500, "succeeded"), (1799, "succeeded")]
    assert (await paid.history()).count("refunded") == 3
    page = await paid.page()
    assert "Refunded $52.99" in page
    assert "Your payment was given back" in page


async def test_more_refunds_than_stripe_lists_at_once_are_all_copied_down(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    paid = await bought(shopper, shop)
    for _ in range(12):
        await paid.in_dashboard(100)
    await paid.hear("refund.created")
    assert await paid.rows() == [(100, "succeeded")] * 12
    assert "Refunded $12.00" in await paid.page()


async def test_a_refund_that_fails_later_is_told_and_counts_no_more(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    paid = await bought(shopper, shop, "pm_card_refundFail")
    await paid.in_dashboard(1000)
    await paid.hear("refund.created")
    await paid.settle()
    await paid.hear("refund.failed")
    assert await paid.rows() == [(1000, "failed")]
    page = await paid.page()
    assert "Refunded $10.00" not in page
    assert "Did not go through" in page
    assert "Refund failed" in page


async def test_a_refund_on_its_way_counts_until_it_arrives(shopper: Shopper, shop: ShopUnderTest) -> None:
    paid = await bought(shopper, shop, "pm_card_pendingRefund")
    await paid.in_dashboard(1000)
    await paid.hear("refund.created")
    assert "Refunded $10.00" in (page := await paid.page())
    assert "On its way" in page
    await paid.settle()
    await paid.hear("refund.updated")
    assert await paid.rows() == [(1000, "succeeded")]
    assert "On its way" not in await paid.page()


async def test_a_refund_of_another_application_is_none_of_our_business(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    paid = await bought(shopper, shop)
    params: Any = {"amount": 500, "currency": "usd", "payment_method": VISA, "confirm": True}
    params |= {"automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}}
    other = await shopper.stripe.v1.payment_intents.create_async(params)
    await Paid(shopper, shop, other.id).in_dashboard(500)
    await Paid(shopper, shop, other.id).hear("refund.created")
    assert await paid.rows() == []
