"""Stripe's nouns, a file each. A route's parameters come from params.json (see tools/stripe_params.py)."""

from . import (
    balance_transactions,
    captures,
    charges,
    confirmation_tokens,
    customers,
    events,
    microdeposits,
    payment_intents,
    payment_methods,
    prices,
    products,
    refunds,
    saved_methods,
    setup_attempts,
    setup_intents,
    three_d_secure,
    webhook_endpoints,
)

NOUNS = (
    payment_intents,
    captures,
    microdeposits,
    three_d_secure,
    payment_methods,
    saved_methods,
    customers,
    setup_intents,
    setup_attempts,
    confirmation_tokens,
    charges,
    refunds,
    balance_transactions,
    events,
    webhook_endpoints,
    products,
    prices,
)
BLUEPRINTS = tuple(noun.routes for noun in NOUNS)
