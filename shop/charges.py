"""What the shop charges beside its books, as it is configured; and which countries that makes a difference for."""

from collections.abc import Iterable
from dataclasses import dataclass

from shop.pricing import Line
from shop.shipping import ShippingRates, ships
from shop.tax import TaxRates


@dataclass(frozen=True)
class Charges:
    shipping: ShippingRates | None = None  # None: free
    tax: TaxRates | None = None  # None: included

    @property
    def all_countries(self) -> set[str]:
        return {*self.choices(sent=True), *self.choices(sent=False)}

    def choices(self, *, sent: bool) -> tuple[str, ...]:
        """Where the shopper may be, for books that are sent or for files; nothing where it makes no difference."""
        if self.shipping and sent:
            return self.shipping.countries
        return self.tax.countries if self.tax else ()

    def countries(self, lines: Iterable[Line]) -> tuple[str, ...]:
        return self.choices(sent=ships(lines))

    def country(self, lines: Iterable[Line], chosen: str | None) -> str | None:
        """The one that the shopper has chosen, or the first."""
        countries = self.countries(lines)
        return chosen if chosen in countries else next(iter(countries), None)


NO_CHARGES = Charges()
