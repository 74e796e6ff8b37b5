"""The only name by which a cart, order or payment leaves the database."""

import secrets


def random_id() -> str:
    """128 random bits, less those that would begin with a hyphen: in a command that would be an option."""
    while (found := secrets.token_urlsafe(16)).startswith("-"):
        pass
    return found
