"""What the text of a setting has to be: a value comes of it, or one line that says how to mend it."""

import re
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from shop.addresses import read_email
from shop.errors import BadInput

UIMode = Literal["elements", "hosted_page"]
CaptureMethod = Literal["automatic", "manual"]
SQLITE_EXAMPLE = "sqlite:////var/lib/colophon/shop.db"
POSTGRESQL_EXAMPLE = "postgresql://user:password@host/colophon"
SHORTEST_SECRET = 32  # characters
# As argon2's own tools write it, with its version and costs; of salt and hash no less than they make.
ARGON2 = re.compile(
    r"\$argon2(id|i|d)\$v=19\$m=[0-9]{1,7},t=[0-9]{1,3},p=[0-9]{1,2}\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{43,}"
)
MAKE_SECRET = "python -c 'import secrets; print(secrets.token_urlsafe(32))'"  # noqa: S105


class ConfigurationError(Exception):
    """What is wrong with the configuration and how to mend it, in one line."""


def port(text: str) -> int:
    # The sandbox takes the port after it.
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65534:
        raise ConfigurationError(f"PORT={text} is not a port: give a number from 1 to 65534.")
    return int(text)


def listener(name: str, text: str) -> tuple[str, int] | None:
    """Host and port to listen on; a port alone is one of this machine's own."""
    host, _, number = text.rpartition(":")
    if not text:
        return None
    if not number.isascii() or not number.isdigit() or not 1 <= int(number) <= 65535:
        raise ConfigurationError(f"{name}={text} is no port: write it like 9464, or 10.0.0.7:9464.")
    return host.strip("[]") or "127.0.0.1", int(number)


def count(name: str, text: str, least: int = 0, most: int = 100_000) -> int:
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise ConfigurationError(f"{name}={text} is no whole number from {least} to {most}.")
    return int(text)


def workers(name: str, text: str) -> int:
    return count(name, text, least=1, most=64)


def database_url(text: str | None, instance: Path) -> str:
    if not text:
        return f"sqlite+aiosqlite:///{instance / 'shop.db'}"
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise ConfigurationError(
            f"DATABASE_URL is malformed: write it like {SQLITE_EXAMPLE} or {POSTGRESQL_EXAMPLE}."
        ) from None
    match url.get_backend_name():
        case "sqlite" if url.database and url.database != ":memory:":
            url = url.set(drivername="sqlite+aiosqlite")
        case "sqlite":
            raise ConfigurationError(f"DATABASE_URL names no file: write it like {SQLITE_EXAMPLE}.")
        case "postgresql" | "postgres" if url.database:
            if url.query.get("pgbouncer", "true") != "true":
                raise ConfigurationError("DATABASE_URL: write ?pgbouncer=true, or leave it away.")
            query = {"ssl" if name == "sslmode" else name: value for name, value in url.query.items()}
            url = url.set(drivername="postgresql+asyncpg", query=query)  # asyncpg's word for libpq's sslmode
        case "postgresql" | "postgres":
            raise ConfigurationError(f"DATABASE_URL names no database: write it like {POSTGRESQL_EXAMPLE}.")
        case other:
            raise ConfigurationError(
                f"DATABASE_URL names {other}, which the shop does not speak: write it like {SQLITE_EXAMPLE} or "
                f"{POSTGRESQL_EXAMPLE}."
            )
    return url.render_as_string(hide_password=False)


def ui_mode(text: str) -> UIMode:
    if text == "elements":
        return "elements"
    if text == "hosted_page":
        return "hosted_page"
    raise ConfigurationError(
        f"CHECKOUT_UI_MODE={text} is unknown: write elements (cards on our page) or hosted_page (on Stripe's)."
    )


def capture_method(text: str) -> CaptureMethod:
    if text == "automatic":
        return "automatic"
    if text == "manual":
        return "manual"
    raise ConfigurationError(
        f"CAPTURE_METHOD={text} is unknown: write automatic (cards are charged at once) or manual (when you ship)."
    )


def stripe_keys(secret: str, publishable: str, *, live_allowed: bool, talkative: bool) -> None:
    if bool(secret) != bool(publishable):
        missing = "STRIPE_PUBLISHABLE_KEY" if secret else "STRIPE_SECRET_KEY"
        raise ConfigurationError(f"{missing} is missing: Stripe needs both keys, the sandbox needs neither.")
    if not secret:
        return
    if not secret.startswith(("sk_", "rk_")) or not publishable.startswith("pk_"):
        raise ConfigurationError(
            "The Stripe keys are mixed up: STRIPE_SECRET_KEY starts with sk_ or rk_, STRIPE_PUBLISHABLE_KEY with pk_."
        )
    live = [key.split("_")[1:2] == ["live"] for key in (secret, publishable)]
    if any(live) and not live_allowed:
        raise ConfigurationError(
            "A live Stripe key charges real cards: use test keys, or set ALLOW_LIVE=1 (never beside the sandbox)."
        )
    if any(live) and talkative:
        raise ConfigurationError(
            "STRIPE_LOG=debug prints client secrets and addresses: not with live Stripe keys."
        )
    if live[0] != live[1]:
        raise ConfigurationError("One Stripe key is live and the other is not: take both from the same mode.")


def secret_keys(text: str, *, real: bool) -> list[str]:
    keys = several(text)
    if real and (short := [key for key in keys if len(key) < SHORTEST_SECRET]):
        raise ConfigurationError(
            f"SECRET_KEY holds a key of {len(short[0])} characters, which can be guessed: with real Stripe keys give "
            f"at least {SHORTEST_SECRET} random ones, without spaces and commas (they separate several keys), like "
            f"the output of: {MAKE_SECRET}"
        )
    return keys


def several(text: str) -> list[str]:
    """Values that are separated by commas or spaces: the first is in use, the others were and are still taken."""
    return text.replace(",", " ").split()


def own_address(url: str, *, live: bool) -> str | None:
    if live and not url.startswith("https://"):
        # Else Stripe's page would lead back to whatever host a request claims to be for.
        raise ConfigurationError(
            "SHOP_URL is missing or not https: with live Stripe keys, set it to the address by which browsers reach "
            "the shop, like https://books.example."
        )
    return address("SHOP_URL", url) if url else None


def address(name: str, url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError(f"{name}={url} is not an address: write it like http://127.0.0.1:12111.")
    return url


def sender(text: str) -> str:
    letter = EmailMessage(policy=SMTP)
    try:
        letter["From"] = text
        [address] = letter["From"].addresses
        read_email(address.addr_spec)
    except (ValueError, BadInput):
        raise ConfigurationError(
            f"MAIL_FROM={text} is no sender: write it like books@shop.example or Colophon <books@shop.example>."
        ) from None
    return text


def staff_password_hash(text: str) -> str | None:
    if text and not ARGON2.fullmatch(text):
        raise ConfigurationError(
            "STAFF_PASSWORD_HASH is no argon2 hash: write the line that `shop staff-password` prints, as it is."
        )
    return text or None
