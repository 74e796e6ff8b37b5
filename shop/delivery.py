"""Where an order goes: the country that it is priced for."""

from sqlalchemy import update

from shop.charges import Charges
from shop.db import Database, retried
from shop.errors import BadInput
from shop.models import Cart
from shop.words import _


async def choose_country(db: Database, charges: Charges, cart_id: str | None, country: str) -> None:
    """Raises BadInput for one that nothing goes to."""
    if country not in charges.all_countries:
        raise BadInput(_("Choose a country from the list."))
    await _remember_country(db, cart_id, country)


@retried
async def _remember_country(db: Database, cart_id: str | None, country: str) -> None:
    async with db.write() as session:
        await session.execute(update(Cart).where(Cart.public_id == cart_id).values(country=country))
