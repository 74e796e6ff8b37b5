"""What a set of books costs: a subtotal plus labelled adjustments. Which adjustments there are: see `adjustments`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from shop.money import money
from shop.words import _


class AdjustmentKind(StrEnum):
    DISCOUNT = "discount"  # below zero; it falls on the lines
    SHIPPING = "shipping"
    TAX = "tax"


@dataclass(frozen=True)
class Line:
    """A book and how many of it; amounts in minor units."""

    book_id: int
    slug: str
    title: str
    authors: str
    unit_price: int
    quantity: int
    price_before: int | None = None  # where the shopper has seen another
    is_file: bool = False  # so that there is nothing to ship
    # What discounts take off this line and tax puts on it, so that a refund gives back what was paid for it.
    discount: int = 0
    tax: int = 0

    @property
    def amount(self) -> int:
        return self.unit_price * self.quantity


@dataclass(frozen=True)
class Adjustment:
    """What is added (or, below zero, taken off) in minor units."""

    kind: AdjustmentKind
    label: str
    amount: int
    included: int = 0  # a tax that is in the prices already


@dataclass(frozen=True)
class Quote:
    lines: tuple[Line, ...]
    currency: str
    adjustments: tuple[Adjustment, ...] = field(default=())
    country: str | None = None  # where it goes, if that makes a difference

    @property
    def subtotal(self) -> int:
        return sum(line.amount for line in self.lines)

    @property
    def total(self) -> int:
        return self.subtotal + sum(adjustment.amount for adjustment in self.adjustments)

    @property
    def count(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def discount(self) -> int:
        return sum(line.discount for line in self.lines)

    @property
    def rows(self) -> list[tuple[str, str]]:
        return rows(self.adjustments, self.currency)

    def money(self, amount: int) -> str:
        return money(amount, self.currency)


def adjusted(quote: Quote, adjustments: Iterable[Adjustment]) -> Quote:
    """The quote with more adjustments; of the discounts among them each line gets its part. Pure."""
    lines, added = quote.lines, tuple(adjustments)
    for adjustment in added:
        if adjustment.kind is AdjustmentKind.DISCOUNT:
            lines = _spread(-adjustment.amount, lines)
        elif adjustment.kind is AdjustmentKind.TAX:
            lines = _taxed(adjustment.amount, lines, quote)
    found = replace(quote, lines=lines, adjustments=(*quote.adjustments, *added))
    assert found.total >= 0, "adjustments take away more than there is"
    return found


def rows(adjustments: Iterable[Adjustment], currency: str) -> list[tuple[str, str]]:
    """What stands above a total, label and amount in words. What costs nothing is said too."""
    told = tuple(adjustments)
    found = [(each.label, _in_words(each, currency)) for each in told if each.kind is not AdjustmentKind.TAX]
    taxes = [(each.label, _in_words(each, currency)) for each in told if each.kind is AdjustmentKind.TAX]
    if AdjustmentKind.SHIPPING not in {each.kind for each in told}:
        found.append((_("Shipping"), _("free")))
    return found + (taxes or [(_("Tax"), _("included"))])


def _in_words(adjustment: Adjustment, currency: str) -> str:
    if adjustment.included:
        return _("%(amount)s included", amount=money(adjustment.included, currency))
    is_free = adjustment.kind is AdjustmentKind.SHIPPING and adjustment.amount == 0
    return _("free") if is_free else money(adjustment.amount, currency)


def split(amount: int, weights: Sequence[int]) -> list[int]:
    """An amount in whole parts that add up to it, by weight; what is left over goes to the largest remainders."""
    whole = sum(weights)
    if whole == 0:
        return [0] * len(weights)
    parts = [amount * weight // whole for weight in weights]
    remainders = [amount * weight % whole for weight in weights]
    for n in sorted(range(len(weights)), key=lambda n: -remainders[n])[: amount - sum(parts)]:
        parts[n] += 1
    return parts


def _spread(amount: int, lines: tuple[Line, ...]) -> tuple[Line, ...]:
    parts = split(amount, [line.amount - line.discount for line in lines])
    return tuple(
        replace(line, discount=line.discount + part) for line, part in zip(lines, parts, strict=True)
    )


def _taxed(amount: int, lines: tuple[Line, ...], quote: Quote) -> tuple[Line, ...]:
    """What falls on the shipping stays with the whole."""
    paid = [line.amount - line.discount for line in lines]
    parts = split(amount, [*paid, quote.total - sum(paid)])
    return tuple(replace(line, tax=line.tax + part) for line, part in zip(lines, parts, strict=False))
