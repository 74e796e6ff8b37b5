"""Stripe's nouns, a file each. A route's parameters come from params.json (see tools/stripe_params.py)."""

from .charges import charges
from .payment_intents import payment_intents
from .payment_methods import payment_methods
from .three_d_secure import three_d_secure

BLUEPRINTS = (payment_intents, payment_methods, charges, three_d_secure)
