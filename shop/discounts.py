"""What a promotion code takes off, and why it may take off nothing: by what Stripe said of it when it was looked up."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from shop.models import Promotion
from shop.moments import moment
from shop.money import money
from shop.pricing import Quote
from shop.words import _


def amount_off(promotion: Promotion, subtotal: int) -> int:
    """In minor units; never more than there is."""
    if promotion.amount_off is not None:
        return min(promotion.amount_off, subtotal)
    exact = Decimal(subtotal) * Decimal(promotion.percent_off or 0) / 100
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))  # as Stripe rounds


def problem_with(promotion: Promotion, quote: Quote, at: datetime) -> str | None:
    """Why the books of this quote cannot have it, in words; None if they can."""
    code, least = promotion.code, promotion.minimum_amount or 0
    currency = promotion.currency or promotion.minimum_currency or quote.currency
    if promotion.ends_at and promotion.ends_at <= at:
        return _("The code %(code)s ended on %(moment)s.", code=code, moment=moment(promotion.ends_at))
    if promotion.allowed == 0 or promotion.allowed_of_coupon == 0:
        return used_up(promotion)
    if not promotion.active:
        return _("The code %(code)s is not valid any more.", code=code)
    if promotion.restricted:
        return _("The code %(code)s cannot be used in this shop.", code=code)
    if currency != quote.currency:
        said = {"its": currency.upper(), "ours": quote.currency.upper()}
        return _("The code %(code)s is for orders in %(its)s, and yours is in %(ours)s.", code=code, **said)
    if quote.subtotal < least:
        said = {"least": money(least, currency), "missing": money(least - quote.subtotal, currency)}
        return _(
            "The code %(code)s is for orders of %(least)s or more: yours needs books for %(missing)s more.",
            code=code,
            **said,
        )
    return None


def used_up(promotion: Promotion) -> str:
    return _("The code %(code)s has been used as often as it may be.", code=promotion.code)
