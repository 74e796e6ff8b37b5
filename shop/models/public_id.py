"""The only name by which a cart, order or payment leaves the database."""

import secrets


def random_id() -> str:
    """A public id: 128 random bits, the only name by which a cart, order or payment leaves the database."""
    return secrets.token_urlsafe(16)
