"""Email addresses, as typed by shoppers."""

from email.headerregistry import Address
from typing import TYPE_CHECKING

from shop.errors import BadInput
from shop.words import _

if TYPE_CHECKING:
    from email_validator import ValidatedEmail


class BadEmail(BadInput):
    field = "email"


def read_email(text: str) -> str:
    """The address in its normal form. Raises BadEmail. Nothing is looked up: a shop must sell with DNS down."""
    if not text.strip():
        raise BadEmail(_("Enter your email address, like name@example.com."))
    if len(text) > 320:
        raise BadEmail(_("This is too long for an email address. Write it like name@example.com."))
    try:
        return _validated(text.strip()).normalized
    except ValueError:
        raise BadEmail(_("This email address is not complete. Write it like name@example.com.")) from None


def header_address(email: str) -> Address:
    """One address for a letter's header, its domain in ASCII. Raises ValueError."""
    found = _validated(email)
    return Address(username=found.local_part, domain=found.ascii_domain)


def _validated(email: str) -> "ValidatedEmail":
    from email_validator import validate_email  # noqa: PLC0415 (who only reads the settings mostly needs it not)

    return validate_email(email, check_deliverability=False, test_environment=True)
