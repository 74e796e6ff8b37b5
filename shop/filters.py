"""What a shopper wants to see of the shelf. All of it stands in the address, so that a reload, a bookmark and Back
show the same books."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Integer, bindparam, case

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
        other = {**vars(self), "page": "1", **changes} if changes else vars(self)
        return {name: value for name, value in other.items() if str(value) != NOTHING_ASKED[name]}

    def path(self, **changes: Any) -> str:
        """The address of that shelf; a page has dozens of them."""
        query = "&".join(written(name, value) for name, value in self.address(**changes).items())
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
    def conditions(self) -> dict[str, dict[str, Any]]:
        """The names of the CONDITIONS that are to be met, with what each compares with."""
        least, most = self._price("price_from"), self._price("price_to")
        met: dict[str, dict[str, Any]] = {}
        if self.category:
            met["category"] = {"category": self.category}
        if self.format:
            met["format"] = {"format": BookFormat(self.format)}
        if least is not None:
            met["price_from"] = _minor_units("price_from", least, math.ceil)
        if most is not None:
            met["price_to"] = _minor_units("price_to", most, math.floor)
        if self.in_stock:
            met["in_stock"] = {}
        return met

    def _price(self, name: str) -> Decimal | None:
        """As people type it: 12, 12.50, $12.50 or 12,50."""
        if not vars(self)[name]:
            return None
        number = r"[^\d\s.,-]?\s*([0-9]{1,7}(?:[.,][0-9]{1,3})?)\s*[^\d\s.,-]?"
        found = re.fullmatch(number, vars(self)[name])
        return Decimal(found[1].replace(",", ".")) if found else None


EVERYTHING = Filters()
NOTHING_ASKED = vars(EVERYTHING)


@lru_cache(maxsize=1024)
def written(name: str, value: object) -> str:
    """A part of an address."""
    return urlencode({name: value})


def _minor_units(name: str, amount: Decimal, rounded: Callable[[Decimal], int]) -> dict[str, int]:
    """In those of currencies with so many decimal places."""
    return {f"{name}_{places}": min(rounded(amount.scaleb(places)), MAXIMUM + 1) for places in (0, 3, 2)}


def _of_currency(name: str) -> ColumnElement[int]:
    """That of them which is in the book's currency."""
    return case(
        (Book.currency.in_(sorted(ZERO_DECIMAL)), bindparam(f"{name}_0", type_=Integer)),
        (Book.currency.in_(sorted(THREE_DECIMAL)), bindparam(f"{name}_3", type_=Integer)),
        else_=bindparam(f"{name}_2", type_=Integer),
    )


# All but the words, which need an index of their own: see `search`.
CONDITIONS: dict[str, ColumnElement[bool]] = {
    "category": Book.category == bindparam("category"),
    "format": Book.format == bindparam("format"),
    "price_from": Book.price >= _of_currency("price_from"),
    "price_to": Book.price <= _of_currency("price_to"),
    "in_stock": Book.stock > Book.held,
}
