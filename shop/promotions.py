"""Promotion codes: looked up at Stripe when one is typed and again at check-out; in between the cart goes by the copy.

How often a code may be tried is bounded, so that nobody finds one out by guessing."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.exc import IntegrityError

from shop.cart import Basket, read_basket
from shop.db import Database, changed, now, retried
from shop.discounts import used_up
from shop.errors import BadInput, ShopError
from shop.gateway import Gateway
from shop.models import Cart, CodeGuess, Promotion
from shop.redeeming import uses_left
from shop.words import _, gettext_noop

if TYPE_CHECKING:
    import stripe

GUESSES = 20  # an hour, from one address of the network
ON_CART = (
    select(Promotion).join(Cart, Cart.promotion_id == Promotion.id).where(Cart.public_id == bindparam("cart"))
)


class BadCode(BadInput):
    field = "code"


class TooManyGuesses(ShopError):
    status = 429
    heading = gettext_noop("Please wait a little")
    field = "code"
    retry_after = 3600

    def __init__(self) -> None:
        super().__init__(
            _(
                "Many wrong codes have come from your connection. Try again in an hour, or go on without a code."
            )
        )


async def apply_code(
    db: Database, gateway: Gateway, cart_id: str | None, typed: str, visitor: str | None
) -> Basket:
    """Put a promotion code on the cart. Raises BadCode, TooManyGuesses, PaymentUnavailable."""
    code = typed.strip()
    if not code:
        raise BadCode(_("Type your code first."))
    if not re.fullmatch(r"[A-Za-z0-9-]{1,100}", code):  # Stripe makes no other
        raise _unknown(code)
    guess = await _count(db, visitor)
    if (found := await gateway.find_promotion(code)) is None:
        raise _unknown(code)
    return await _put_on_cart(db, cart_id, await _copy_down(db, found), guess)


@retried
async def remove_code(db: Database, cart_id: str | None) -> Basket:
    async with db.write() as session:
        await session.execute(update(Cart).where(Cart.public_id == cart_id).values(promotion_id=None))
        return await read_basket(session, cart_id)


async def look_again(db: Database, gateway: Gateway, cart_id: str | None) -> None:
    """At check-out: whether Stripe still says the same of the cart's code, if it has one. Raises PaymentUnavailable."""
    async with db.glance() as session:
        promotion = await session.scalar(ON_CART, {"cart": cart_id})
    if promotion is None:
        return
    found = await gateway.find_promotion(promotion.code)
    if found and found.id == promotion.id:
        await _copy_down(db, found)
    else:  # deleted, or an account of another key
        async with db.write() as session:
            await session.execute(update(Promotion).where(Promotion.id == promotion.id).values(active=False))


def _unknown(code: str) -> BadCode:
    return BadCode(_("We do not know the code %(code)s. Check how it is written.", code=code[:100]))


@retried
async def _count(db: Database, visitor: str | None) -> int:
    """Each code that is typed counts as a guess until it turns out to be good."""
    async with db.write() as session:
        mine = (CodeGuess.visitor == visitor, CodeGuess.at > now() - timedelta(hours=1))
        if visitor and (await session.scalar(select(func.count(CodeGuess.id)).where(*mine)) or 0) >= GUESSES:
            raise TooManyGuesses
        session.add(guess := CodeGuess(visitor=visitor))
        await session.flush()
        return guess.id


async def _copy_down(db: Database, found: "stripe.PromotionCode") -> str:
    said = _said(found)
    try:
        await _write(db, found.id, said)
    except IntegrityError:  # somebody else was the first to type it, at the same moment
        await _write(db, found.id, said)
    return found.id


@retried
async def _write(db: Database, promotion_id: str, said: Mapping[str, Any]) -> None:
    async with db.write() as session:
        if not await changed(session, update(Promotion).where(Promotion.id == promotion_id).values(said)):
            session.add(Promotion(id=promotion_id, **said))


def _said(found: "stripe.PromotionCode") -> dict[str, Any]:
    coupon, limits = cast("stripe.Coupon", found.promotion.coupon), found.restrictions  # expanded
    ends = [at for at in (found.expires_at, coupon.redeem_by) if at]
    return {
        "code": found.code,
        "coupon": coupon.id,
        "active": found.active and coupon.valid,
        "restricted": found.customer is not None or getattr(coupon, "applies_to", None) is not None,
        "percent_off": None if coupon.percent_off is None else str(coupon.percent_off),
        "amount_off": coupon.amount_off,
        "currency": coupon.currency,
        "minimum_amount": limits.minimum_amount,
        "minimum_currency": limits.minimum_amount_currency,
        "ends_at": datetime.fromtimestamp(min(ends), UTC) if ends else None,
        "first_time": limits.first_time_transaction,
        "allowed": _left(found.max_redemptions, found.times_redeemed),
        "allowed_of_coupon": _left(coupon.max_redemptions, coupon.times_redeemed),
        "looked_up_at": now(),
    }


def _left(most: int | None, times: int) -> int | None:
    return None if most is None else max(0, most - times)


@retried
async def _put_on_cart(db: Database, cart_id: str | None, promotion_id: str, guess: int) -> Basket:
    async with db.write() as session:
        await session.execute(update(Cart).where(Cart.public_id == cart_id).values(promotion_id=promotion_id))
        basket = await read_basket(session, cart_id)
        if not basket.items or basket.promotion is None:
            raise BadCode(_("Your cart is empty. Put a book in it first."))
        problem = basket.code_problem
        if problem is None and not await uses_left(session, basket.promotion):
            problem = used_up(basket.promotion)
        if problem:
            raise BadCode(problem)
        await session.execute(delete(CodeGuess).where(CodeGuess.id == guess))
        return basket
