"""Is the sandbox like Stripe? `make test-stripe` plays the same payments to both and prints where they differ.

It needs a test key of a Stripe account in STRIPE_SECRET_KEY (the environment or .env) and a network, so `make test`
leaves it out: no file here is named test_*. What it compares is itself tested in tests/sandbox/test_stripe_account.py.
"""
