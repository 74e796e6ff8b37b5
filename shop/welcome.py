"""What `shop run` says when it opens."""

from shop.settings import Settings

DEMO_CODES = (
    ("WELCOME10", {"percent_off": 10, "name": "Welcome"}),
    ("FIVEOFF", {"amount_off": 500, "currency": "usd", "name": "Five dollars off"}),
)


def welcome(settings: Settings) -> str:
    address = f"http://{settings.host}:{settings.port}"
    if settings.sandbox_url:
        code = f"  A discount code to try at the cart: {DEMO_CODES[0][0]}.\n" if settings.runs_sandbox else ""
        return (
            f"\n  Colophon is open at {address}\n"
            f"  Payments go to the Stripe sandbox at {settings.sandbox_url}: no card is charged.\n"
            f"  Pay with 4242 4242 4242 4242, any future date, any CVC.\n{code}"
        )
    mode = "live keys: real cards are charged" if "_live_" in settings.stripe_secret_key else "test keys"
    hooks = (
        ""
        if settings.stripe_webhook_secret
        else (
            "  STRIPE_WEBHOOK_SECRET is not set: webhooks are refused, the return page still finds payments.\n"
            f"  To receive them: stripe listen --forward-to {address}/webhooks/stripe\n"
        )
    )
    letters = (
        ""
        if settings.mail_server
        else f"  SMTP_URL is not set: letters go to {settings.mailbox}.\n"
        if settings.mailbox
        else "  SMTP_URL is not set: receipts wait until there is a mail server.\n"
    )
    card = (
        ""
        if "_live_" in settings.stripe_secret_key
        else "  Pay with 4242 4242 4242 4242, any future date, any CVC.\n"
    )
    return f"\n  Colophon is open at {address}\n  Payments go to Stripe with {mode}.\n{card}{hooks}{letters}"
