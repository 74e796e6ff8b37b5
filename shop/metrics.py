"""What is counted while the shop works, for Prometheus. How the queues stand is asked when it comes: see
`metrics_app`."""

from collections.abc import Callable

from prometheus_client import Counter, Gauge, Histogram
from sqlalchemy.ext.asyncio import AsyncSession

from shop.db import once_committed

CHECKOUTS = Counter("colophon_checkouts", "Presses on Check out or Buy now that led to an order.")
ORDERS = Counter("colophon_orders", "Orders that have come to a step, each time.", ["step"])
DUPLICATES = Counter(
    "colophon_duplicates_prevented",
    "What came again and had no second effect: webhook, press, checkout.",
    ["kind"],
)
STRIPE = Histogram(
    "colophon_stripe_seconds",
    "One attempt to call Stripe, by its path and by HTTP status or error.",
    ["call", "outcome"],
    buckets=(0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3, 6, 15),
)
WEBHOOK_LAG = Histogram(
    "colophon_webhook_lag_seconds",
    "From the creation of an event at Stripe, in whole seconds, until it was handled.",
    buckets=(1, 2, 5, 10, 30, 60, 300, 1800, 7200, 43200, 259200),
)
CONNECTIONS = Gauge(
    "colophon_database_connections_in_use",
    "Of the pools of all processes, at the last look, which is one second ago at most.",
    multiprocess_mode="livesum",
)

# Of the kinds that an order's history keeps, those that lead to money or away from it.
STEPS = {
    "placed": "placed",
    "pay pressed": "pressed",
    "went to stripe's page": "sent_to_stripe",
    "payment failed": "failed",
    "paid": "paid",
    "canceled": "cancelled",
    "refunded": "refunded",
    "parked": "parked",
    "disputed": "disputed",
}


def count_step(session: AsyncSession, kind: str) -> None:
    if step := STEPS.get(kind):
        once_committed(session, ORDERS.labels(step).inc)


def duplicate(kind: str) -> Callable[[], None]:
    return DUPLICATES.labels(kind).inc


for kind in (
    "webhook",
    "press",
    "checkout",
):  # there from the start, at zero, so that the first is seen as a rise
    DUPLICATES.labels(kind)
for step in STEPS.values():
    ORDERS.labels(step)
