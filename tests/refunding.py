"""Paid orders, and what Stripe and the shop know of the money that goes back."""

from dataclasses import dataclass
from typing import Any

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
