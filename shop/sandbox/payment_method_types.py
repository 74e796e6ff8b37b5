"""Which payment method types there are, and which of them an intent may be paid with: the sandbox's account is in the
US and has asked for what `active` says."""

from dataclasses import dataclass
from enum import Enum

from .errors import ApiError, Json, invalid


class Flow(Enum):
    """What confirming with a method of this type does."""

    CARD = "charged at once, perhaps after a challenge"
    DEBIT = "processing first, paid or failed later"
    REDIRECT = "the shopper goes to a page of the method's own, and comes back"


@dataclass(frozen=True)
class MethodType:
    flow: Flow
    currencies: tuple[str, ...] = ()
    """None named: all."""
    active: bool = True
    options: tuple[tuple[str, object], ...] = ()
    """The `payment_method_options` of an intent, where none were given."""
    needs: tuple[str, ...] = ()
    """What of `billing_details` cannot be left out."""


WORLD = ("usd", "aud", "cad", "eur", "gbp", "nzd")
CARD_OPTIONS = ("installments", None), ("mandate_options", None), ("network", None)
BANK_OPTIONS: tuple[tuple[str, object], ...] = (
    ("financial_connections", {"permissions": ["payment_method"], "prefetch": []}), ("mandate_options", {})
)  # fmt: skip
TYPES = {
    "card": MethodType(Flow.CARD, options=(*CARD_OPTIONS, ("request_three_d_secure", "automatic"))),
    "link": MethodType(Flow.CARD, options=(("persistent_token", None),)),
    "bancontact": MethodType(
        Flow.REDIRECT, ("eur",), options=(("preferred_language", "en"),), needs=("name",)
    ),
    "ideal": MethodType(Flow.REDIRECT, ("eur",)),
    "sepa_debit": MethodType(Flow.DEBIT, ("eur",), needs=("name", "email")),
    "acss_debit": MethodType(
        Flow.DEBIT, ("cad", "usd"), options=(("verification_method", "automatic"),), needs=("name", "email")
    ),
    "us_bank_account": MethodType(
        Flow.DEBIT, ("usd",), options=(*BANK_OPTIONS, ("verification_method", "automatic"))
    ),
    "affirm": MethodType(Flow.REDIRECT, ("usd", "cad")),
    "afterpay_clearpay": MethodType(Flow.REDIRECT, WORLD, options=(("reference", None),)),
    "alipay": MethodType(Flow.REDIRECT, (*WORLD, "cny", "hkd", "jpy", "myr", "sgd")),
    "cashapp": MethodType(Flow.REDIRECT, ("usd",)),
    "klarna": MethodType(
        Flow.REDIRECT,
        (*WORLD, "chf", "czk", "dkk", "nok", "pln", "sek"),
        options=(("preferred_locale", None),),
    ),
    "au_becs_debit": MethodType(Flow.DEBIT, ("aud",), active=False),
    "boleto": MethodType(Flow.REDIRECT, ("brl",), active=False),
    "fpx": MethodType(Flow.REDIRECT, ("myr",), active=False),
    "grabpay": MethodType(Flow.REDIRECT, ("myr", "sgd"), active=False),
    "eps": MethodType(Flow.REDIRECT, ("eur",), active=False),
    "giropay": MethodType(Flow.REDIRECT, ("eur",), active=False),
    "p24": MethodType(Flow.REDIRECT, ("eur", "pln"), active=False),
    "sofort": MethodType(Flow.REDIRECT, ("eur",), active=False),
    "wechat_pay": MethodType(Flow.REDIRECT, WORLD, active=False),
    "oxxo": MethodType(Flow.REDIRECT, ("mxn",), active=False),
    "paypal": MethodType(Flow.REDIRECT, active=False),
}
USED_ONCE = ("bancontact", "ideal")
"""Types that cannot be used again; a SEPA debit takes their place."""
HOLDING = ("card", "link", "affirm", "afterpay_clearpay", "cashapp", "klarna", "paypal")
"""Types that can be authorised now and captured later."""
AUTOMATIC = ("card", "link", "us_bank_account", "bancontact", "ideal", "sepa_debit")
"""Types that an intent gets without asking, where the currency allows; the others have to be named."""


NOT_WITH_ALLOWED = (
    "automatic_payment_methods", "excluded_payment_method_types", "payment_method_configuration",
    "payment_method_types",
)  # fmt: skip


def exclusive(*names: str) -> ApiError:
    return invalid(
        f"You may only specify one of these parameters: {', '.join(names)}.", code="parameters_exclusive"
    )


def chosen_types(version: str, params: Json, currency: str | None) -> tuple[list[str], Json | None]:
    """The types, and `automatic_payment_methods` as the intent shows it. What is set up has no currency."""
    named, automatic = params.get("payment_method_types"), params.get("automatic_payment_methods")
    if named and automatic:
        raise exclusive("automatic_payment_methods", "payment_method_types")
    if "allowed_payment_method_types" in params:
        for name in NOT_WITH_ALLOWED:
            if name in params:
                raise exclusive("allowed_payment_method_types", name)
    if named:
        for kind in named:
            _check(kind, currency)
        return list(named), None
    if version < "2023-08-16" and not (automatic and automatic["enabled"]):
        return ["card"], None
    if automatic and not automatic["enabled"]:
        return ["card"], None
    shown = {"allow_redirects": (automatic or {}).get("allow_redirects", "always"), "enabled": True}
    if allowed := params.get("allowed_payment_method_types"):
        return [kind for kind in TYPES if kind in allowed and _works(kind, currency)], None
    excluded = params.get("excluded_payment_method_types") or ()
    redirects = shown["allow_redirects"] == "always"
    held = params.get("capture_method") == "manual"
    fitting = [kind for kind in automatic_types(currency, redirects) if kind in HOLDING or not held]
    return [kind for kind in fitting if kind not in excluded], shown


def automatic_types(currency: str | None, redirects: bool = True) -> list[str]:
    fitting = [kind for kind in AUTOMATIC if _works(kind, currency)]
    return [kind for kind in fitting if redirects or TYPES[kind].flow is not Flow.REDIRECT]


def _works(kind: str, currency: str | None) -> bool:
    known = TYPES[kind]
    return known.active and (currency is None or not known.currencies or currency in known.currencies)


def _check(kind: str, currency: str | None) -> None:
    known = TYPES.get(kind)
    if kind == "au_becs_debit":
        message = (
            "This payment method is available to Stripe accounts in AU and your Stripe account is in US."
        )
        raise invalid(message, "payment_method_types", "payment_intent_invalid_parameter")
    if known is None or not known.active:
        raise unavailable(kind, "payment_method_types")
    if currency and known.currencies and currency not in known.currencies:
        choice = ", ".join(known.currencies)
        message = f"The currency {currency} cannot be paid with {kind}. It takes: {choice}."
        raise invalid(message, "payment_method_types", "payment_intent_invalid_parameter")


def unavailable(kind: str, param: str) -> ApiError:
    message = (
        f"The payment method type provided: {kind} is invalid. Please ensure the provided type is activated for your "
        "account and that its name is right."
    )
    return invalid(message, param, "payment_intent_invalid_parameter")


def options_for(types: list[str], given: Json | None) -> Json:
    return {kind: {**dict(TYPES[kind].options), **((given or {}).get(kind) or {})} for kind in types}
