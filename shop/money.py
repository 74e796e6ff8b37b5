"""Money: integers in a currency's minor unit, and how people read them."""

import re
from copy import copy
from decimal import Decimal
from functools import lru_cache

from shop.words import LOCALE

LETTERS_BESIDE_DIGITS = re.compile(r"(?<=[A-Z])(?=[-\d])")  # KWD 4.700, not KWD4.700

# docs.stripe.com/currencies
ZERO_DECIMAL = frozenset(
    (
        "bif",
        "clp",
        "djf",
        "gnf",
        "jpy",
        "kmf",
        "krw",
        "mga",
        "pyg",
        "rwf",
        "ugx",
        "vnd",
        "vuv",
        "xaf",
        "xof",
        "xpf",
    )
)
THREE_DECIMAL = frozenset(("bhd", "jod", "kwd", "omr", "tnd"))

# The least that Stripe charges, docs.stripe.com/currencies#minimum-and-maximum-charge-amounts.
# For a currency that is not listed, Stripe itself decides.
MINIMUM = {
    "usd": 50, "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250,
    "eur": 50, "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300,
    "nzd": 50, "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000,
}  # fmt: skip
MAXIMUM = 99_999_999  # eight digits


def digits(currency: str) -> int:
    """How many decimals the currency's minor unit has at Stripe: 2 for usd, 0 for jpy, 3 for kwd."""
    return 0 if currency in ZERO_DECIMAL else 3 if currency in THREE_DECIMAL else 2


def minor_units(text: str, currency: str) -> int:
    """What people write as an amount: minor_units("23.50", "usd") == 2350. Raises ValueError for what is none, is not
    above zero or has more decimals than the currency."""
    whole, _, decimals = text.partition(".")
    places = digits(currency)
    if not re.fullmatch(r"[0-9]{1,10}(\.[0-9]+)?", text) or len(decimals) > places:
        raise ValueError(text)
    if (amount := int(whole + decimals.ljust(places, "0"))) == 0:
        raise ValueError(text)
    return amount


def major_units(amount: int, currency: str) -> Decimal:
    """Minor units as an exact number of the major one: major_units(2350, "usd") == Decimal("23.50")."""
    return Decimal(amount).scaleb(-digits(currency))


@lru_cache(maxsize=4096)  # a shop has few prices, and Babel takes its time
def money(amount: int, currency: str) -> str:
    """Minor units as people write them: money(2350, "usd") == "$23.50"."""
    places = digits(currency)
    pattern = copy(LOCALE.currency_formats["standard"])
    # Babel would take the decimals from CLDR, which differs from Stripe for some currencies (isk, …).
    pattern.frac_prec = (places, places)
    value = major_units(amount, currency)
    text = str(pattern.apply(value, LOCALE, currency=currency.upper(), currency_digits=False))
    return LETTERS_BESIDE_DIGITS.sub("\xa0", text)
