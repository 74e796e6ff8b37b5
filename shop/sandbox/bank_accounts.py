"""Stripe's test bank accounts: a delayed way of paying, that settles or fails later."""

from dataclasses import dataclass

ROUTING_NUMBER = "110000000"


@dataclass(frozen=True)
class BankAccount:
    number: str
    alias: str
    does: str
    failure: str | None = None
    """The code with which the debit fails in the end."""
    settles: bool = True
    """By itself, after a while; if not, the control plane settles it."""
    delay: float = 0
    """Seconds that settling takes longer than usual."""


BANK_ACCOUNTS = (
    BankAccount("000123456789", "pm_usBankAccount_success", "Processing, then paid"),
    BankAccount("000000000009", "pm_usBankAccount_processing", "Stays processing", settles=False),
    BankAccount("000111111113", "pm_usBankAccount_accountClosed", "Fails later", "account_closed"),
    BankAccount("000111111116", "pm_usBankAccount_noAccount", "Fails later", "no_account"),
    BankAccount("000222222227", "pm_usBankAccount_insufficientFunds", "Fails later", "insufficient_funds"),
    BankAccount("000333333335", "pm_usBankAccount_debitNotAuthorized", "Fails later", "debit_not_authorized"),
)
BANK_BY_NUMBER = {account.number: account for account in BANK_ACCOUNTS}
BANK_BY_ALIAS = {account.alias: account for account in BANK_ACCOUNTS}

ACSS_BANK = {"institution_number": "000", "transit_number": "11000"}
"""Where Stripe's Canadian test accounts are; their numbers do what the American ones do."""
IBAN_ENDINGS = {
    ending: BankAccount(ending, "", does, failure)
    for ending, does, failure in (
        ("3001", "Fails later", "debit_not_authorized"),
        ("3202", "Fails later", "insufficient_funds"),
        ("IT60X0542811101000000123456", "Fails later", "insufficient_funds"),
    )
} | {
    ending: BankAccount(ending, "", does, failure, delay=180)
    for ending, does, failure in (
        ("3002", "Fails after three minutes", "insufficient_funds"),
        ("3003", "Paid after three minutes", None),
        ("3203", "Fails after three minutes", "insufficient_funds"),
        ("3204", "Paid after three minutes", None),
    )
}
"""European test accounts, by the end of the IBAN. Any other pays."""


def is_iban(text: str) -> bool:
    if not (text.isascii() and text.isalnum() and 15 <= len(text) <= 34 and text[:2].isalpha()):
        return False
    return int("".join(str(int(sign, 36)) for sign in text[4:] + text[:4])) % 97 == 1
