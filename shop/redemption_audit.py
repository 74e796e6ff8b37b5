"""Whether promotion codes were redeemed by what was paid, once each, and no more often than they may be."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select

from shop.db import Database
from shop.disagreement import Disagreement
from shop.models import Order, OrderRevision, OrderStatus, Promotion, Redemption, RedemptionState
from shop.order_parts import ORDER_PARTS


async def redemptions_that_do_not_fit(db: Database, judged: datetime) -> list[Disagreement]:
    async with db.read() as session:
        codes = list(await session.scalars(select(Promotion)))
        uses = {use.order_id: use for use in await session.scalars(select(Redemption))}
        discounted = Order.revisions.any(OrderRevision.promotion_id.is_not(None)) | Order.id.in_(uses)
        orders = list(await session.scalars(select(Order).where(discounted).options(*ORDER_PARTS)))
    found = [*_of_codes(codes, list(uses.values()))]
    return found + [said for order in orders if order.created_at < judged for said in _of_order(order, uses)]


def _of_codes(codes: Sequence[Promotion], uses: Sequence[Redemption]) -> Iterator[Disagreement]:
    of_code = Counter(use.promotion_id for use in uses)
    of_coupon = Counter[str]()
    allowed = {code.coupon: code.allowed_of_coupon for code in codes}
    for code in codes:
        of_coupon[code.coupon] += of_code[code.id]
        if code.allowed is not None and of_code[code.id] > code.allowed:
            yield Disagreement(code.id, "redeemed too often", f"{of_code[code.id]}, not {code.allowed}")
    for coupon, most in allowed.items():
        if most is not None and of_coupon[coupon] > most:
            yield Disagreement(coupon, "redeemed too often", f"{of_coupon[coupon]}, not {most}")


def _of_order(order: Order, uses: Mapping[int, Redemption]) -> Iterator[Disagreement]:
    use, wanted = uses.get(order.id), order.in_force.promotion_id
    if use and use.state is RedemptionState.REDEEMED and order.status is not OrderStatus.PAID:
        yield Disagreement(order.public_id, "a code redeemed by what is not paid", use.promotion_id)
    if (
        use
        and use.state is RedemptionState.HELD
        and not (order.open_payment or order.status is OrderStatus.REVIEW)
    ):
        yield Disagreement(order.public_id, "holds a code that nobody pays with", use.promotion_id)
    if order.status is OrderStatus.PAID and not order.is_given_back and wanted != (use and use.promotion_id):
        yield Disagreement(
            order.public_id, "redeemed another code than it was sold with", f"{use and use.promotion_id}"
        )
