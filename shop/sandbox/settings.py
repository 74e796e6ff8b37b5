"""What a sandbox is started with."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .hosts import STRIPE, Hosts


@dataclass(frozen=True)
class SandboxSettings:
    """`url` is how a browser reaches the sandbox, without a trailing slash."""

    database: Path
    url: str
    endpoints: tuple[tuple[str, str], ...] = ()
    """Webhook endpoints to have from the start: (url, secret)."""
    prices: tuple[tuple[str, int, str], ...] = ()
    """Prices to have from the start: (id, amount in minor units, currency)."""
    promotion_codes: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    """Codes that shoppers may type from the start: (code, parameters of its coupon)."""
    retry_after: tuple[float, ...] = (1, 5, 25)
    """Seconds between the attempts to deliver an event."""
    settle_after: float = 1.0
    """Seconds until a balance transaction appears, or a delayed method or refund settles."""
    calls_kept: int = 2_000
    """API calls that the journal remembers; the oldest give way."""
    mimic: bool = False
    """Give out addresses under Stripe's own host names; whoever serves the sandbox answers to them by TLS."""

    @property
    def hosts(self) -> Hosts:
        return STRIPE if self.mimic else Hosts.at(self.url)
