"""The mail server that the settings name."""

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

EXAMPLE = "smtp://user:password@mail.example:587 or smtps://user:password@mail.example"


@dataclass(frozen=True)
class MailServer:
    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False  # from the first byte
    starttls: bool = False  # after the first words, and not without it


def read_smtp_url(text: str) -> MailServer:
    """A password goes by TLS only, unless the address ends with ?starttls=0.

    Raises ValueError with a sentence that does not repeat the password."""
    malformed = ValueError(f"SMTP_URL is malformed: write it like {EXAMPLE}.")
    try:
        url = urlsplit(text)
        port, options = url.port, dict(parse_qsl(url.query, strict_parsing=bool(url.query)))
    except ValueError:
        raise malformed from None
    starttls = options.pop("starttls", None)
    if url.scheme not in ("smtp", "smtps") or not url.hostname or url.path.strip("/") or port == 0:
        raise malformed
    if options or starttls not in (None, "0", "1") or (starttls and url.scheme == "smtps"):
        raise ValueError(
            "SMTP_URL has an option that is unknown: smtp:// takes ?starttls=1 or 0, smtps:// none."
        )
    if bool(url.username) != bool(url.password):
        raise ValueError(f"SMTP_URL needs both user and password, or neither: write it like {EXAMPLE}.")
    tls = url.scheme == "smtps"
    return MailServer(
        host=url.hostname,
        port=port or (465 if tls else 587 if url.username else 25),
        user=unquote(url.username) if url.username else None,
        password=unquote(url.password) if url.password else None,
        tls=tls,
        starttls=starttls == "1" if starttls else bool(url.username) and not tls,
    )
