"""Stripe's test cards: one row each, and what it does. Everything else about cards reads this table."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Decline:
    code: str
    decline_code: str | None
    message: str
    param: str | None = None
    blocked: bool = False


DECLINED = Decline("card_declined", "generic_decline", "Your card was declined.")
NO_FUNDS = Decline("card_declined", "insufficient_funds", "Your card has insufficient funds.")
LOST = Decline("card_declined", "lost_card", "Your card was declined.")
STOLEN = Decline("card_declined", "stolen_card", "Your card was declined.")
EXPIRED = Decline("expired_card", None, "Your card has expired.", "exp_month")
WRONG_CVC = Decline("incorrect_cvc", None, "Your card's security code is incorrect.", "cvc")
PROCESSING = Decline(
    "processing_error", None, "An error occurred while processing your card. Try again in a little bit."
)
TOO_OFTEN = Decline(
    "card_declined",
    "card_velocity_exceeded",
    "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
)
BLOCKED = Decline("card_declined", "fraudulent", "Your card was declined.", blocked=True)


@dataclass(frozen=True)
class Card:
    number: str
    alias: str
    does: str
    """One line for people."""
    brand: str = "visa"
    funding: str = "credit"
    country: str = "US"
    decline: Decline | None = None
    attaches: bool = True
    """Whether a customer can save it although charging it is declined."""
    challenge: str = ""
    """3-D Secure: "", "always", "off_session_declines", "on_session" (off session passes), "setup",
    "requested", "frictionless" (when requested, passes unseen) or "unsupported"."""
    after_challenge: Decline | None = None
    checks: tuple[str, str, str] = ("pass", "pass", "pass")
    """Address line, postal code, security code."""
    risk: str = "normal"
    refund: str = "succeeded"
    """How a refund ends: "succeeded", "pending" (succeeds later) or "failed" (fails later)."""


SUCCEEDS = (
    Card("4242424242424242", "pm_card_visa", "Succeeds"),
    Card("4000056655665556", "pm_card_visa_debit", "Succeeds", funding="debit"),
)
DECLINES = (
    Card("4000000000000002", "pm_card_visa_chargeDeclined", "Is declined", decline=DECLINED),
    Card(
        "4000000000009995",
        "pm_card_visa_chargeDeclinedInsufficientFunds",
        "Has insufficient funds",
        decline=NO_FUNDS,
    ),
)
THREE_D_SECURE = (
    Card(
        "4000002760003184",
        "pm_card_authenticationRequired",
        "Asks for a challenge every time",
        challenge="always",
    ),
)

CARDS = SUCCEEDS + DECLINES + THREE_D_SECURE
BY_NUMBER = {card.number: card for card in CARDS}
BY_ALIAS = {card.alias: card for card in CARDS if card.alias}


def passes_luhn(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
