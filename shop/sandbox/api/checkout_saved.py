"""The payment methods that a Checkout Session's customer has saved, and saving another."""

from ..call import Call
from ..errors import Json, invalid
from .saved_methods import of_customer


def shown_again(call: Call, session: Json) -> list[Json]:
    """Newest first: of a customer that the shop has named, what may be shown again."""
    filters = _options(session).get("allow_redisplay_filters") or ["always"]
    saved = of_customer(call, session["customer"]) if session["customer"] else []
    return [each for each in saved if each["allow_redisplay"] in filters]


def offers_saving(session: Json) -> bool:
    return bool(session["customer"]) and _options(session).get("payment_method_save") == "enabled"


def saving(session: Json, params: Json) -> Json:
    """What confirming is to say of the method, where the shopper has ticked the box."""
    if not params.get("save_payment_method"):
        return {}
    if not offers_saving(session):
        raise invalid("This session does not let payment methods be saved.", "save_payment_method")
    return {"setup_future_usage": "on_session"}


def _options(session: Json) -> Json:
    return session["saved_payment_method_options"] or {}
