"""The code by which people name an order, on the telephone or in a letter. It opens nothing by itself."""

import re
import secrets

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base32: none that is taken for another
LENGTH = 8


def order_code() -> str:
    """Like C-7K3M-9QXD. Of a million million: two orders that draw the same are kept apart by the table's index."""
    return _written("".join(secrets.choice(LETTERS) for _ in range(LENGTH)))


def read_code(text: str) -> str | None:
    """The code that somebody typed, however they wrote it; None if it is none."""
    letters = re.sub(r"[\s\-–—.]", "", text.upper()).translate(str.maketrans("ILO", "110"))
    if len(letters) == LENGTH + 1:
        letters = letters.removeprefix("C")
    return _written(letters) if len(letters) == LENGTH and set(letters) <= set(LETTERS) else None


def _written(letters: str) -> str:
    return f"C-{letters[:4]}-{letters[4:]}"
