"""What a Checkout Session may be created with."""

from ..errors import ApiError, Json, invalid
from ..store import now

EARLIER = {"hosted": "hosted_page", "embedded": "embedded_page", "custom": "elements"}
"""What the values of ui_mode were called before 2026-03-25.dahlia."""
NOT_WITH_ELEMENTS = """
cancel_url success_url custom_text custom_fields branding_settings after_expiration origin_context submit_type
"""
LEAST_LIFE, LONGEST_LIFE = 1800, 86400
"""Seconds."""


def ui_mode(params: Json) -> str:
    given: str = params.get("ui_mode", "hosted_page")
    return EARLIER.get(given, given)


def check(params: Json) -> None:
    """Refuse what Stripe refuses; what the values themselves must be is checked where they are used."""
    mode = params.get("mode", "payment")
    if mode == "subscription":
        raise invalid("The sandbox has no subscriptions.", "mode")
    if mode == "payment" and not params.get("line_items"):
        raise invalid("You must provide line_items in payment mode.", "line_items", "parameter_missing")
    if mode == "setup" and (
        early := next((n for n in ("line_items", "payment_intent_data") if n in params), None)
    ):
        raise invalid(f"You can not pass `{early}` in `setup` mode.", early)
    if mode != "setup" and "setup_intent_data" in params:
        raise invalid(f"You can not pass `setup_intent_data` in `{mode}` mode.", "setup_intent_data")
    for one, other in (("customer", "customer_email"), ("discounts", "allow_promotion_codes")):
        if params.get(one) and params.get(other):
            message = f"You may only specify one of these parameters: {one}, {other}."
            raise ApiError(message, code="parameters_exclusive", param=one)
    _check_addresses(params, ui_mode(params))
    if "expires_at" in params and not LEAST_LIFE <= params["expires_at"] - now() <= LONGEST_LIFE:
        message = "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation."
        raise invalid(message, "expires_at")


def _check_addresses(params: Json, mode: str) -> None:
    """Where the shopper goes afterwards: success_url from the hosted page, return_url from the shop's own."""
    if mode == "hosted_page":
        if "return_url" in params:
            raise invalid("`return_url` is not for `ui_mode: hosted_page`; use `success_url`.", "return_url")
        if "success_url" not in params:
            raise invalid("Missing required param: success_url.", "success_url", "parameter_missing")
    unfit = NOT_WITH_ELEMENTS.split() if mode == "elements" else ["cancel_url", "success_url"]
    if mode != "hosted_page" and (early := next((name for name in unfit if name in params), None)):
        raise invalid(f"`{early}` is not supported with `ui_mode: {mode}`.", early)
    never = params.get("redirect_on_completion") == "never"
    if mode == "embedded_page" and not never and "return_url" not in params:
        raise invalid("Missing required param: return_url.", "return_url", "parameter_missing")
    for name in ("success_url", "cancel_url", "return_url"):
        if name in params and not params[name].startswith(("http://", "https://")):
            message = "Not a valid URL. It must begin with http:// or https://."
            raise invalid(message, name, "url_invalid")
