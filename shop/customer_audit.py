"""Whether customers are at Stripe what the database says, one each."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select

from shop.attempts import CLOCK_SKEW
from shop.customers import look_again
from shop.db import Database
from shop.disagreement import Disagreement
from shop.gateway import Gateway
from shop.models import Customer

UNKNOWN = "a customer that Stripe does not know"


async def customers_that_do_not_fit(db: Database, gateway: Gateway, judged: datetime) -> list[Disagreement]:
    """Raises PaymentUnavailable."""
    async with db.read() as session:
        first = await session.scalar(select(func.min(Customer.created_at)))
    if first is None:
        return []
    at_stripe = defaultdict(list)
    for found in await gateway.list_customers(int((first - CLOCK_SKEW).timestamp())):
        at_stripe[getattr(found.metadata, "customer", None)].append(found.id)
    since = func.coalesce(Customer.attempted_at, Customer.created_at)
    async with db.read() as session:
        customers = (await session.scalars(select(Customer).where(since < judged))).all()
    told = []
    for customer in customers:
        there = at_stripe[customer.public_id]
        if len(there) > 1:
            told.append(
                Disagreement(customer.public_id, "more than one customer at Stripe", ", ".join(there))
            )
        if customer.stripe_id and customer.stripe_id not in there:
            told.append(Disagreement(customer.public_id, UNKNOWN, customer.stripe_id))
    return told


async def forget_unknown_customers(db: Database, gateway: Gateway, found: Iterable[Disagreement]) -> None:
    """Another is made when it is needed. Raises PaymentUnavailable."""
    unknown = [each.about for each in found if each.what == UNKNOWN]
    async with db.read() as session:
        customers = (await session.scalars(select(Customer).where(Customer.public_id.in_(unknown)))).all()
    for customer in customers:
        await look_again(db, gateway, customer)
