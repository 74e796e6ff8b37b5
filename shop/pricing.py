"""What a set of books costs: a subtotal plus labelled adjustments."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from shop.money import money


@dataclass(frozen=True)
class Line:
    """A book and how many of it; `unit_price` in minor units."""

    book_id: int
    slug: str
    title: str
    authors: str
    unit_price: int
    quantity: int
    price_before: int | None = None  # where the shopper has seen another

    @property
    def amount(self) -> int:
        return self.unit_price * self.quantity


@dataclass(frozen=True)
class Adjustment:
    """A discount (negative), tax or shipping, in minor units."""

    label: str
    amount: int


@dataclass(frozen=True)
class Quote:
    lines: tuple[Line, ...]
    currency: str
    adjustments: tuple[Adjustment, ...] = field(default=())

    @property
    def subtotal(self) -> int:
        return sum(line.amount for line in self.lines)

    @property
    def total(self) -> int:
        return self.subtotal + sum(adjustment.amount for adjustment in self.adjustments)

    @property
    def count(self) -> int:
        return sum(line.quantity for line in self.lines)

    def money(self, amount: int) -> str:
        return money(amount, self.currency)


def price(lines: Sequence[Line], currency: str, adjustments: Sequence[Adjustment] = ()) -> Quote:
    """Add it all up. Pure: the caller finds the lines and the adjustments."""
    quote = Quote(tuple(lines), currency, tuple(adjustments))
    assert quote.total >= 0, "adjustments take away more than there is"
    return quote
