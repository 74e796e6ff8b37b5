"""Card tokens, the older way to get a card from a browser: spent once, by making a payment method of it."""

import re

from quart import Blueprint

from ..call import Call
from ..errors import Json, invalid
from ..ids import new_id
from ..store import now
from ..wire import endpoint
from .payment_methods import from_number

routes = Blueprint("sandbox_tokens", __name__)

BRANDS = {
    "amex": "American Express",
    "diners": "Diners Club",
    "jcb": "JCB",
    "mastercard": "MasterCard",
    "unionpay": "UnionPay",
}
"""As this older noun spells them."""
ADDRESS = {
    "line1": "line1",
    "line2": "line2",
    "city": "city",
    "state": "state",
    "postal_code": "zip",
    "country": "country",
}
"""The parts of an address, and what they are called in a token."""
OF_A_METHOD = "brand country exp_month exp_year fingerprint funding last4 regulated_status"


@routes.post("/v1/tokens")
@endpoint(client=True)
def create(call: Call) -> Json:
    given = call.params.get("card")
    if not isinstance(given, dict):
        raise invalid(
            "The sandbox makes tokens of cards: send card[number] and so on.", "card", "parameter_missing"
        )
    expiry = {name: _integer(given[name], f"card[{name}]") for name in ("exp_month", "exp_year")}
    method = from_number({**given, **expiry}, "card")
    token = {
        "id": new_id("tok_1"),
        "object": "token",
        "card": _card(method, given),
        "client_ip": "127.0.0.1",
        "created": now(),
        "livemode": False,
        "type": "card",
        "used": False,
        "_method": _owned(method, given),
    }
    return call.store.put(token)


@routes.get("/v1/tokens/<token>")
@endpoint()
def retrieve(call: Call, token: str) -> Json:
    return call.find(token, "token", "token", "token")


def _integer(given: str, path: str) -> int:
    if not re.fullmatch("[0-9]{1,4}", given):
        raise invalid(f"Invalid integer: {given[:100]}", path, "parameter_invalid_integer")
    return int(given)


def _card(method: Json, given: Json) -> Json:
    card = {name: method["card"][name] for name in OF_A_METHOD.split()}
    owner = {f"address_{name}": given.get(f"address_{name}") for name in ADDRESS.values()}
    owner["name"] = given.get("name")
    checks = {"address_line1_check": None, "address_zip_check": None}
    checks["cvc_check"] = method["card"]["checks"]["cvc_check"]
    return (
        card
        | owner
        | checks
        | {
            "id": new_id("card_1"),
            "object": "card",
            "brand": BRANDS.get(card["brand"], card["brand"].title()),
            "dynamic_last4": None,
            "metadata": {},
            "networks": {"preferred": None},
            "tokenization_method": None,
        }
    )


def _owned(method: Json, given: Json) -> Json:
    """The payment method that the token becomes, with the name and address that were given."""
    address = {part: given.get(f"address_{name}") or None for part, name in ADDRESS.items()}
    details = {**method["billing_details"], "address": address, "name": given.get("name") or None}
    return {**method, "billing_details": details}
