"""Payment methods: cards and US bank accounts, made from numbers or from Stripe's test aliases."""

import datetime
import hashlib
from typing import Any

from quart import Blueprint

from .. import clock
from ..addresses import billing_details
from ..bank_accounts import BANK_BY_ALIAS, BANK_BY_NUMBER, ROUTING_NUMBER, BankAccount
from ..call import Call
from ..cards import BY_ALIAS, BY_NUMBER, LIVE_CARD, Card, Challenge, Decline, passes_luhn
from ..errors import ApiError, Json, invalid, missing_resource
from ..events import emit
from ..ids import new_id
from ..lists import page
from ..metadata import merged
from ..store import now
from ..wire import endpoint
from . import local_methods

routes = Blueprint("sandbox_payment_methods", __name__)


@routes.post("/v1/payment_methods")
@endpoint(client=True)
def create(call: Call) -> Json:
    return make(call, call.params)


@routes.get("/v1/payment_methods")
@endpoint()
def index(call: Call) -> Json:
    wanted = {name: call.params.get(name) for name in ("customer", "type")}
    return page(call, "payment_method", "/v1/payment_methods", **wanted)


@routes.get("/v1/payment_methods/<payment_method>")
@endpoint()
def retrieve(call: Call, payment_method: str) -> Json:
    return find(call, payment_method)


@routes.post("/v1/payment_methods/<payment_method>")
@endpoint()
def update(call: Call, payment_method: str) -> Json:
    before, params = find(call, payment_method), call.params
    method = {**before, "metadata": merged(before["metadata"], params.get("metadata"))}
    if "billing_details" in params:
        former = before["billing_details"]
        address = {**former["address"], **(params["billing_details"].get("address") or {})}
        method["billing_details"] = billing_details(
            {**former, **params["billing_details"], "address": address}
        )
    if "allow_redisplay" in params:
        method["allow_redisplay"] = params["allow_redisplay"]
    expiry = {
        name: value for name, value in (params.get("card") or {}).items() if name in ("exp_month", "exp_year")
    }
    if expiry and before["type"] == "card":
        method["card"] = {**before["card"], **expiry}
    call.store.put(method)
    emit(call, "payment_method.updated", method, before)
    return method


def find(call: Call, id: str, param: str = "payment_method", status: int = 404) -> Json:
    """The stored method, or a fresh one for an alias such as pm_card_visa."""
    if id in BY_ALIAS:
        return call.store.put(_card(BY_ALIAS[id], now_year() + 1, 12, cvc=True))
    if id in BANK_BY_ALIAS:
        return call.store.put(_bank_account(BANK_BY_ALIAS[id], "individual", "checking"))
    return call.find(id, "payment_method", "PaymentMethod", param, status)


def make(call: Call, params: Json, path: str = "") -> Json:
    """From the fields of a payment method. `path` is where in the request they stand."""
    kind, makers = params.get("type"), {"card": from_number, "us_bank_account": _from_account}
    if kind is None:
        raise invalid("Missing required param: type.", _at(path, "type"), "parameter_missing")
    if kind not in makers:
        body = _local(kind, params, path)
    elif not isinstance(params.get(kind), dict):
        raise invalid(f"Missing required param: {kind}.", _at(path, kind), "parameter_missing")
    else:
        token = call.store.get(str(params[kind].get("token")), "token")
        body = _spent(call, token, path) if token else makers[kind](params[kind], _at(path, kind))
    if "billing_details" in params:
        body["billing_details"] = billing_details(params["billing_details"] or {})
    body["metadata"] = merged({}, params.get("metadata"))
    body["allow_redisplay"] = params.get("allow_redisplay", "unspecified")
    return call.store.put(body)


