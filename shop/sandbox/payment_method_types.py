"""Which payment method types an intent may be paid with, on the sandbox's US account."""

from .errors import Json, invalid

SUPPORTED = ("card", "link", "us_bank_account")
DEFAULT_OPTIONS: Json = {
    "card": {
        "installments": None,
        "mandate_options": None,
        "network": None,
        "request_three_d_secure": "automatic",
    },
    "link": {"persistent_token": None},
    "us_bank_account": {"verification_method": "automatic"},
}


def chosen_types(version: str, params: Json, currency: str) -> tuple[list[str], Json | None]:
    """The types, and `automatic_payment_methods` as the intent shows it."""
    named, automatic = params.get("payment_method_types"), params.get("automatic_payment_methods")
    if named and automatic:
        message = (
            "You may only specify one of these parameters: automatic_payment_methods, payment_method_types."
        )
        raise invalid(message, code="parameters_exclusive")
    if named:
        for kind in named:
            if kind not in SUPPORTED:
                raise invalid(f"The payment method type provided: {kind} is invalid.", "payment_method_types")
        return list(named), None
    if version < "2023-08-16" and not (automatic and automatic["enabled"]):
        return ["card"], None
    if automatic and not automatic["enabled"]:
        return ["card"], None
    shown = {"allow_redirects": (automatic or {}).get("allow_redirects", "always"), "enabled": True}
    if allowed := params.get("allowed_payment_method_types"):
        if automatic or params.get("excluded_payment_method_types"):
            message = (
                "You may only specify one of these parameters: allowed_payment_method_types, "
                "excluded_payment_method_types, automatic_payment_methods."
            )
            raise invalid(message, code="parameters_exclusive")
        return [kind for kind in automatic_types(currency) if kind in allowed], None
    excluded = params.get("excluded_payment_method_types") or ()
    return [kind for kind in automatic_types(currency) if kind not in excluded], shown


def automatic_types(currency: str) -> list[str]:
    return ["card", "link", "us_bank_account"] if currency == "usd" else ["card", "link"]


def options_for(types: list[str], given: Json | None) -> Json:
    return {kind: {**DEFAULT_OPTIONS[kind], **((given or {}).get(kind) or {})} for kind in types}
