"""Email addresses, as typed by shoppers."""

from email.headerregistry import Address

from email_validator import EmailNotValidError, validate_email

from shop.errors import BadInput
from shop.words import _


class BadEmail(BadInput):
    field = "email"


def read_email(text: str) -> str:
    """The address in its normal form. Raises BadEmail. Nothing is looked up: a shop must sell with DNS down."""
    if not text.strip():
        raise BadEmail(_("Enter your email address, like name@example.com."))
    if len(text) > 320:
        raise BadEmail(_("This is too long for an email address. Write it like name@example.com."))
    try:
        return validate_email(text.strip(), check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        raise BadEmail(_("This email address is not complete. Write it like name@example.com.")) from None


def header_address(email: str) -> Address:
    """One address for a letter's header, its domain in ASCII. Raises ValueError."""
    found = validate_email(email, check_deliverability=False, test_environment=True)
    return Address(username=found.local_part, domain=found.ascii_domain)
