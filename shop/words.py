"""The shop's own words. Pages, letters and errors say every sentence through here, so that another language is one file
of translations: `make messages` collects what there is to translate."""

from gettext import NullTranslations
from typing import TYPE_CHECKING

from babel import Locale
from babel.numbers import format_decimal

if TYPE_CHECKING:
    from jinja2 import Environment

LOCALE = Locale("en", "US")  # of sentences, numbers, money and dates
translations = NullTranslations()


def gettext(sentence: str) -> str:
    return translations.gettext(sentence)


def ngettext(one: str, many: str, num: int) -> str:
    return translations.ngettext(one, many, num)


def gettext_noop(sentence: str) -> str:
    """Marks what is translated when it is shown."""
    return sentence


def _(sentence: str, **values: object) -> str:
    """The sentence in the shopper's language, with what it tells of: _("%(title)s is sold out.", title=book.title)."""
    return gettext(sentence) % values if values else gettext(sentence)


def counted(one: str, many: str, num: int, **values: object) -> str:
    """The sentence that fits a number: counted("%(num)s book", "%(num)s books", 1200) == "1,200 books"."""
    return ngettext(one, many, num) % {"num": number(num), **values}


def number(value: int) -> str:
    return format_decimal(value, locale=LOCALE)


def lend_words(templates: "Environment") -> None:
    """What pages and letters say their sentences with: `_`, `ngettext` and `locale`."""
    templates.add_extension("jinja2.ext.i18n")
    templates.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    templates.globals.update(locale=LOCALE)


# What an order's history tells: kept as it stands here, translated when it is shown.
HISTORY = (
    gettext_noop("placed"),
    gettext_noop("changed"),
    gettext_noop("put back"),
    gettext_noop("intent created"),
    gettext_noop("session created"),
    gettext_noop("went to stripe's page"),
    gettext_noop("pay pressed"),
    gettext_noop("processing"),
    gettext_noop("authorised"),
    gettext_noop("capture asked"),
    gettext_noop("paid"),
    gettext_noop("parked"),
    gettext_noop("no payment needed"),
    gettext_noop("payment failed"),
    gettext_noop("canceled"),
    gettext_noop("session complete"),
    gettext_noop("session expired"),
    gettext_noop("receipt sent"),
    gettext_noop("receipt could not be sent"),
    gettext_noop("refund owed"),
    gettext_noop("refund requested"),
    gettext_noop("refund pending"),
    gettext_noop("refund requires action"),
    gettext_noop("refunded"),
    gettext_noop("refund failed"),
    gettext_noop("refund canceled"),
    gettext_noop("restocked"),
    gettext_noop("downloaded"),
    gettext_noop("downloads granted again"),
    gettext_noop("disputed"),
    gettext_noop("dispute lost"),
    gettext_noop("dispute won"),
    gettext_noop("the bank has a question"),
    gettext_noop("the bank’s question is answered"),
)
