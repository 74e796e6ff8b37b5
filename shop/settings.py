"""Configuration: the one place that reads the environment and `.env`."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from shop import checks
from shop.charges import NO_CHARGES, Charges
from shop.checks import MAKE_SECRET, CaptureMethod, ConfigurationError, UIMode
from shop.mail_server import MailServer, read_smtp_url
from shop.shipping import read_rates
from shop.tax import TaxRates, read_tax_rates

ROOT = Path(__file__).resolve().parent.parent
SANDBOX_KEYS = ("sk_test_sandbox", "pk_test_sandbox", "whsec_sandbox")
STRIPE_JS = "https://js.stripe.com/endive/stripe.js"


@dataclass(frozen=True)
class Settings:
    """Everything that differs between two installations of the shop."""

    secret_key: str = field(repr=False)  # signs the cart's cookie
    database_url: str
    instance: Path  # state of a development set-up: databases, generated secret
    database_connections: int = 4  # of this process, at most, where it is PostgreSQL
    files: Path = ROOT / "instance/files"  # where e-books lie
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1  # processes that serve the shop, each of which is what `process` below means
    url: str | None = None  # how a browser reaches the shop; None: as the request says
    trusted_proxies: int = 0  # how many stand before the shop and tell it who the client is
    # Seconds that running requests get at SIGTERM; broken-off steps get half as many more.
    shutdown_grace: int = 10
    failed_payments_per_cart: int = 10  # in an hour; then payments wait. 0: no limit
    failed_payments_per_address: int = 30
    metrics: tuple[str, int] | None = None  # where Prometheus reads the counts; None: nowhere
    jobs: bool = True  # whether this process recovers, sweeps and sends letters beside serving
    ui_mode: UIMode = "elements"  # where cards are entered, as Checkout Sessions name it
    charges: Charges = NO_CHARGES  # for what comes beside the books
    capture_method: CaptureMethod = "automatic"  # manual: authorised at once, captured when shipped
    stripe_secret_key: str = field(default=SANDBOX_KEYS[0], repr=False)
    stripe_publishable_key: str = SANDBOX_KEYS[1]
    stripe_webhook_secret: str = field(default=SANDBOX_KEYS[2], repr=False)
    # What was in use before and is still taken, while a secret is being changed.
    old_secret_keys: tuple[str, ...] = field(default=(), repr=False)
    old_webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    stripe_api_base: str | None = None  # None: the SDK's own address
    stripe_concurrency: int = 20  # calls to Stripe at the same time, of this process
    stripe_js_url: str = STRIPE_JS
    sandbox_url: str | None = None  # how a browser reaches the sandbox; None with real Stripe
    runs_sandbox: bool = False  # start the sandbox beside the shop
    mail_server: MailServer | None = None
    mail_from: str = "Colophon <books@colophon.example>"
    staff_password_hash: str | None = field(default=None, repr=False)  # None: there is no back office

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> "Settings":
        """Read the environment, then `.env`; raises ConfigurationError."""
        env = _environment() if env is None else {k: v.strip() for k, v in env.items()}
        instance = Path(env.get("INSTANCE_PATH") or ROOT / "instance").absolute()
        host, port = env.get("HOST") or "127.0.0.1", checks.port(env.get("PORT") or "8000")
        stripe = _stripe(env, host, port)
        real = not stripe["sandbox_url"]
        secret_key, *old_secret_keys = checks.secret_keys(env.get("SECRET_KEY", ""), real=real) or [
            _kept_secret(instance, needed=real)
        ]
        return cls(
            secret_key=secret_key,
            old_secret_keys=tuple(old_secret_keys),
            database_url=checks.database_url(env.get("DATABASE_URL"), instance),
            database_connections=checks.count(
                "DATABASE_CONNECTIONS", env.get("DATABASE_CONNECTIONS") or "4", least=2
            ),
            instance=instance,
            files=Path(env.get("FILES_PATH") or instance / "files").absolute(),
            host=host,
            port=port,
            workers=checks.workers("WORKERS", env.get("WORKERS") or "1"),
            url=checks.own_address(
                env.get("SHOP_URL", "").rstrip("/"), live="_live_" in stripe["stripe_secret_key"]
            ),
            trusted_proxies=checks.count("TRUSTED_PROXIES", env.get("TRUSTED_PROXIES") or "0"),
            shutdown_grace=checks.count("SHUTDOWN_GRACE", env.get("SHUTDOWN_GRACE") or "10", least=1),
            failed_payments_per_cart=checks.count(
                "FAILED_PAYMENTS_PER_CART", env.get("FAILED_PAYMENTS_PER_CART") or "10"
            ),
            failed_payments_per_address=checks.count(
                "FAILED_PAYMENTS_PER_ADDRESS", env.get("FAILED_PAYMENTS_PER_ADDRESS") or "30"
            ),
            metrics=checks.listener("METRICS", env.get("METRICS", "")),
            jobs=env.get("JOBS") != "0",
            ui_mode=checks.ui_mode(env.get("CHECKOUT_UI_MODE") or "elements"),
            capture_method=checks.capture_method(env.get("CAPTURE_METHOD") or "automatic"),
            stripe_concurrency=checks.count(
                "STRIPE_CONCURRENCY", env.get("STRIPE_CONCURRENCY") or "20", least=1
            ),
            staff_password_hash=checks.staff_password_hash(env.get("STAFF_PASSWORD_HASH", "")),
            charges=_charges(env),
            **stripe,
            **_mail(env),
        )

    @property
    def address(self) -> str:
        """How to reach the shop from outside of a request."""
        return self.url or _own_url(self.host, self.port)

    @property
    def mailbox(self) -> Path | None:
        """The folder for letters as long as there is no mail server. Those of a live shop wait for one instead."""
        live = "_live_" in self.stripe_secret_key
        return None if self.mail_server or live else self.instance / "mailbox"

    @property
    def sends_letters(self) -> bool:
        """Else they stay owed until there is a mail server."""
        return bool(self.mail_server or self.mailbox)


def _environment() -> dict[str, str]:
    """`.env` below the environment; a variable that is set but empty hides the file's value."""
    try:
        file = {k: v for k, v in dotenv_values(ROOT / ".env").items() if v is not None}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"{ROOT / '.env'} cannot be read ({error}): write it as UTF-8 text."
        ) from None
    return {k: v.strip() for k, v in {**file, **os.environ}.items()}


