"""What an order keeps back while it is being paid, takes when it is paid, and gives back when it is not: its use of a
promotion code, and copies of books. In this order, so that two orders cannot wait for each other."""

from sqlalchemy.ext.asyncio import AsyncSession

from shop.models import Order, OrderRevision
from shop.redeeming import free_redemption, hold_redemption, redeem
from shop.stock import free_stock, hold_stock, take_stock


async def hold(session: AsyncSession, order: Order, revision: OrderRevision) -> None:
    """Raises CodeRefused, SoldOut, NoLongerSold."""
    await hold_redemption(session, order, revision)
    await hold_stock(session, order, revision)


async def take(session: AsyncSession, order: Order, revision: OrderRevision) -> None:
    """Raises CodeRefused, SoldOut: then nothing is taken, and what is kept back is `free`'s to give back."""
    await hold_redemption(session, order, revision)
    await take_stock(session, order, revision)
    await redeem(session, order, revision)


async def free(session: AsyncSession, order: Order) -> None:
    """Once it is certain that nobody pays for it any more."""
    await free_redemption(session, order)
    await free_stock(session, order)
