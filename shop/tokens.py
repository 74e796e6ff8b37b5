"""What tables keep of a secret that somebody else has."""

from hashlib import sha256


def hidden(secret: str) -> str:
    """Of random tokens and of an argon2 hash: neither can be guessed back."""
    return sha256(secret.encode()).hexdigest()
