"""The API versions that the sandbox knows, and what a request may say in each.

What an object looks like in an older version belongs here too.
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
    "2025-12-15.clover", "2026-01-28.clover", "2026-02-25.clover", "2026-03-25.dahlia", "2026-07-29.dahlia",
    DEFAULT, "2026-09-30.endive", SDK,
)  # fmt: skip
ENDIVE = "2026-09-30"


def choose(asked: str | None) -> str:
    if asked is None:
        return DEFAULT
    if asked not in KNOWN:
        raise invalid(f"Invalid Stripe API version: {str(asked)[:100]}")
    return asked


def parameters(route: str, version: str, fields: Json) -> Json:
    """Parameters that this version takes besides those of the SDK's own version, with their kinds."""
    takes = route.startswith("POST /v1/payment_intents")
    if not takes or version >= ENDIVE:
        if takes and "payment_method_types" in fields:
            raise invalid(
                "The payment_method_types parameter is no longer supported. Leave it out to use dynamic "
                "payment methods, or name allowed_payment_method_types or excluded_payment_method_types.",
                "payment_method_types",
                "payment_method_types_no_longer_supported",
            )
        return {}
    return {"payment_method_types": {"list": "str"}}
