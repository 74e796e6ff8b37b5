"""Sales tax by a table of fixed rates by country, on top of the prices or in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TYPE_CHECKING

from babel.numbers import format_decimal

from shop.countries import COUNTRIES, country_name, read_table
from shop.pricing import Adjustment, AdjustmentKind, Quote
from shop.words import LOCALE, _

if TYPE_CHECKING:
    from shop.adjustments import Terms


@dataclass(frozen=True)
class TaxRates:
    rates: Mapping[str, Decimal]  # per cent by country; the first country is taken until the shopper chooses
    elsewhere: Decimal = Decimal(0)
    inclusive: bool = False  # in the prices already

    @property
    def countries(self) -> tuple[str, ...]:
        return (*self.rates, *(code for code in COUNTRIES if code not in self.rates))


def tax(quote: Quote, terms: "Terms") -> list[Adjustment]:
    """Of what is left of the books after discounts, and of the shipping; rounded once, half up."""
    table = terms.charges.tax
    if table is None or quote.country is None:
        return []
    percent = table.rates.get(quote.country, table.elsewhere)
    share = format_decimal(percent, locale=LOCALE)
    label = _("Tax (%(percent)s%% in %(country)s)", percent=share, country=country_name(quote.country))
    if table.inclusive:
        return [Adjustment(AdjustmentKind.TAX, label, 0, _rounded(quote.total * percent / (100 + percent)))]
    return [Adjustment(AdjustmentKind.TAX, label, _rounded(quote.total * percent / 100))]


def read_tax_rates(text: str, behavior: str) -> TaxRates:
    """Rates as an operator writes them: "US=8.25, DE=7". Raises ValueError, in words."""
    rates = {country: _percent(percent) for country, percent in read_table(text).items()}
    elsewhere = rates.pop("*", Decimal(0))
    if not rates:
        raise ValueError("a country must be named, which is taken until the shopper chooses another")
    if behavior not in ("exclusive", "inclusive"):
        raise ValueError(
            f"TAX_BEHAVIOR={behavior} is unknown: exclusive (on top of prices) or inclusive (in them)"
        )
    return TaxRates(rates, elsewhere, inclusive=behavior == "inclusive")


def _percent(text: str) -> Decimal:
    try:
        percent = Decimal(text)
    except InvalidOperation:
        percent = Decimal(-1)
    if not text.replace(".", "").isdecimal() or not 0 <= percent <= 100:
        raise ValueError(f"{text or 'nothing'} is not a percentage from 0 to 100")
    return percent


def _rounded(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))
