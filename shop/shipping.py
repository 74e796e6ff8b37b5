"""What shipping costs: a flat rate by country. Printed books are shipped, files are not."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shop.countries import COUNTRIES, country_name, read_table
from shop.money import minor_units
from shop.pricing import Adjustment, AdjustmentKind, Line, Quote
from shop.words import _

if TYPE_CHECKING:
    from shop.adjustments import Terms


@dataclass(frozen=True)
class ShippingRates:
    """Amounts in minor units."""

    currency: str
    rates: Mapping[str, int]  # by country; the first country is taken until the shopper chooses
    elsewhere: int | None = None  # None: books are sent to no other country
    free_from: int | None = None  # what the books must come to

    @property
    def countries(self) -> tuple[str, ...]:
        others = [code for code in COUNTRIES if code not in self.rates] if self.elsewhere is not None else []
        return (*self.rates, *others)

    def cost(self, country: str, books: int) -> int:
        if self.free_from is not None and books >= self.free_from:
            return 0
        return self.rates.get(country, self.elsewhere or 0)


def shipping(quote: Quote, terms: "Terms") -> list[Adjustment]:
    rates = terms.charges.shipping
    if rates is None or quote.country is None or not ships(quote.lines) or rates.currency != quote.currency:
        return []
    label = _("Shipping to %(country)s", country=country_name(quote.country))
    return [Adjustment(AdjustmentKind.SHIPPING, label, rates.cost(quote.country, quote.total))]


def unshippable(quote: Quote, rates: ShippingRates | None) -> str | None:
    """Why these books cannot be sent, in words."""
    if rates is None or not ships(quote.lines) or rates.currency == quote.currency:
        return None
    return _(
        "We send books that are priced in %(ours)s only, and these are in %(theirs)s. Write to us.",
        ours=rates.currency.upper(),
        theirs=quote.currency.upper(),
    )


def ships(lines: Iterable[Line]) -> bool:
    return any(not line.is_file for line in lines)


def read_rates(text: str, currency: str, free_from: str = "") -> ShippingRates:
    """Rates as an operator writes them: "US=4.99, CA=9.99, *=19.00". Raises ValueError, in words."""
    if not re.fullmatch("[a-z]{3}", currency):
        raise ValueError(f"its currency {currency} is none")
    rates = {country: _amount(amount, currency) for country, amount in read_table(text).items()}
    elsewhere = rates.pop("*", None)
    if not rates:
        raise ValueError("beside * a country must be named, which is taken until the shopper chooses another")
    return ShippingRates(currency, rates, elsewhere, _amount(free_from, currency) if free_from else None)


def _amount(text: str, currency: str) -> int:
    if text and not text.strip("0."):
        return 0
    try:
        return minor_units(text, currency)
    except ValueError:
        raise ValueError(f"{text or 'nothing'} is not an amount in {currency.upper()}") from None
