"""`expand`: an id in an answer becomes the object it names, up to four levels deep."""

from typing import Any

from .errors import Json, invalid
from .older import listed, rendered
from .store import Store

DEEPEST = 4
NOT_ALWAYS = ("dispute", "invoice", "latest_charge")
"""Fields that some versions do not have."""
OF_A_CHARGE = """
application application_fee balance_transaction customer dispute failure_balance_transaction invoice on_behalf_of
payment_intent refunds review source_transfer transfer
"""
OF_A_CUSTOMER = """
cash_balance default_source invoice_credit_balance sources subscriptions tax tax_ids test_clock
"""
OF_AN_INTENT = "application customer invoice latest_charge on_behalf_of payment_method review source"
OF_A_REFUND = """
balance_transaction charge failure_balance_transaction payment_intent source_transfer_reversal
transfer_reversal
"""
OF_A_SETUP = "application customer latest_attempt mandate on_behalf_of payment_method single_use_mandate"
EXPANDABLE: dict[str, list[str]] = {
    "balance_transaction": ["source"],
    "charge": OF_A_CHARGE.split(),
    "customer": OF_A_CUSTOMER.split(),
    "customer_session": ["customer"],
    "customer.invoice_settings": ["default_payment_method"],
    "checkout.session": ["customer", "line_items", "payment_intent", "setup_intent", "subscription"],
    "checkout.session.discounts": ["coupon", "promotion_code"],
    "checkout.session.shipping_cost": ["shipping_rate"],
    "checkout.session.shipping_options": ["shipping_rate"],
    "checkout.session.total_details": ["breakdown"],
    "coupon": ["applies_to"],
    "discount": ["customer", "promotion_code"],
    "discount.source": ["coupon"],
    "item": ["price"],
    "tax.calculation": ["line_items"],
    "tax_id": ["customer"],
    "tax.transaction": ["line_items"],
    "promotion_code": ["customer"],
    "promotion_code.promotion": ["coupon"],
    "payment_intent": OF_AN_INTENT.split(),
    "payment_method": ["customer"],
    "mandate": ["payment_method"],
    "dispute": ["charge", "payment_intent"],
    "radar.early_fraud_warning": ["charge", "payment_intent"],
    "setup_attempt": ["application", "customer", "on_behalf_of", "payment_method", "setup_intent"],
    "setup_intent": OF_A_SETUP.split(),
    "price": ["product"],
    "product": ["default_price"],
    "refund": OF_A_REFUND.split(),
}
"""Fields that the SDK types as expandable, per object or hash of an object."""


INCLUDED = ("applies_to", "breakdown", "line_items")
"""Fields that are not in an answer at all unless they are asked for; stored with a "_" before the name."""


def expand(store: Store, body: Json, paths: list[str], version: str) -> Json:
    for path in paths:
        names = path.split(".")
        depth = len(names) - (names[0] == "data")
        if depth > DEEPEST:
            raise invalid(f"You cannot expand more than {DEEPEST} levels of a property: {path}", "expand")
        body = _follow(store, body, names, path, version)
    return body


def _follow(store: Store, body: Any, names: list[str], path: str, version: str, hash: str = "") -> Any:
    if not names or body is None:
        return body
    if isinstance(body, list):
        return [_follow(store, item, names, path, version, hash) for item in body]
    name, *rest = names
    kind = body.get("object") or hash
    if kind in ("list", "search_result") and name == "data":
        return {**body, "data": _follow(store, body["data"], rest, path, version)}
    if f"{kind}.{name}" in EXPANDABLE:
        return {**body, name: _follow(store, body.get(name), rest, path, version, f"{kind}.{name}")}
    whole = isinstance(body.get(name), dict) and "object" in body[name]  # as older versions hold a list
    known = name in EXPANDABLE.get(kind, ()) and not (name in NOT_ALWAYS and name not in body)
    if not (known or whole):
        raise invalid(f"This property cannot be expanded ({path}).", "expand")
    value = body.get(name)
    if name == "refunds" and kind == "charge":
        value = rendered(store, _refunds(store, body), version)
    if kind == "customer" and name in (*OF_A_NEW_CUSTOMER, *LISTS_OF_A_CUSTOMER):
        value = _of_customer(store, body, name)
    if name in INCLUDED and (kept := body.get(f"_{name}")) is not None:
        value = _line_items(body) if name == "line_items" else kept
    if isinstance(value, str):
        value = rendered(store, store.named(value), version) or value
    if isinstance(value, str):
        return body
    return {**body, name: _follow(store, value, rest, path, version)}


def _refunds(store: Store, charge: Json) -> Json:
    found = store.linked("refund", "charge", charge["id"])
    return listed(found, f"/v1/charges/{charge['id']}/refunds")


OF_A_NEW_CUSTOMER: Json = {
    "cash_balance": None,
    "invoice_credit_balance": {},
    "tax": {
        "automatic_tax": "unrecognized_location",
        "ip_address": None,
        "location": None,
        "provider": "stripe",
    },
}
LISTS_OF_A_CUSTOMER = ("sources", "subscriptions", "tax_ids")


def _of_customer(store: Store, customer: Json, name: str) -> Any:
    """What a customer shows only when asked. Of all this there can be tax ids only."""
    if name in LISTS_OF_A_CUSTOMER:
        found = store.linked("tax_id", "customer", customer["id"]) if name == "tax_ids" else []
        return listed(found, f"/v1/customers/{customer['id']}/{name}")
    return OF_A_NEW_CUSTOMER[name]


def _line_items(owner: Json) -> Json:
    """Of a Checkout Session, a tax calculation or a tax transaction."""
    items: list[Json] = owner["_line_items"]
    url = f"/v1/{owner['object'].replace('.', '/')}s/{owner['id']}/line_items"
    return {"object": "list", "data": items[:20], "has_more": len(items) > 20, "url": url}
