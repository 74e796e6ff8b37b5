"""The parameters of routes that the services of Stripe's SDK do not describe: those that Stripe has for its own pages
and scripts, and those of a list within an object.

Kinds as in params.json, and besides: {"hash": {name: kind}}, and "payment_method_data".
"""

from .errors import Json

TEXT: Json = {"one": ["str", [""]]}
PARTS = ("city", "country", "line1", "line2", "postal_code", "state")
ADDRESS: Json = {"hash": dict.fromkeys(PARTS, TEXT)}
NAMED_ADDRESS = {"hash": {"name": TEXT, "address": ADDRESS}}
SHOPPER: Json = {
    "billing_address": NAMED_ADDRESS,
    "client_secret": "str",
    "currency": "str",
    "email": TEXT,
    "expand": {"list": "str"},
    "line_items": {"list": {"hash": {"id": "str", "quantity": "int"}}},
    "phone_number": TEXT,
    "promotion_code": TEXT,
    "shipping_address": NAMED_ADDRESS,
    "shipping_rate": "str",
}
"""What a shopper may change about a session."""
CUSTOMER_SESSION: Json = {"client_secret": "str"}
PAGE: Json = {"ending_before": "str", "expand": {"list": "str"}, "limit": "int", "starting_after": "str"}
PRIVATE: dict[str, Json] = {
    "GET /v1/customer_sessions/current": CUSTOMER_SESSION,
    "GET /v1/customer_sessions/payment_methods": CUSTOMER_SESSION,
    "POST /v1/customer_sessions/payment_methods/{payment_method}/detach": CUSTOMER_SESSION,
    "GET /v1/charges/{charge}/refunds": PAGE,
    "GET /v1/payment_pages/{session}": {"client_secret": "str", "expand": {"list": "str"}},
    "POST /v1/payment_pages/{session}": SHOPPER,
    "POST /v1/payment_pages/{session}/confirm": SHOPPER
    | {
        "confirmation_token": "str",
        "expected_amount": "int",
        "payment_method": "str",
        "payment_method_data": "payment_method_data",
        "return_url": "str",
        "save_payment_method": "bool",
        "use_stripe_sdk": "bool",
    },
}
