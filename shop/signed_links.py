"""Links that the shop alone can make, each kind with a salt of its own."""

from itsdangerous import URLSafeTimedSerializer

from shop.settings import Settings


def signer(settings: Settings, salt: str) -> URLSafeTimedSerializer:
    """Signs with the newest key and takes the older ones too, as the cart's cookie does."""
    return URLSafeTimedSerializer([*reversed(settings.old_secret_keys), settings.secret_key], salt=salt)
