"""Stripe's test cards: a row each, and what it does. All else about cards reads this table."""

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True)
class Decline:
    code: str
    decline_code: str | None
    message: str
    param: str | None = None
    blocked: bool = False
    """Stripe itself refused; the bank was not asked."""


class Challenge(Enum):
    """When a card asks for 3-D Secure."""

    UNSUPPORTED = "never, even when requested"
    NEVER = "never"
    REQUESTED = "when request_three_d_secure says so"
    FRICTIONLESS = "when requested, and passes unseen"
    REQUIRED = "always; off session it fails with authentication_required"
    UNTIL_SET_UP = "always, but not off session once its owner has agreed to that in a challenge"
    ON_SESSION = "always, but not off session"


NO = "Your card was declined."
TOO_OFTEN = (
    "Your card was declined for making repeated attempts too frequently or exceeding its amount limit."
)
TRY_AGAIN = "An error occurred while processing your card. Try again in a little bit."
DECLINED = Decline("card_declined", "generic_decline", NO)
NO_FUNDS = Decline("card_declined", "insufficient_funds", "Your card has insufficient funds.")
LOST = Decline("card_declined", "lost_card", NO)
STOLEN = Decline("card_declined", "stolen_card", NO)
EXPIRED = Decline("expired_card", None, "Your card has expired.", "exp_month")
WRONG_CVC = Decline("incorrect_cvc", None, "Your card's security code is incorrect.", "cvc")
PROCESSING = Decline("processing_error", None, TRY_AGAIN)
VELOCITY = Decline("card_declined", "card_velocity_exceeded", TOO_OFTEN)
BLOCKED = Decline("card_declined", "fraudulent", NO, blocked=True)
UNAUTHENTICATED = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
)
LIVE_CARD = Decline(
    "card_declined",
    "test_mode_live_card",
    "Your card was declined. Your request was in test mode, but used a non test card. For a list of "
    "valid test cards, visit: https://stripe.com/docs/testing.",
)


@dataclass(frozen=True)
class Doubt:
    """What the owner of a card says to the bank after a payment."""

    reason: str = "fraudulent"
    network_code: str = "10.4"
    case: str = "chargeback"
    """chargeback or compliance take the money back; an inquiry only asks."""
    times: int = 1
    eligible: str | None = None
    """The kind of enhanced evidence that may be brought against it."""


@dataclass(frozen=True)
class Card:
    number: str
    alias: str
    does: str
    """A line for people."""
    brand: str = "visa"
    funding: str = "credit"
    country: str = "US"
    decline: Decline | None = None
    challenge: Challenge = Challenge.NEVER
    after_challenge: Decline | None = None
    """How a charge ends once a challenge is passed, and off session where none is asked for."""
    checks: tuple[str, str, str] = ("pass", "pass", "pass")
    """Address line, postal code, security code."""
    risk: str = "normal"
    refund: str = "succeeded"
    """How a refund ends: "succeeded" at once, "pending" (succeeds later) or "failed" (fails later)."""
    doubt: Doubt | None = None
    warns: bool = False
    """The bank reports a payment as fraud, which Stripe passes on as an early fraud warning."""
    saves: bool = False
    """A customer can keep it although paying with it is declined."""
    available: bool = False
    """The money is in the balance at once."""


