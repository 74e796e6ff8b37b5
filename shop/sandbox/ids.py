"""Ids and secrets, shaped like Stripe's."""

import secrets
import string

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
ACCOUNT = "acct_1SandboxColophon00"
CONFIGURATION = "pmc_1SandboxColophon00000000"


def new_id(prefix: str, length: int = 24) -> str:
    """`new_id("pi_3")` is pi_ and 24 characters of which the first is 3, as all ids of payments begin."""
    start = prefix.partition("_")[2]
    return prefix + token(length - len(start))


def token(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
