"""The API versions that the sandbox knows, in their order, and what a request may say in each.

Handlers know the newest version only: a request of an older one is brought up to it here, and `older.py` takes the
answer back. Versions compare as text: "2025-09-30.clover" < "2026-03-25.dahlia".
"""

from .errors import Json, invalid

SDK = "2026-10-28.endive"
DEFAULT = "2026-08-26.dahlia"
"""The account's version, for clients that send none."""
KNOWN = (
    "2020-08-27", "2022-08-01", "2022-11-15", "2023-08-16", "2023-10-16", "2024-04-10", "2024-06-20",
    "2024-09-30.acacia", "2024-10-28.acacia", "2024-11-20.acacia", "2024-12-18.acacia", "2025-01-27.acacia",
    "2025-02-24.acacia", "2025-03-31.basil", "2025-04-30.basil", "2025-05-28.basil", "2025-06-30.basil",
    "2025-07-30.basil", "2025-08-27.basil", "2025-09-30.clover", "2025-10-29.clover", "2025-11-17.clover",
    "2025-12-15.clover", "2026-01-28.clover", "2026-02-25.clover", "2026-03-25.dahlia", "2026-04-22.dahlia",
    "2026-05-27.dahlia", "2026-06-24.dahlia", "2026-07-29.dahlia", DEFAULT, "2026-09-30.endive", SDK,
)  # fmt: skip
BASIL, CLOVER, DAHLIA, ENDIVE = (
    "2025-03-31.basil",
    "2025-09-30.clover",
    "2026-03-25.dahlia",
    "2026-09-30.endive",
)

INTENTS = ("POST /v1/payment_intents", "POST /v1/setup_intents")
TOOK_TYPES = (
    *INTENTS,
    "POST /v1/payment_intents/{intent}",
    "POST /v1/payment_intents/{intent}/confirm",
    "POST /v1/setup_intents/{intent}",
    "POST /v1/checkout/sessions",
)
"""Routes that had `payment_method_types`, until endive."""
TOOK_COUPON = ("POST /v1/customers", "POST /v1/customers/{customer}")
"""Routes that had `coupon`, until basil."""
NEW = (
    ("2026-07-29.dahlia", "POST /v1/payment_intents", "allowed_payment_method_types"),
    ("2026-07-29.dahlia", "POST /v1/setup_intents", "allowed_payment_method_types"),
    ("2026-10-28.endive", "POST /v1/checkout/sessions/{session}", "payment_intent_data"),
)
"""Parameters that are younger than the oldest version: since when, at routes that begin so."""
UI_MODES = {"custom": "elements", "embedded": "embedded_page", "hosted": "hosted_page"}
"""What dahlia calls the former values of `ui_mode`."""


def choose(asked: str | None) -> str:
    if asked is None:
        return DEFAULT
    if asked not in KNOWN:
        raise invalid(f"Invalid Stripe API version: {str(asked)[:100]}")
    return asked


def parameters(route: str, version: str, fields: Json) -> Json:
    """Parameters that this version takes besides those of the SDK's own version, with their kinds. Raises for
    those that it does not know yet, or no longer."""
    for since, start, name in NEW:
        if name in fields and version < since and route.startswith(start):
            raise invalid(f"Received unknown parameter: {name}", name, "parameter_unknown")
    if route in TOOK_COUPON and version < BASIL:
        return {"coupon": {"one": [[""], "str"]}}
    if route not in TOOK_TYPES:
        return {}
    if version < ENDIVE:
        return {"payment_method_types": {"list": "str"}}
    if "payment_method_types" in fields:
        raise invalid(
            "The payment_method_types parameter is no longer supported. Leave it out to use dynamic "
            "payment methods, or name allowed_payment_method_types or excluded_payment_method_types.",
            "payment_method_types",
            "payment_method_types_no_longer_supported",
        )
    return {}


def upgraded(route: str, version: str, fields: Json) -> Json:
    """The fields as the newest version would have been sent them."""
    if route == "POST /v1/checkout/sessions" and version < DAHLIA and "ui_mode" in fields:
        if fields["ui_mode"] not in UI_MODES:
            raise invalid(f"Invalid ui_mode: must be one of {', '.join(UI_MODES)}", "ui_mode")
        return {**fields, "ui_mode": UI_MODES[fields["ui_mode"]]}
    if route == "POST /v1/promotion_codes" and version < CLOVER and "coupon" in fields:
        kept = {name: value for name, value in fields.items() if name != "coupon"}
        return {**kept, "promotion": {"type": "coupon", "coupon": fields["coupon"]}}
    return fields