SUCCEED = (
    Card("4242424242424242", "pm_card_visa", "Visa"),
    Card("4000056655665556", "pm_card_visa_debit", "Visa debit", funding="debit"),
    Card("5555555555554444", "pm_card_mastercard", "Mastercard", "mastercard"),
    Card("2223003122003222", "", "Mastercard, 2-series", "mastercard"),
    Card("5200828282828210", "pm_card_mastercard_debit", "Mastercard debit", "mastercard", "debit"),
    Card("5105105105105100", "pm_card_mastercard_prepaid", "Mastercard prepaid", "mastercard", "prepaid"),
    Card("371449635398431", "pm_card_amex", "American Express", "amex"),
    Card("378282246310005", "pm_card_amex_threeDSecureNotSupported", "American Express without 3-D Secure",
         "amex", challenge=Challenge.UNSUPPORTED),
    Card("6011111111111117", "pm_card_discover", "Discover", "discover"),
    Card("6011000990139424", "", "Discover", "discover"),
    Card("6011981111111113", "", "Discover debit", "discover", "debit"),
    Card("3056930009020004", "pm_card_diners", "Diners Club", "diners"),
    Card("36227206271667", "", "Diners Club, 14 digits", "diners"),
    Card("3566002020360505", "pm_card_jcb", "JCB", "jcb"),
    Card("6200000000000005", "pm_card_unionpay", "UnionPay", "unionpay"),
)  # fmt: skip
DECLINES = (
    Card("4000000000000002", "pm_card_visa_chargeDeclined", "Declined", decline=DECLINED),
    Card("4000000000009995", "pm_card_visa_chargeDeclinedInsufficientFunds", "No funds", decline=NO_FUNDS),
    Card("4000000000009987", "pm_card_visa_chargeDeclinedLostCard", "Lost card", decline=LOST),
    Card("4000000000009979", "pm_card_visa_chargeDeclinedStolenCard", "Stolen card", decline=STOLEN),
    Card("4000000000000069", "pm_card_chargeDeclinedExpiredCard", "Expired card", decline=EXPIRED),
    Card("4000000000000127", "pm_card_chargeDeclinedIncorrectCvc", "Wrong CVC", decline=WRONG_CVC),
    Card("4000000000000119", "pm_card_chargeDeclinedProcessingError", "Processing error", decline=PROCESSING),
    Card("4000000000006975", "pm_card_visa_chargeDeclinedVelocityLimitExceeded", "Too many attempts",
         decline=VELOCITY),
    Card("4000000000000341", "pm_card_chargeCustomerFail", "Saves, then declines", decline=DECLINED,
         saves=True),
)  # fmt: skip
CHECKS = (
    Card("4100000000000019", "pm_card_radarBlock", "Blocked as fraud", decline=BLOCKED, risk="highest"),
    Card("4000000000004954", "pm_card_riskLevelHighest", "Highest risk", decline=BLOCKED, risk="highest"),
    Card("4000000000009235", "pm_card_riskLevelElevated", "Pays at elevated risk", risk="elevated"),
    Card("4000000000000101", "pm_card_cvcCheckFail", "Pays, CVC fails", checks=("pass", "pass", "fail")),
    Card("4000000000000036", "pm_card_avsZipFail", "Pays, postal code fails",
         checks=("pass", "fail", "pass")),
    Card("4000058400307872", "pm_card_cvcCheckFailElevatedRisk", "Pays, CVC fails, elevated risk",
         checks=("pass", "pass", "fail"), risk="elevated"),
    Card("4000058400306072", "pm_card_avsZipFailElevatedRisk", "Pays, postal code fails, elevated risk",
         checks=("pass", "fail", "pass"), risk="elevated"),
    Card("4000000000000028", "pm_card_avsLine1Fail", "Pays, address fails", checks=("fail", "pass", "pass")),
    Card("4000000000000010", "pm_card_avsFail", "Pays, address and code fail",
         checks=("fail", "fail", "pass")),
    Card("4000000000000044", "pm_card_avsUnchecked", "Pays, address unchecked",
         checks=("unavailable", "unavailable", "pass")),
)  # fmt: skip
THREE_D_SECURE = (
    Card("4000002500003155", "pm_card_authenticationRequiredOnSetup",
         "Asks for a challenge, but not off session once set up", country="FR", challenge=Challenge.UNTIL_SET_UP),
    Card("4000002760003184", "pm_card_authenticationRequired", "Asks for a challenge every time",
         country="DE", challenge=Challenge.REQUIRED),
    Card("4000003800000446", "pm_card_authenticationRequiredSetupForOffSession",
         "Asks for a challenge, but not off session", country="IT", challenge=Challenge.ON_SESSION),
    Card("4000008260003178", "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
         "Challenge, then no funds", country="GB",
         challenge=Challenge.ON_SESSION, after_challenge=NO_FUNDS, saves=True),
    Card("4000000000003220", "pm_card_threeDSecure2Required", "Challenge must be completed",
         challenge=Challenge.REQUIRED),
    Card("4000008400000027", "", "The same, issued in the US", challenge=Challenge.REQUIRED),
    Card("4000008400001629", "pm_card_threeDSecureRequiredChargeDeclined", "Challenge, then declined",
         challenge=Challenge.REQUIRED, after_challenge=DECLINED),
    Card("4000008400001280", "pm_card_threeDSecureRequiredProcessingError",
         "3-D Secure cannot be looked up: declined", decline=DECLINED),
    Card("4000000000003055", "pm_card_threeDSecureOptional", "Challenge only when requested",
         challenge=Challenge.REQUESTED),
    Card("4000000000003097", "pm_card_threeDSecureOptionalProcessingError",
         "When requested, a processing error", challenge=Challenge.REQUESTED, after_challenge=PROCESSING),
    Card("4000000032200000", "", "When requested, passes unseen", challenge=Challenge.FRICTIONLESS),
)  # fmt: skip
AFTERWARDS = (
    Card("4000000000007726", "pm_card_pendingRefund", "A refund is pending first", refund="pending"),
    Card("4000000000005126", "pm_card_refundFail", "A refund fails later", refund="failed"),
    Card("4000000000000077", "pm_card_bypassPending", "Money available at once", available=True),
    Card("4000003720000278", "pm_card_bypassPendingInternational", "Money available at once, from Ireland",
         country="IE", available=True),
)  # fmt: skip
DISPUTES = (
    Card("4000000000000259", "pm_card_createDispute", "Disputed as fraud", doubt=Doubt()),
    Card("4000000000002685", "pm_card_createDisputeProductNotReceived", "Disputed as never received",
         doubt=Doubt("product_not_received", "13.1")),
    Card("4000000000001976", "pm_card_createDisputeInquiry", "The bank asks about it",
         doubt=Doubt(case="inquiry")),
    Card("4000000000005423", "pm_card_createIssuerFraudRecord", "Early fraud warning", warns=True),
    Card("4000000404000079", "pm_card_createMultipleDisputes", "Disputed twice, a half each",
         doubt=Doubt(times=2)),
    Card("4000000404000038", "pm_card_createCe3EligibleDispute", "Disputed, open to compelling evidence 3.0",
         doubt=Doubt(eligible="visa_compelling_evidence_3")),
    Card("4000008400000779", "pm_card_createComplianceDispute", "Disputed for not keeping Visa's rules",
         doubt=Doubt("noncompliant", "", "compliance", eligible="visa_compliance")),
)  # fmt: skip
COUNTRIES = tuple(
    Card(number, f"pm_card_{country.lower()}", f"Visa from {country}", country=country)
    for number, country in (
        ("4000000760000002", "BR"), ("4000001240000000", "CA"), ("4000004840008001", "MX"),
        ("4000000400000008", "AT"), ("4000000560000004", "BE"), ("4000002080000001", "DK"),
        ("4000002460000001", "FI"), ("4000002500000003", "FR"), ("4000002760000016", "DE"),
        ("4000003000000030", "GR"), ("4000003720000005", "IE"), ("4000003800000008", "IT"),
        ("4000005280000002", "NL"), ("4000005780000007", "NO"), ("4000006160000005", "PL"),
        ("4000006200000007", "PT"), ("4000007240000007", "ES"), ("4000007520000008", "SE"),
        ("4000007560000009", "CH"), ("4000008260000000", "GB"), ("4000000360000006", "AU"),
        ("4000003440000004", "HK"), ("4000003560000008", "IN"), ("4000003920000003", "JP"),
        ("4000005540000008", "NZ"), ("4000007020000003", "SG"),
    )
)  # fmt: skip
SECTIONS = {
    "Pay": SUCCEED,
    "Are declined": DECLINES,
    "Ask for 3-D Secure": THREE_D_SECURE,
    "Fail a check or look risky": CHECKS,
    "Show what they do later": AFTERWARDS,
    "Pay, and are disputed": DISPUTES,
    "Pay, from other countries": COUNTRIES,
}

BY_NUMBER = {card.number: card for cards in SECTIONS.values() for card in cards}
BY_ALIAS = {card.alias: card for card in BY_NUMBER.values() if card.alias} | {
    "pm_card_us": BY_NUMBER["4242424242424242"],
    "pm_card_chargeDeclined": BY_NUMBER["4000000000000002"],
    "pm_card_chargeDeclinedInsufficientFunds": BY_NUMBER["4000000000009995"],
}


def passes_luhn(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
