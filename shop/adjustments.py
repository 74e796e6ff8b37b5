"""What is added to the price of the books or taken off: one list, which cart, pay page, order, intent, Stripe's page
and refunds all go by.

Each function is pure: what Stripe says was looked up before and is in the database."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from shop.pricing import Adjustment, Line, Quote, adjusted


@dataclass(frozen=True)
class Terms:
    """What is known of a cart beside its books."""


# Gets the quote as the functions before it have made it.
Adjust = Callable[[Quote, Terms], Iterable[Adjustment]]
NO_TERMS = Terms()


def price(lines: Sequence[Line], currency: str, terms: Terms = NO_TERMS) -> Quote:
    """Add it all up."""
    quote = Quote(tuple(lines), currency)
    for adjust in ADJUSTMENTS:
        quote = adjusted(quote, adjust(quote, terms))
    return quote


# In this order: shipping may depend on what is left after discounts, tax on both.
ADJUSTMENTS: tuple[Adjust, ...] = ()
