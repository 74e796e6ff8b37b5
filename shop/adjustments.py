"""What is added to the price of the books or taken off: one list, which cart, pay page, order, intent, Stripe's page
and refunds all go by.

Each function is pure: what Stripe says was looked up before and is in the database."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from shop.charges import NO_CHARGES, Charges
from shop.db import now
from shop.discounts import amount_off, problem_with
from shop.models import Promotion
from shop.pricing import Adjustment, AdjustmentKind, Line, Quote, adjusted
from shop.shipping import shipping
from shop.tax import tax
from shop.words import _


@dataclass(frozen=True)
class Terms:
    """What is known of a cart beside its books."""

    promotion: Promotion | None = None
    at: datetime = field(default_factory=now)
    charges: Charges = NO_CHARGES
    country: str | None = None  # that the shopper has chosen


# Gets the quote as the functions before it have made it.
Adjust = Callable[[Quote, Terms], Iterable[Adjustment]]
NO_TERMS = Terms()


def price(lines: Sequence[Line], currency: str, terms: Terms = NO_TERMS) -> Quote:
    """Add it all up."""
    quote = Quote(tuple(lines), currency, country=terms.charges.country(lines, terms.country))
    for adjust in ADJUSTMENTS:
        quote = adjusted(quote, adjust(quote, terms))
    return quote


def discount(quote: Quote, terms: Terms) -> Iterator[Adjustment]:
    promotion = terms.promotion
    if promotion is None or problem_with(promotion, quote, terms.at):
        return  # the cart says why
    if off := amount_off(promotion, quote.subtotal):
        label = _("Discount (%(code)s)", code=promotion.code)
        yield Adjustment(AdjustmentKind.DISCOUNT, label, -off)


# In this order: shipping may depend on what is left after discounts, tax on both.
ADJUSTMENTS: tuple[Adjust, ...] = (discount, shipping, tax)
