"""Each request to Stripe, told in one line: what was asked, how it ended, how long it took."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from urllib.parse import urlsplit

import structlog

from shop.metrics import STRIPE

log = structlog.get_logger()
# pi_…, cs_test_…, promo_…, and whatever else was taken for one: no resource of ours has so short a first word.
ID = re.compile(r"(?<=/)[a-z]{2,5}_[^/]+(?=/|$)")
_asked: ContextVar[Counter[tuple[str, str]]] = ContextVar("asked")


class StripeCall:
    status: int | None = None
    request_id: str | None = None

    def answered(self, status: int, headers: Mapping[str, str]) -> None:
        self.status, self.request_id = status, headers.get("request-id")


def begin_calls() -> None:
    """From here on attempts are counted anew."""
    _asked.set(Counter())


@contextmanager
def told(method: str, url: str) -> Iterator[StripeCall]:
    """One attempt; the SDK makes up to three of what does not get through."""
    asked, call, began = _asked.get(Counter()), StripeCall(), time.perf_counter()
    asked[method, url] += 1
    failure = None
    try:
        yield call
    except BaseException as error:
        # By our patience, or by a shutdown.
        failure = "broken off" if isinstance(error, asyncio.CancelledError) else type(error).__name__
        raise
    finally:
        seconds, outcome = time.perf_counter() - began, failure or call.status
        what = f"{method.upper()} {ID.sub('{id}', urlsplit(url).path)}"
        STRIPE.labels(what, str(outcome)).observe(seconds)
        log.info(
            "stripe.call",
            call=what,
            outcome=outcome,
            ms=round(seconds * 1000, 1),
            attempt=asked[method, url],
            stripe_request=call.request_id,
        )
