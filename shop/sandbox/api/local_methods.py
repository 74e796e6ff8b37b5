"""Payment methods that are no cards: bank debits of Europe and Canada, and those with a page of their own."""

from collections.abc import Callable

from ..addresses import billing_details
from ..bank_accounts import ACSS_BANK, BANK_BY_NUMBER, IBAN_ENDINGS, BankAccount, is_iban
from ..errors import Json, invalid
from ..ids import token
from ..payment_method_types import TYPES, Flow, unavailable

Details = tuple[Json, str]
"""The hash of the type, and the number that says what the account does."""
MADE = {
    "boleto": ("tax_id",),
    "cashapp": ("buyer_id", "cashtag"),
    "eps": ("bank",),
    "fpx": ("account_holder_type", "bank"),
    "ideal": ("bank", "bic"),
    "klarna": ("dob",),
    "p24": ("bank",),
    "paypal": ("country", "payer_email", "payer_id"),
    "sofort": ("country",),
}
"""The fields of a method's own hash."""
UNSEEN = {"account_number": "000123456789", **ACSS_BANK}
"""The account that a shopper chooses in the bank's own window."""


def details(kind: str, given: Json, path: str, fingerprint: Callable[[str], str]) -> Details:
    """From the fields `given` at `path`. A method can be made of types that the account cannot be paid with."""
    if kind not in TYPES or TYPES[kind].flow is Flow.CARD or kind == "au_becs_debit":
        raise unavailable(kind, "type")
    if kind == "sepa_debit":
        return _sepa(given, path, fingerprint)
    if kind == "acss_debit":
        return _acss(given or UNSEEN, path, fingerprint)
    shown = {name: given.get(name) for name in MADE.get(kind, ())}
    if kind == "boleto":
        shown["fingerprint"] = fingerprint(str(given.get("tax_id")))
    return shown, ""


def check_billing_details(kind: str, given: Json, path: str) -> None:
    known = billing_details(given)
    for name in TYPES[kind].needs:
        if not known[name]:
            where = f"{path}[{name}]" if path else name
            raise invalid(f"Missing required param: {where}.", where, "parameter_missing")


def account_of(method: Json) -> BankAccount:
    """What Stripe's test accounts are known for; any other pays."""
    number: str = method["_number"]
    if method["type"] == "sepa_debit":
        found = (account for ending, account in IBAN_ENDINGS.items() if number.endswith(ending))
        return next(found, BankAccount(number, "", "Processing, then paid"))
    return BANK_BY_NUMBER[number]


def of_charge(method: Json) -> Json:
    """`payment_method_details` of a charge that such a method has paid."""
    kind = method["type"]
    shown = {name: method[kind].get(name) for name in CHARGED[kind].split()}
    if "transaction_id" in shown:
        shown["transaction_id"] = token(17)
    return {"type": kind, kind: shown}


CHARGED = {
    "acss_debit": """
        bank_name expected_debit_date fingerprint institution_number last4 mandate transit_number
    """,
    "affirm": "location reader transaction_id",
    "afterpay_clearpay": "order_id reference",
    "alipay": "buyer_id fingerprint transaction_id",
    "bancontact": """
        bank_code bank_name bic generated_sepa_debit generated_sepa_debit_mandate iban_last4 preferred_language
        verified_name
    """,
    "cashapp": "buyer_id cashtag transaction_id",
    "ideal": """
        bank bic generated_sepa_debit generated_sepa_debit_mandate iban_last4 transaction_id verified_name
    """,
    "klarna": "payer_details payment_method_category preferred_locale",
    "sepa_debit": "bank_code branch_code country expected_debit_date fingerprint last4 mandate",
}
"""The fields of each type; what the method does not know of them is null."""


def _sepa(given: Json, path: str, fingerprint: Callable[[str], str]) -> Details:
    iban = str(given.get("iban", "")).replace(" ", "").upper()
    if not is_iban(iban):
        raise invalid("The IBAN you provided is invalid.", f"{path}[iban]", "invalid_bank_account_iban")
    shown = {
        "bank_code": iban[4:12],
        "branch_code": "",
        "country": iban[:2],
        "fingerprint": fingerprint(iban),
        "generated_from": {"charge": None, "setup_attempt": None},
        "last4": iban[-4:],
    }
    return shown, iban


def _acss(given: Json, path: str, fingerprint: Callable[[str], str]) -> Details:
    number = given.get("account_number", "")
    if number not in BANK_BY_NUMBER or any(given.get(name) != value for name, value in ACSS_BANK.items()):
        message = "This is not one of Stripe's test accounts (transit number 11000, institution number 000)."
        raise invalid(message, f"{path}[account_number]", "bank_account_unusable")
    shown = {
        "bank_name": "STRIPE TEST BANK",
        "fingerprint": fingerprint(number),
        "last4": number[-4:],
        **ACSS_BANK,
    }
    return shown, number
