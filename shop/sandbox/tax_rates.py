"""What sales tax and VAT come to, by a small table of fixed rates: enough to see that an address matters."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from .errors import Json


@dataclass(frozen=True)
class Rate:
    percent: str
    kind: str
    """Stripe's `tax_type`."""
    name: str
    country: str
    state: str | None = None


STATES = {
    "AZ": "5.6", "CA": "8.625", "CO": "4.81", "FL": "7", "IL": "10.25", "MA": "6.25", "NJ": "6.625", "NY": "8.875",
    "PA": "8", "TX": "8.25", "WA": "10.35",
}  # fmt: skip
VAT = {
    "AT": "20", "BE": "21", "CH": "8.1", "DE": "19", "DK": "25", "ES": "21", "FI": "25.5", "FR": "20", "GB": "20",
    "IE": "23", "IT": "22", "NL": "21", "NO": "25", "PL": "23", "PT": "23", "SE": "25",
}  # fmt: skip
GST = {"AU": "10", "CA": "5", "NZ": "15", "SG": "9"}
STATE_OF_ZIP = {"100": "NY", "021": "MA", "606": "IL", "900": "CA", "941": "CA", "981": "WA", "787": "TX"}
"""A few beginnings of ZIP codes, for pages that ask for no state."""
NOT_TAXED = "txcd_00000000"


def rate_for(address: Json | None) -> Rate | None:
    """None where no tax is collected: nowhere else is the account registered."""
    country = (address or {}).get("country")
    if country == "US":
        assert address
        state = address.get("state") or STATE_OF_ZIP.get((address.get("postal_code") or "")[:3])
        return Rate(STATES[state], "sales_tax", "Sales Tax", "US", state) if state in STATES else None
    if country in VAT:
        return Rate(VAT[country], "vat", "VAT", country)
    return Rate(GST[country], "gst", "GST", country) if country in GST else None


def tax_on(amount: int, rate: Rate | None, inclusive: bool) -> int:
    """Of the amount, or on top of it."""
    if rate is None:
        return 0
    percent = Decimal(rate.percent)
    exact = amount * percent / (100 + percent) if inclusive else amount * percent / 100
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))
