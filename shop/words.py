"""The shop's own words. Pages, letters and errors say every sentence through here, so that another language is one file
of translations: `make messages` collects what there is to translate."""

from functools import lru_cache
from gettext import NullTranslations

from babel import Locale
from babel.numbers import format_decimal

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


@lru_cache(maxsize=1024)
def number(value: int) -> str:
    return format_decimal(value, locale=LOCALE)


def told(kind: str) -> str:
    """A line of an order's history, as a shopper reads it."""
    return _(HISTORY[kind]) if kind in HISTORY else kind.capitalize()


# What an order's history keeps, and how it is told.
HISTORY = {
    "placed": gettext_noop("Order placed"),
    "changed": gettext_noop("Order changed"),
    "put back": gettext_noop("Books put back in the cart"),
    "intent created": gettext_noop("Payment opened"),
    "session created": gettext_noop("Stripe’s page opened"),
    "went to stripe's page": gettext_noop("Went on to Stripe’s page"),
    "pay pressed": gettext_noop("Pay pressed"),
    "processing": gettext_noop("Bank is processing the payment"),
    "authorised": gettext_noop("Amount reserved on the card"),
    "capture asked": gettext_noop("On its way to you"),
    "paid": gettext_noop("Paid"),
    "parked": gettext_noop("Payment set aside for a person to look at"),
    "address elsewhere": gettext_noop("Address in another country than was priced"),
    "no payment needed": gettext_noop("No payment needed"),
    "payment failed": gettext_noop("Payment failed"),
    "canceled": gettext_noop("Payment cancelled"),
    "session complete": gettext_noop("Stripe’s page completed"),
    "session expired": gettext_noop("Stripe’s page closed"),
    "receipt sent": gettext_noop("Receipt sent"),
    "receipt could not be sent": gettext_noop("Receipt could not be sent"),
    "receipt asked for again": gettext_noop("Receipt asked for again"),
    "refund owed": gettext_noop("Refund owed"),
    "refund requested": gettext_noop("Refund asked for"),
    "refund pending": gettext_noop("Refund on its way"),
    "refund requires action": gettext_noop("Refund waits for you"),
    "refunded": gettext_noop("Refunded"),
    "refund failed": gettext_noop("Refund failed"),
    "refund canceled": gettext_noop("Refund cancelled"),
    "restocked": gettext_noop("Books put back on the shelf"),
    "downloaded": gettext_noop("Downloaded"),
    "downloads granted again": gettext_noop("More downloads allowed"),
    "disputed": gettext_noop("Payment disputed"),
    "dispute lost": gettext_noop("Payment taken back by the bank"),
    "dispute won": gettext_noop("Dispute settled: the payment stands"),
    "the bank has a question": gettext_noop("The bank has a question"),
    "the bank’s question is answered": gettext_noop("The bank’s question is answered"),
}
