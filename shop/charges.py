"""What the shop charges beside its books, as it is configured; and which countries that makes a difference for."""

from collections.abc import Iterable
from dataclasses import dataclass

from shop.pricing import Line
from shop.shipping import ShippingRates, ships


@dataclass(frozen=True)
class Charges:
    shipping: ShippingRates | None = None  # None: free

    @property
    def all_countries(self) -> tuple[str, ...]:
        return self.shipping.countries if self.shipping else ()

    def countries(self, lines: Iterable[Line]) -> tuple[str, ...]:
        """Where these books may go; nowhere if it makes no difference."""
        return self.shipping.countries if self.shipping and ships(lines) else ()

    def country(self, lines: Iterable[Line], chosen: str | None) -> str | None:
        """The one that the shopper has chosen, or the first."""
        countries = self.countries(lines)
        return chosen if chosen in countries else next(iter(countries), None)


NO_CHARGES = Charges()
