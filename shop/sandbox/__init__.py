"""An offline double of Stripe."""