def _at(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name


def _spent(call: Call, token: Json, path: str) -> Json:
    if token["used"]:
        message = f"You cannot use a Stripe token more than once: {token['id']}."
        raise invalid(message, _at(path, "card[token]"), "token_already_used")
    call.store.put({**token, "used": True})
    return {**token["_method"], "id": new_id("pm_1"), "created": now()}


def from_number(details: Json, path: str) -> Json:
    if "token" in details:
        card = BY_ALIAS.get(details["token"].replace("tok_", "pm_card_", 1))
        if card is None:
            raise missing_resource("token", details["token"], f"{path}[token]", 400)
        return _card(card, now_year() + 1, 12, cvc=True)
    for name in ("number", "exp_month", "exp_year"):
        if name not in details:
            raise invalid(f"Missing required param: {path}[{name}].", f"{path}[{name}]", "parameter_missing")
    number = details["number"].replace(" ", "").replace("-", "")
    plausible = number.isascii() and number.isdecimal() and 12 <= len(number) <= 19 and passes_luhn(number)
    if not plausible:
        raise card_error(Decline("incorrect_number", None, "Your card number is incorrect.", "number"))
    card, cvc, year = BY_NUMBER.get(number), details.get("cvc"), details["exp_year"]
    year += 2000 if 0 <= year < 100 else 0
    if not 1 <= details["exp_month"] <= 12:
        message = "Your card's expiration month is invalid."
        raise card_error(Decline("invalid_expiry_month", None, message, "exp_month"))
    today = datetime.datetime.fromtimestamp(clock.time(), datetime.UTC)
    if (year, details["exp_month"]) < (today.year, today.month) or year > today.year + 50:
        message, param = "Your card's expiration year is invalid.", "exp_year"
        raise card_error(Decline("invalid_expiry_year", None, message, param))
    if cvc is not None and (not cvc.isdecimal() or len(cvc) != (4 if card and card.brand == "amex" else 3)):
        raise card_error(Decline("invalid_cvc", None, "Your card's security code is invalid.", "cvc"))
    if card is None:
        raise card_error(LIVE_CARD)
    return _card(card, year, details["exp_month"], cvc is not None)


def _card(card: Card, year: int, month: int, cvc: bool) -> Json:
    checks = dict.fromkeys(("address_line1_check", "address_postal_code_check", "cvc_check"))
    details = {
        "brand": card.brand,
        "checks": {**checks, "cvc_check": "unchecked" if cvc else None},
        "country": card.country,
        "display_brand": card.brand if card.brand != "amex" else "american_express",
        "exp_month": month,
        "exp_year": year,
        "fingerprint": fingerprint(card.number),
        "funding": card.funding,
        "generated_from": None,
        "last4": card.number[-4:],
        "networks": {"available": [card.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": card.challenge is not Challenge.UNSUPPORTED},
        "wallet": None,
    }
    return {**_method("card", details), "_number": card.number, "_cvc": cvc}


def _from_account(details: Json, path: str) -> Json:
    account = BANK_BY_NUMBER.get(details.get("account_number", ""))
    if account is None or details.get("routing_number") != ROUTING_NUMBER:
        message = f"This is not one of Stripe's test accounts (routing number {ROUTING_NUMBER})."
        raise invalid(message, f"{path}[account_number]", "bank_account_unusable")
    holder, kind = details.get("account_holder_type", "individual"), details.get("account_type", "checking")
    return _bank_account(account, holder, kind)


def _bank_account(account: BankAccount, holder: str, kind: str) -> Json:
    details = {
        "account_holder_type": holder,
        "account_type": kind,
        "bank_name": "STRIPE TEST BANK",
        "financial_connections_account": None,
        "fingerprint": fingerprint(account.number),
        "last4": account.number[-4:],
        "networks": {"preferred": "ach", "supported": ["ach"]},
        "routing_number": ROUTING_NUMBER,
        "status_details": {},
    }
    return {**_method("us_bank_account", details), "_number": account.number}


def _local(kind: str, params: Json, path: str) -> Json:
    given = params.get(kind) or {}
    details, number = local_methods.details(kind, given, _at(path, kind), fingerprint)
    person = params.get("billing_details") or {}
    local_methods.check_billing_details(kind, person, _at(path, "billing_details"))
    return {**_method(kind, details), "_number": number, "_verified": not given}


def _method(kind: str, details: Json) -> Json:
    return {
        "id": new_id("pm_1"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": billing_details({}),
        "created": now(),
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": kind,
        kind: details,
    }


def fingerprint(number: str) -> str:
    """Sixteen characters that are the same for the same number."""
    return hashlib.sha256(f"sandbox {number}".encode()).hexdigest()[:16]


def now_year() -> int:
    return datetime.datetime.fromtimestamp(clock.time(), datetime.UTC).year


def card_error(decline: Decline, begun: bool = False, **extra: Any) -> ApiError:
    if decline.decline_code and not decline.blocked:
        extra |= {"advice_code": "try_again_later", "network_decline_code": "01"}
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
