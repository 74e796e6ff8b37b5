"""What amounts a charge may have, per currency. Amounts are integers in the smallest unit."""

from decimal import Decimal

from babel.numbers import get_currency_symbol

from .errors import invalid

ZERO_DECIMALS = frozenset(
    (
        "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf"
    )
)  # fmt: skip
THREE_DECIMALS = frozenset(("bhd", "jod", "kwd", "omr", "tnd"))
MINIMA = {
    "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50,
    "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300,
    "nzd": 50, "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000, "usd": 50,
}  # fmt: skip
"""Stripe's published minima. Others take what fifty US cents come to; the sandbox asks for one unit there."""
OTHERS = """
afn all amd ang aoa ars awg azn bam bbd bdt bif bmd bnd bob bsd bwp byn bzd cdf clp cny cop crc cve djf
dop dzd egp etb fjd fkp gel gip gmd gnf gtq gyd hnl htg idr ils isk jmd kes kgs khr kmf krw kyd kzt lak
lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr mwk mzn nad ngn nio npr pab pen pgk php pkr pyg qar
rsd rub rwf sar sbd scr shp sle sos srd std szl tjs top try ttd twd tzs uah ugx uyu uzs vnd vuv wst xaf
xcd xcg xof xpf yer zar zmw bhd jod kwd omr tnd
"""
CURRENCIES = frozenset(MINIMA) | frozenset(OTHERS.split())
LARGEST = 99_999_999


def check_currency(given: str) -> str:
    currency = given.lower()
    if currency not in CURRENCIES:
        raise invalid(f"Invalid currency: {given[:20]}. Stripe supports three-letter ISO codes.", "currency")
    return currency


def check_amount(amount: int, currency: str) -> None:
    if amount < 1:
        raise invalid("This value must be greater than or equal to 1.", "amount", "parameter_invalid_integer")
    if amount > LARGEST:
        raise invalid("Amount must be no more than 8 digits.", "amount", "amount_too_large")
    if amount < MINIMA.get(currency, 1):
        raise invalid(f"Amount must be at least {MINIMA[currency]} {currency}.", "amount", "amount_too_small")
    if currency in THREE_DECIMALS and amount % 10:
        raise invalid(
            f"The last digit of an amount in {currency} must be 0.", "amount", "parameter_invalid_integer"
        )


def decimals(currency: str) -> int:
    """How many decimals the smallest unit is."""
    return 0 if currency in ZERO_DECIMALS else 3 if currency in THREE_DECIMALS else 2


def written(amount: int, currency: str) -> str:
    """For people: $20.00, or KWD 4.700 where there is no sign."""
    symbol, places = get_currency_symbol(currency.upper(), "en_US"), decimals(currency)
    gap = "\N{NO-BREAK SPACE}" if symbol[-1].isalpha() else ""
    number = f"{abs(Decimal(amount).scaleb(-places)):,.{places}f}"
    return f"{'-' if amount < 0 else ''}{symbol}{gap}{number}"
