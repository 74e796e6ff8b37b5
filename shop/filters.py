"""What a shopper wants to see of the shelf. All of it stands in the address, so that a reload, a bookmark and Back
show the same books."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, case

from shop.errors import BadInput, NotFound
from shop.models import Book, BookFormat
from shop.money import MAXIMUM, THREE_DECIMAL, ZERO_DECIMAL
from shop.words import _

LONGEST_SEARCH = 200
ON_SALE = Book.withdrawn.is_(False)


class Sort(StrEnum):
    FEATURED = "featured"  # with words: what matches best
    TITLE = "title"
    PRICE = "price"
    PRICE_DOWN = "-price"
    NEWEST = "newest"


@dataclass(frozen=True)
class Filters:
    q: str = ""
    category: str = ""
    format: str = ""
    price_from: str = ""  # as typed, in the major unit of each book's own currency
    price_to: str = ""
    in_stock: str = ""  # "1" or nothing
    sort: str = Sort.FEATURED
    page: str = "1"

    @classmethod
    def read(cls, args: Mapping[str, str]) -> "Filters":
        """Raises NotFound for what no page of ours links to, and BadInput."""
        typed = cls(**{name: args[name].strip() for name in cls.__dataclass_fields__ if args.get(name)})
        number = typed.page
        if not (number.isascii() and number.isdigit() and len(number) < 9) or typed.sort not in list(Sort):
            raise NotFound(_("There is no such page of the shelf."))
        if typed.format not in ("", *BookFormat):
            raise NotFound(_("There are no books of that format."))
        if len(typed.q) > LONGEST_SEARCH:
            raise BadInput(
                _(
                    "Search with at most %(most)s letters: a title, a name or an ISBN is enough.",
                    most=LONGEST_SEARCH,
                )
            )
        return typed

    def address(self, **changes: Any) -> dict[str, Any]:
        """What is to stand in the address of this shelf, or of one that differs from it. Another shelf begins at its
        first page."""
        other = replace(self, **{"page": "1", **changes}) if changes else self
        return {name: value for name, value in vars(other).items() if str(value) != vars(EVERYTHING)[name]}

    def path(self, **changes: Any) -> str:
        """The address of that shelf; a page has dozens of them."""
        query = urlencode(self.address(**changes))
        return f"/?{query}" if query else "/"

    @property
    def canonical(self) -> "Filters | None":
        """The shelf that search engines may know this one by. None for searches and for what is narrowed down: of
        these there are endlessly many, and all their books stand on other shelves."""
        if set(self.address()) - {"category", "sort", "page"}:
            return None
        return self if self.sort == Sort.FEATURED else Filters(category=self.category)

    @property
    def wrong(self) -> list[str]:
        """The fields whose prices are none; they do not count."""
        return [name for name in ("price_from", "price_to") if vars(self)[name] and self._price(name) is None]

    @property
    def problem(self) -> str:
        """What is the matter with the first of them."""
        shown = vars(self)[self.wrong[0]][:40] if self.wrong else ""
        return shown and _("“%(typed)s” is no price: write it like 12 or 12.50.", typed=shown)

    @property
    def narrowing(self) -> dict[str, str]:
        """The filters that are in force, in words, by the name that takes them away."""
        said = {
            "category": self.category and _("in %(category)s", category=self.category),
            "format": self.format and BookFormat(self.format).several,
            "price_from": self._price("price_from") is not None
            and _("from %(price)s", price=self.price_from),
            "price_to": self._price("price_to") is not None and _("up to %(price)s", price=self.price_to),
            "in_stock": self.in_stock and _("in stock"),
        }
        return {name: words for name, words in said.items() if words}

    @property
    def filled(self) -> list[str]:
        """Those of them that the form of filters holds."""
        return [words for name, words in self.narrowing.items() if name != "category"]

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        """All but the words, which need an index of their own: see `search`."""
        least, most = self._price("price_from"), self._price("price_to")
        wanted = [
            ON_SALE,
            Book.category == self.category if self.category else None,
            Book.format == BookFormat(self.format) if self.format else None,
            Book.price >= _minor_units(least, math.ceil) if least is not None else None,
            Book.price <= _minor_units(most, math.floor) if most is not None else None,
            Book.stock > Book.held if self.in_stock else None,
        ]
        return [condition for condition in wanted if condition is not None]

    def _price(self, name: str) -> Decimal | None:
        """As people type it: 12, 12.50, $12.50 or 12,50."""
        number = r"[^\d\s.,-]?\s*([0-9]{1,7}(?:[.,][0-9]{1,3})?)\s*[^\d\s.,-]?"
        found = re.fullmatch(number, vars(self)[name])
        return Decimal(found[1].replace(",", ".")) if found else None


EVERYTHING = Filters()


def _minor_units(amount: Decimal, rounded: Callable[[Decimal], int]) -> ColumnElement[int]:
    """In those of the book's currency."""
    units = [min(rounded(amount.scaleb(places)), MAXIMUM + 1) for places in (0, 3, 2)]
    return case(
        (Book.currency.in_(sorted(ZERO_DECIMAL)), units[0]),
        (Book.currency.in_(sorted(THREE_DECIMAL)), units[1]),
        else_=units[2],
    )
