"""Moments as people read them."""

from datetime import datetime

from babel.dates import format_datetime

from shop.words import LOCALE, _


def moment(at: datetime) -> str:
    return _("%(moment)s UTC", moment=format_datetime(at, "d MMM y, HH:mm", locale=LOCALE))
