"""Tokens: a card that a browser collected, under a name that a server may use once."""

from quart import Blueprint

from ..call import Call
from ..errors import Json, invalid, missing_resource
from ..ids import new_id
from ..store import now
from ..wire import endpoint
from .payment_methods import make as make_method

routes = Blueprint("sandbox_tokens", __name__)

ADDRESS = ("city", "country", "line1", "line2", "state", "zip")


@routes.post("/v1/tokens")
@endpoint(client=True)
def create(call: Call) -> Json:
    given = call.params.get("card")
    if not isinstance(given, dict):
        raise invalid("The sandbox makes tokens of cards only: card is missing.", "card", "parameter_missing")
    card = {name: given[name] for name in ("number", "cvc") if name in given}
    for name in ("exp_month", "exp_year"):
        if not str(given[name]).isdecimal():
            raise invalid(f"Invalid integer: {given[name]}", f"card[{name}]", "parameter_invalid_integer")
        card[name] = int(given[name])
    made = make_method(call, {"type": "card", "card": card})["card"]
    token = {
        "id": new_id("tok_1"),
        "object": "token",
        "bank_account": None,
        "card": _card(made, given),
        "client_ip": None,
        "created": now(),
        "livemode": False,
        "type": "card",
        "used": False,
        "_card": card,
    }
    return call.store.put(token)


@routes.get("/v1/tokens/<token>")
@endpoint()
def retrieve(call: Call, token: str) -> Json:
    found = call.store.get(token, "token")
    if found is None:
        raise missing_resource("token", token, "token")
    return found


def _card(made: Json, given: Json) -> Json:
    """As cards were before there were payment methods."""
    names = ("brand", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4")
    return {
        "id": new_id("card_1"),
        "object": "card",
        **{name: made[name] for name in names},
        **{f"address_{name}": given.get(f"address_{name}") for name in ADDRESS},
        "address_line1_check": None,
        "address_zip_check": None,
        "cvc_check": made["checks"]["cvc_check"],
        "dynamic_last4": None,
        "metadata": {},
        "name": given.get("name"),
        "tokenization_method": None,
    }
