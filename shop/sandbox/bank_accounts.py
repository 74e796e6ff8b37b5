"""Stripe's US test bank accounts: a delayed way of paying, that settles or fails later."""

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