def _stripe(env: Mapping[str, str], host: str, port: int) -> dict[str, Any]:
    """The Stripe half of the settings: real Stripe, a sandbox elsewhere, or a sandbox of our own."""
    secret, publishable = env.get("STRIPE_SECRET_KEY", ""), env.get("STRIPE_PUBLISHABLE_KEY", "")
    api_base = env.get("STRIPE_API_BASE", "").rstrip("/") or None
    live_allowed, talkative = env.get("ALLOW_LIVE") == "1" and not api_base, env.get("STRIPE_LOG") == "debug"
    checks.stripe_keys(secret, publishable, live_allowed=live_allowed, talkative=talkative)
    real = bool(secret) and not api_base and secret != SANDBOX_KEYS[0]
    if real:
        return {
            "stripe_secret_key": secret,
            "stripe_publishable_key": publishable,
            **_webhook_secrets(env, ""),
            "stripe_js_url": checks.address("STRIPE_JS_URL", env.get("STRIPE_JS_URL") or STRIPE_JS),
            "sandbox_url": None,
        }
    base = checks.address("STRIPE_API_BASE", api_base or _own_url(host, port + 1))
    browser = checks.address("SANDBOX_URL", env.get("SANDBOX_URL", "").rstrip("/") or base)
    return {
        "stripe_secret_key": secret or SANDBOX_KEYS[0],
        "stripe_publishable_key": publishable or SANDBOX_KEYS[1],
        **_webhook_secrets(env, SANDBOX_KEYS[2]),
        "stripe_api_base": base,
        "stripe_js_url": checks.address(
            "STRIPE_JS_URL", env.get("STRIPE_JS_URL") or f"{browser}/endive/stripe.js"
        ),
        "sandbox_url": browser,
        "runs_sandbox": api_base is None,
    }


def _webhook_secrets(env: Mapping[str, str], default: str) -> dict[str, Any]:
    first, *old = checks.several(env.get("STRIPE_WEBHOOK_SECRET", "")) or [default]
    return {"stripe_webhook_secret": first, "old_webhook_secrets": tuple(old)}


def _own_url(host: str, port: int) -> str:
    return f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{port}"  # noqa: S104


def _charges(env: Mapping[str, str]) -> Charges:
    rates, currency = env.get("SHIPPING_RATES", ""), (env.get("SHIPPING_CURRENCY") or "usd").lower()
    free_from = env.get("SHIPPING_FREE_FROM", "")
    try:
        shipping = read_rates(rates, currency, free_from) if rates else None
    except ValueError as error:
        raise ConfigurationError(
            f"SHIPPING_RATES={rates} is no table ({error}): write it like US=4.99, CA=9.99, *=19.00."
        ) from None
    return Charges(shipping, _tax(env))


def _tax(env: Mapping[str, str]) -> TaxRates | None:
    kind, rates = env.get("TAX") or "off", env.get("TAX_RATES", "")
    if kind not in ("off", "rates"):
        raise ConfigurationError(f"TAX={kind} is unknown: write off, or rates (those of TAX_RATES).")
    if kind == "off" and rates:
        raise ConfigurationError(
            "TAX_RATES is given and TAX is off: write TAX=rates, or leave the rates away."
        )
    try:
        behavior = env.get("TAX_BEHAVIOR") or "exclusive"
        return None if kind == "off" else read_tax_rates(rates, behavior)
    except ValueError as error:
        raise ConfigurationError(
            f"TAX_RATES={rates} is no table ({error}): write it like US=8.25, DE=7."
        ) from None


def _mail(env: Mapping[str, str]) -> dict[str, Any]:
    """The mail half: a server, and what letters have to say that no request can tell them."""
    found: dict[str, Any] = {}
    if sender := env.get("MAIL_FROM"):
        found["mail_from"] = checks.sender(sender)
    if url := env.get("SMTP_URL"):
        try:
            found["mail_server"] = read_smtp_url(url)
        except ValueError as error:
            raise ConfigurationError(str(error)) from None
        if missing := [name for name in ("MAIL_FROM", "SHOP_URL") if not env.get(name)]:
            raise ConfigurationError(
                f"{missing[0]} is missing: with SMTP_URL, letters need a sender (MAIL_FROM) and lead to the shop "
                "(SHOP_URL)."
            )
    return found


def _kept_secret(instance: Path, *, needed: bool) -> str:
    """The signing key of a development set-up, made once and readable by its owner alone."""
    if needed:
        raise ConfigurationError(
            "SECRET_KEY is missing: with real Stripe keys, set it to a long random text that stays the same, like "
            f"the output of: {MAKE_SECRET}"
        )
    path = instance / "secret_key"
    try:
        instance.mkdir(parents=True, exist_ok=True)
        if path.exists() and (kept := path.read_text().strip()):
            return kept
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secret := secrets.token_urlsafe(32))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"{path} cannot be used ({error}): make {instance} a writable folder, or set SECRET_KEY and DATABASE_URL."
        ) from None
    return secret
