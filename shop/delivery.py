"""Where an order goes: the country that it is priced for, and the address that was given at Stripe."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.charges import Charges
from shop.countries import country_name
from shop.db import Database, retried
from shop.errors import BadInput
from shop.models import Cart, Order, OrderRevision, OrderStatus
from shop.settling import record
from shop.words import _

if TYPE_CHECKING:
    import stripe

log = structlog.get_logger()
TAKEN = ("processing", "requires_capture", "succeeded")
PARTS = ("line1", "line2", "city", "state", "postal_code", "country")


async def choose_country(db: Database, charges: Charges, cart_id: str | None, country: str) -> None:
    """Raises BadInput for one that nothing goes to."""
    if country not in charges.all_countries:
        raise BadInput(_("Choose a country from the list."))
    await _remember_country(db, cart_id, country)


@retried
async def _remember_country(db: Database, cart_id: str | None, country: str) -> None:
    async with db.write() as session:
        await session.execute(update(Cart).where(Cart.public_id == cart_id).values(country=country))


def copy_address(
    session: AsyncSession, order: Order, revision: OrderRevision | None, intent: "stripe.PaymentIntent"
) -> None:
    """Once it is being paid for. That it is in the country that was priced is Stripe's to see to; where it is not, a
    person is told."""
    if intent.status not in TAKEN or revision is None or revision.ships_to is None or not intent.shipping:
        return
    there = intent.shipping.address
    found = {"name": intent.shipping.name, **{part: getattr(there, part, None) for part in PARTS}}
    address = {part: str(said).replace("\0", "")[:200] for part, said in found.items() if said}
    if order.address == address:
        return
    order.address = address
    if address.get("country") != revision.ships_to:
        record(session, order, "address elsewhere", _elsewhere(order, revision.ships_to))
        log.error("delivery.elsewhere", order=order.public_id)


def delivery_that_does_not_fit(order: Order) -> Iterator[tuple[str, str]]:
    """What and detail, of an order that is to be sent."""
    priced_for = order.in_force.ships_to
    leaves = order.status in (OrderStatus.PAID, OrderStatus.AUTHORISED) and not order.is_given_back
    if priced_for is None or not leaves:
        return
    if not order.address:
        yield (
            "nobody knows where to send it",
            f"it was paid for {country_name(priced_for)}, without an address",
        )
    elif order.address.get("country") != priced_for:
        yield "an address elsewhere", _elsewhere(order, priced_for)


def _elsewhere(order: Order, priced_for: str) -> str:
    return f"priced for {priced_for}, to be sent to {(order.address or {}).get('country', 'nowhere')}"
