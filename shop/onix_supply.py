"""The price of an ONIX product, how many copies there are, and whether it is sold at all."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple
from xml.etree.ElementTree import Element

from shop.book_row import CURRENCIES, HIGHEST_STOCK, Cells, shown
from shop.money import digits

# List 58, what we would rather take first: retail prices with tax, then without; never what a bookshop pays.
RETAIL = ("02", "04", "42", "01", "03", "41")
CONSUMERS = ("", "00", "05")  # list 59: for whom the price is
FROM, UNTIL = "14", "15"  # list 173
# List 65. Of what else is named, the shop may still have copies.
AVAILABLE = ("20", "21", "22", "23")
GONE = re.compile("01|34|4[0-9]|5[0-2]")


class Offer(NamedTuple):
    """A retail price of today, and the SupplyDetail that it stands in."""

    gone: bool
    rank: int  # in RETAIL
    amount: str
    currency: str
    detail: Element


class Supply(NamedTuple):
    cells: dict[str, str]
    silent: frozenset[str] = frozenset()  # fields of the book that it says nothing of
    withdrawn: bool = False
    available: bool = False


def supply(product: Element, cells: Cells, currency: str | None, header: Mapping[str, str]) -> Supply:
    """By the best price for a shopper. What is no longer sold needs none."""
    details = list(product.iter("SupplyDetail"))
    withdrawn = bool(details) and all(GONE.fullmatch(_state(detail)) for detail in details)
    offers = [offer for offer in _offers(details, header) if currency in (None, offer.currency)]
    if withdrawn:
        return Supply({}, frozenset(("price", "currency", "stock")), withdrawn=True)
    if not offers:
        wanted = f" in {currency.upper()}" if currency else ""
        cells.refuse(
            "price_cents", f"there is no retail price{wanted} of today (PriceType {', '.join(RETAIL)})"
        )
        return Supply({}, frozenset(("stock",)))
    if len(named := sorted({offer.currency.upper() for offer in offers})) > 1:
        cells.refuse("price_cents", f"there are prices in {' and '.join(named)}: choose with --currency")
    best = min(offers, key=lambda offer: (offer.gone, offer.rank))
    said = {"price_cents": _minor_units(best, cells), "currency": best.currency}
    stock = _stock(best.detail)
    return Supply(
        said | ({"stock": stock} if stock else {}),
        frozenset() if stock else frozenset(("stock",)),
        available=_state(best.detail) in AVAILABLE,
    )


def _offers(details: Sequence[Element], header: Mapping[str, str]) -> Iterator[Offer]:
    today = datetime.now(UTC).strftime("%Y%m%d")
    for detail in details:
        for price in detail.findall("Price"):
            kind = _said(price, "PriceType") or header.get("DefaultPriceType", "")
            dates = {_said(part, "PriceDateRole"): _said(part, "Date") for part in price.findall("PriceDate")}
            of_today = dates.get(FROM, "") <= today and today <= (dates.get(UNTIL) or today)
            if kind in RETAIL and _said(price, "PriceQualifier") in CONSUMERS and of_today:
                currency = _said(price, "CurrencyCode") or header.get("DefaultCurrencyCode", "")
                gone = bool(GONE.fullmatch(_state(detail)))
                yield Offer(gone, RETAIL.index(kind), _said(price, "PriceAmount"), currency.lower(), detail)


def _minor_units(offer: Offer, cells: Cells) -> str:
    if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,9})?", offer.amount) and offer.currency in CURRENCIES:
        units = Decimal(offer.amount).scaleb(digits(offer.currency))
        if units == int(units):
            return str(int(units))
    cells.refuse("price_cents", f"{shown(offer.amount)} is no amount in {shown(offer.currency.upper())}")
    return "0"


def _stock(detail: Element) -> str:
    """All that the supplier has, where the file tells; empty where it does not."""
    there = [said for stock in detail.findall("Stock") if (said := _said(stock, "OnHand")).isdecimal()]
    return str(min(sum(map(int, (said[:9] for said in there))), HIGHEST_STOCK)) if there else ""


def _state(detail: Element) -> str:
    return _said(detail, "ProductAvailability")


def _said(element: Element, path: str) -> str:
    return (element.findtext(path) or "").strip()
