"""What can go wrong, in words for the shopper. One handler in `web.py` turns each into its page."""

from shop.words import _, counted, gettext_noop


class ShopError(Exception):
    """A sentence that says what happened and what to do, the HTTP status, and the page's heading."""

    status = 400
    heading = gettext_noop("That did not work")
    field: str | None = None  # the name of the form field that it is about
    retry_after: int | None = None  # seconds


class BadInput(ShopError):
    status = 422


class NoText(BadInput):
    """A zero byte, which no database keeps in a text."""

    def __init__(self) -> None:
        super().__init__(
            _("What you sent holds a character that cannot be stored. Take it out and try again.")
        )


class NothingDone(ShopError):
    """A command that would have changed much has changed nothing."""

    heading = gettext_noop("Nothing was done")


class NotFound(ShopError):
    status = 404
    heading = gettext_noop("This page is not in the catalogue")


class UnknownOrder(NotFound):
    heading = gettext_noop("We do not know this order")

    def __init__(self) -> None:
        super().__init__(_("Check the link: it is long, and every letter counts."))


class Conflict(ShopError):
    """The request was fine when it was written, but things have changed since."""

    status = 409
    heading = gettext_noop("Things have changed")


class TotalChanged(Conflict):
    """The amount that the page showed is not the amount of the order any more (both formatted)."""

    heading = gettext_noop("The total has changed")

    def __init__(self, shown: str, current: str) -> None:
        super().__init__(
            _(
                "The total was %(shown)s and is now %(current)s. Nothing has been charged.",
                shown=shown,
                current=current,
            )
        )


class PaymentUnderway(Conflict):
    """A changed cart or price may not change an amount that is being paid at this moment."""

    heading = gettext_noop("A payment is under way")

    def __init__(self, order_id: str) -> None:
        super().__init__(
            _("An earlier version of this order is being paid at this moment, perhaps in another tab.")
        )
        self.order_id = order_id


class PaymentUnavailable(ShopError):
    """Stripe could not be reached or did not do what we asked. `final`: asking again with the same idempotency
    key would get the same answer, so a new key is needed."""

    status = 502
    heading = gettext_noop("The payment service does not answer")

    def __init__(self, request_id: str | None = None, *, final: bool = False) -> None:
        super().__init__(
            _(
                "Your cart is as it was. Please try again in a moment; but if you have pressed Pay already, look at "
                "your order’s page first: it tells what became of the payment."
            )
        )
        self.request_id = request_id
        self.final = final


class PaymentBusy(PaymentUnavailable):
    """As many calls to Stripe are under way as may be, and none has ended in time. Nothing was asked."""

    status = 503
    heading = gettext_noop("Many people are paying at this moment")
    retry_after = 5


class TooManyFailures(ShopError):
    """So many attempts to pay have failed that somebody may be trying out cards."""

    status = 429
    heading = gettext_noop("Please wait a little")

    def __init__(self, order_id: str, seconds: int) -> None:
        minutes = -(-seconds // 60)
        super().__init__(
            _("Too many payments from your cart or your connection have failed.")
            + " "
            + counted(
                "To protect people whose cards were stolen, the next can be made in %(num)s minute: reload this page "
                "then.",
                "To protect people whose cards were stolen, the next can be made in %(num)s minutes: reload this page "
                "then.",
                minutes,
            )
            + " "
            + _("Nothing was charged, and your order and your cart stay as they are.")
        )
        self.order_id = order_id
        self.retry_after = seconds


class PaymentRefused(ShopError):
    """Stripe does not take this amount or currency, and will not however often it is asked."""

    status = 422
    heading = gettext_noop("We cannot take this payment")

    def __init__(self, code: str | None = None) -> None:
        self.code = code  # Stripe's own word for why
        super().__init__(
            _("The payment service does not accept this order. Nothing has been charged: change your cart.")
        )


class IntentMissing(Exception):
    """Stripe knows no intent by this id: the keys belong to another account, or a sandbox was reset."""


class IntentClosed(Exception):
    """The intent has moved on (paid, cancelled, …) and does not take this change."""


class DatabaseUnavailable(ShopError):
    """The database is lost, locked, full or too slow. `undone`: it is certain that nothing was written. `passing`:
    another try may find it well (a deadlock, a lost connection)."""

    status = 503
    heading = gettext_noop("The shop’s database does not answer")
    retry_after = 5

    def __init__(self, *, undone: bool = True, passing: bool = False) -> None:
        super().__init__(
            _("Nothing was changed, and your cart is as it was. Please try again in a moment.")
            if undone
            else _(
                "We cannot tell whether your last step has arrived. Look at your cart or your order before you "
                "repeat it."
            )
        )
        self.worth_repeating = undone and passing
