"""Adaptive Pricing: the same total in the currency of the shopper's country, by a table of fixed rates."""

import re
from decimal import ROUND_HALF_UP, Decimal

from .errors import Json
from .money import decimals

PER_USD = {
    "aud": "1.52", "brl": "5.40", "cad": "1.38", "chf": "0.82", "dkk": "6.60", "eur": "0.88", "gbp": "0.76",
    "inr": "86.50", "jpy": "152.00", "mxn": "18.60", "nok": "10.30", "nzd": "1.68", "pln": "3.75",
    "sek": "9.60", "sgd": "1.31", "usd": "1",
}  # fmt: skip
"""What one dollar costs. Stripe's rates move; the sandbox's stay, so that a test can say what it expects."""
EURO = "AT BE CY DE EE ES FI FR GR HR IE IT LT LU LV MT NL PT SI SK"
CURRENCY_OF = dict.fromkeys(EURO.split(), "eur") | {
    "AU": "aud", "BR": "brl", "CA": "cad", "CH": "chf", "DK": "dkk", "GB": "gbp", "IN": "inr", "JP": "jpy",
    "MX": "mxn", "NO": "nok", "NZ": "nzd", "PL": "pln", "SE": "sek", "SG": "sgd", "US": "usd",
}  # fmt: skip
LOCATION = re.compile(r"\+location_([A-Z]{2})@")


def local_currency(session: Json) -> str | None:
    """The shopper's own currency, where it is not the session's: `anything+location_FR@example.com` pays from
    France."""
    place = LOCATION.search(session["customer_email"] or session.get("_email") or "")
    if not place or not (session["adaptive_pricing"] or {}).get("enabled") or session["mode"] != "payment":
        return None
    local, own = CURRENCY_OF.get(place[1]), session["currency"]
    return local if local and local != own and own in PER_USD else None


def rate(source: str, target: str) -> Decimal:
    """Of whole units: how many of the target one unit of the source costs."""
    return (Decimal(PER_USD[target]) / Decimal(PER_USD[source])).quantize(Decimal("0.000001"))


def converted(amount: int, source: str, target: str) -> int:
    """In minor units of each, which need not be hundredths."""
    if source == target:
        return amount
    exact = Decimal(amount) * rate(source, target) * 10 ** decimals(target) / 10 ** decimals(source)
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def shown_total(session: Json) -> int:
    """The session's total in the currency that the shopper has chosen."""
    own = session["currency"]
    return converted(session["amount_total"], own, session.get("_currency") or own)


def presented(session: Json) -> Json:
    """`presentment_details`, for a session and its intent, where the shopper saw another currency."""
    shown = session.get("_currency")
    if shown in (None, session["currency"]):
        return {}
    details = {"presentment_amount": shown_total(session), "presentment_currency": shown}
    return {"presentment_details": details}
