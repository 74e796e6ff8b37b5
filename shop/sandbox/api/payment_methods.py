"""Payment methods: cards and bank accounts, made from numbers or from Stripe's test aliases."""

import datetime
import hashlib
from typing import Any

from quart import Blueprint

from ..call import Call
from ..cards import BY_ALIAS, BY_NUMBER, Card, Decline, passes_luhn
from ..errors import ApiError, Json, invalid, missing_resource
from ..ids import new_id
from ..metadata import merged
from ..store import now
from ..wire import endpoint

payment_methods = Blueprint("sandbox_payment_methods", __name__)


@payment_methods.post("/v1/payment_methods")
@endpoint(client=True)
def create(call: Call) -> Json:
    return make(call, call.params)


@payment_methods.get("/v1/payment_methods/<payment_method>")
@endpoint()
def retrieve(call: Call, payment_method: str) -> Json:
    return find(call, payment_method)


def find(call: Call, id: str, param: str = "payment_method", status: int = 404) -> Json:
    """The stored method, or a fresh one for an alias such as pm_card_visa."""
    if id in BY_ALIAS:
        return from_alias(call, id)
    found = call.store.get(id, "payment_method")
    if found is None:
        raise missing_resource("PaymentMethod", id, param, status)
    return found


def make(call: Call, params: Json, path: str = "") -> Json:
    """From the fields of a payment method. `path` is where in the request they stand."""
    kind = params.get("type")
    if not kind:
        raise invalid(
            "Missing required param: type.", f"{path}[type]" if path else "type", "parameter_missing"
        )
    if kind != "card":
        raise invalid(
            f"The payment method type provided: {kind} is invalid.", f"{path}[type]" if path else "type"
        )
    details = params.get("card")
    if not isinstance(details, dict):
        raise invalid(
            "Missing required param: card.", f"{path}[card]" if path else "card", "parameter_missing"
        )
    if "token" in details:
        card = BY_ALIAS.get(details["token"].replace("tok_", "pm_card_", 1))
        if card is None:
            raise missing_resource("token", details["token"], "card[token]", 400)
        body = from_alias(call, card.alias)
    else:
        body = _from_number(details)
    for name in ("billing_details", "allow_redisplay", "metadata"):
        if name in params:
            body[name] = _filled(params[name]) if name == "billing_details" else params[name]
    body["metadata"] = merged({}, params.get("metadata"))
    return call.store.put(body)


def from_alias(call: Call, alias: str) -> Json:
    return call.store.put(_card(BY_ALIAS[alias], now_year() + 1, 12, cvc=True))


def _from_number(details: Json) -> Json:
    number = str(details.get("number", "")).replace(" ", "").replace("-", "")
    card = BY_NUMBER.get(number)
    if not number.isdecimal() or not 12 <= len(number) <= 19 or not passes_luhn(number):
        raise card_error(Decline("incorrect_number", None, "Your card number is incorrect.", "number"))
    if card is None:
        raise card_error(LIVE_CARD)
    year = details.get("exp_year", 0)
    year += 2000 if 0 <= year < 100 else 0
    if not 1 <= details.get("exp_month", 0) <= 12:
        raise card_error(
            Decline("invalid_expiry_month", None, "Your card's expiration month is invalid.", "exp_month")
        )
    if not now_year() <= year <= now_year() + 50:
        raise card_error(
            Decline("invalid_expiry_year", None, "Your card's expiration year is invalid.", "exp_year")
        )
    cvc = details.get("cvc")
    if cvc is not None and (not cvc.isdecimal() or len(cvc) != (4 if card.brand == "amex" else 3)):
        raise card_error(Decline("invalid_cvc", None, "Your card's security code is invalid.", "cvc"))
    return _card(card, year, details["exp_month"], cvc is not None)


LIVE_CARD = Decline(
    "card_declined",
    "test_mode_live_card",
    "Your card was declined. Your request was in test mode, but used a non test card. For a list of "
    "valid test cards, visit: https://stripe.com/docs/testing.",
)


def _card(card: Card, year: int, month: int, cvc: bool) -> Json:
    return {
        "id": new_id("pm_1"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": _filled({}),
        "card": {
            "brand": card.brand,
            "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": None},
            "country": card.country,
            "display_brand": card.brand,
            "exp_month": month,
            "exp_year": year,
            "fingerprint": fingerprint(card.number),
            "funding": card.funding,
            "generated_from": None,
            "last4": card.number[-4:],
            "networks": {"available": [card.brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": card.challenge != "unsupported"},
            "wallet": None,
        },
        "created": now(),
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": "card",
        "_number": card.number,
        "_cvc": cvc,
    }


def _filled(given: Json) -> Json:
    address = given.get("address") or None
    if address is not None:
        address = {
            part: address.get(part) for part in ("city", "country", "line1", "line2", "postal_code", "state")
        }
    billing: dict[str, Any] = {name: given.get(name) or None for name in ("email", "name", "phone", "tax_id")}
    return {
        "address": address or dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state")),
        **billing,
    }


def fingerprint(number: str) -> str:
    """Sixteen characters that are the same for the same number."""
    return hashlib.sha256(f"sandbox {number}".encode()).hexdigest()[:16]


def now_year() -> int:
    return datetime.datetime.now(datetime.UTC).year


def card_error(decline: Decline, begun: bool = False, **extra: Any) -> ApiError:
    return ApiError(
        decline.message,
        status=402,
        type="card_error",
        code=decline.code,
        decline_code=decline.decline_code,
        param=decline.param,
        begun=begun,
        **extra,
    )
