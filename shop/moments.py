"""Moments as people read them."""

from datetime import datetime

from babel.dates import format_datetime

from shop.money import LOCALE


def moment(at: datetime) -> str:
    return format_datetime(at, "d MMM y, HH:mm", locale=LOCALE) + " UTC"
