"""Uses of promotion codes: one for each order, kept back by the press on Pay, made when the order is paid, given back
when it is not. Our own count decides: Stripe sees amounts that are discounted already.

The rows of a coupon's codes are locked before its uses are counted, in the order of their ids."""

from sqlalchemy import ColumnElement, bindparam, delete, func, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.db import now, table
from shop.discounts import used_up
from shop.errors import Conflict
from shop.models import Order, OrderRevision, OrderStatus, Promotion, Redemption, RedemptionState
from shop.words import _, gettext_noop

OF_ORDER = select(Redemption).where(Redemption.order_id == bindparam("order"))
REDEMPTIONS = table(Redemption).c
REDEEMING = (
    update(table(Redemption))
    .where(REDEMPTIONS.order_id == bindparam("order"))
    .values(state=RedemptionState.REDEEMED, at=bindparam("moment"))
)
FREEING = delete(table(Redemption)).where(
    REDEMPTIONS.order_id == bindparam("order"), REDEMPTIONS.state == RedemptionState.HELD
)


class CodeRefused(Conflict):
    """Somebody was quicker, or the code has ended since the check-out."""

    heading = gettext_noop("The code cannot be used")

    def __init__(self, promotion: Promotion, problem: str) -> None:
        self.why = f"the code {promotion.code} could not be used any more"  # of a refund
        what_to_do = _("Nothing was charged: remove it from your cart to order at the full price.")
        super().__init__(f"{problem} {what_to_do}")


async def hold_redemption(session: AsyncSession, order: Order, revision: OrderRevision) -> None:
    """Keep back the use of the code that the revision goes by, and no other. Raises CodeRefused."""
    if not any(each.promotion_id for each in order.revisions):
        return  # none was ever kept back
    held = await session.scalar(OF_ORDER, {"order": order.id})
    if (held.promotion_id if held else None) == revision.promotion_id:
        return
    await free_redemption(session, order)
    if revision.promotion_id is None:
        return
    promotion = await _lock(session, revision.promotion_id)
    if problem := await _problem(session, promotion, order):
        raise CodeRefused(promotion, problem)
    session.add(Redemption(order_id=order.id, promotion_id=promotion.id))
    await session.flush()


async def free_redemption(session: AsyncSession, order: Order) -> None:
    await session.execute(FREEING, {"order": order.id})


async def redeem(session: AsyncSession, order: Order, revision: OrderRevision) -> None:
    """The order is paid, and the use of its code is kept back."""
    if revision.promotion_id is not None:
        await session.execute(REDEEMING, {"order": order.id, "moment": now()})


async def uses_left(session: AsyncSession, promotion: Promotion, order: Order | None = None) -> bool:
    """Whether there is one for this order, beside what other orders have used or keep back."""
    others = Redemption.order_id != order.id if order else true()
    of_code = (promotion.allowed, Redemption.promotion_id == promotion.id)
    of_coupon = (promotion.allowed_of_coupon, Promotion.coupon == promotion.coupon)
    for allowed, whose in (of_code, of_coupon):
        if allowed is not None and await _count(session, whose, others) >= allowed:
            return False
    return True


async def _lock(session: AsyncSession, promotion_id: str) -> Promotion:
    """With all codes of its coupon."""
    coupon = select(Promotion.coupon).where(Promotion.id == promotion_id).scalar_subquery()
    codes = select(Promotion).where(Promotion.coupon == coupon).order_by(Promotion.id)
    # Carts and redemptions may refer to the row meanwhile.
    codes = codes.with_for_update(key_share=True).execution_options(populate_existing=True)
    found = await session.scalars(codes)
    return next(promotion for promotion in found.all() if promotion.id == promotion_id)


async def _problem(session: AsyncSession, promotion: Promotion, order: Order) -> str | None:
    ended = promotion.ends_at is not None and promotion.ends_at <= now()
    if ended or not promotion.active:
        return _("The code %(code)s is not valid any more.", code=promotion.code)
    if not await uses_left(session, promotion, order):
        return used_up(promotion)
    if promotion.first_time and await _has_bought(session, promotion, order):
        return _("The code %(code)s is for a first order only.", code=promotion.code)
    return None


async def _has_bought(session: AsyncSession, promotion: Promotion, order: Order) -> bool:
    """Whether another order of the same email address, where it is known, is paid or about to use the same code."""
    if order.email is None:
        return False
    same = (Order.id != order.id, func.lower(Order.email) == func.lower(order.email))
    redeeming = select(Redemption.order_id).where(Redemption.promotion_id == promotion.id)
    others = select(Order.id).where(*same, (Order.status == OrderStatus.PAID) | Order.id.in_(redeeming))
    return await session.scalar(others.limit(1)) is not None


async def _count(session: AsyncSession, *which: ColumnElement[bool]) -> int:
    uses = select(func.count(Redemption.id)).join(Promotion, Promotion.id == Redemption.promotion_id)
    return await session.scalar(uses.where(*which)) or 0
