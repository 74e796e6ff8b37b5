"""What objects looked like in older API versions. They are kept in their newest shape, and taken back change by
change when they are read, so that one object may be written on one version and read on another."""

from collections.abc import Callable
from typing import Any

from .errors import Json
from .store import Store
from .versions import BASIL, CLOVER, DAHLIA, ENDIVE, UI_MODES

Change = Callable[[Store, Json], Json]


def rendered(store: Store, value: Any, version: str) -> Any:
    """An answer, with the objects within, as this version shows it. An event keeps to the version of its own."""
    if isinstance(value, list):
        return [rendered(store, item, version) for item in value]
    if not isinstance(value, dict):
        return value
    kind = value.get("object")
    if isinstance(kind, str):
        version = value["api_version"] if kind == "event" else version
        for since, change in CHANGES.get(kind, ()):
            value = change(store, value) if version < since else value
    return {name: rendered(store, inner, version) for name, inner in value.items()}


def listed(data: list[Json], url: str) -> Json:
    """A list inside an object, with the first ten."""
    return {
        "object": "list",
        "data": data[:10],
        "has_more": len(data) > 10,
        "total_count": len(data),
        "url": url,
    }


def _without(*names: str) -> Change:
    return lambda _, body: {name: value for name, value in body.items() if name not in names}


def _with_nulls(*names: str) -> Change:
    """Fields that went because nothing of the kind was left to name."""
    return lambda _, body: {**dict.fromkeys(names), **body}


def _dispute(store: Store, charge: Json) -> Json:
    """A charge named its dispute, and things of long ago."""
    disputes = store.linked("dispute", "charge", charge["id"])
    return {**charge, "destination": None, "dispute": disputes[0]["id"] if disputes else None, "order": None}


def _charges(store: Store, intent: Json) -> Json:
    """An intent listed its charges, before it named the latest."""
    charges = store.linked("charge", "payment_intent", intent["id"])
    kept = {name: value for name, value in intent.items() if name != "latest_charge"}
    return {**kept, "charges": listed(charges, f"/v1/charges?payment_intent={intent['id']}")}


def _refunds(store: Store, charge: Json) -> Json:
    refunds = store.linked("refund", "charge", charge["id"])
    return {**charge, "refunds": listed(refunds, f"/v1/charges/{charge['id']}/refunds")}


def _expired(_: Store, intent: Json) -> Json:
    """An authorisation that lapsed had no word of its own."""
    reason = intent["cancellation_reason"]
    return {**intent, "cancellation_reason": "automatic" if reason == "expired" else reason}


def _ui_mode(_: Store, session: Json) -> Json:
    former = {new: old for old, new in UI_MODES.items()}
    return {**session, "ui_mode": former.get(session["ui_mode"], session["ui_mode"])}


def _coupon(name: str) -> Change:
    """The hash of this name became the coupon itself."""

    def change(store: Store, body: Json) -> Json:
        coupon = (body.get(name) or {}).get("coupon")
        kept = {field: value for field, value in body.items() if field != name}
        return {**kept, "coupon": store.named(coupon) if isinstance(coupon, str) else coupon}

    return change


CHANGES: dict[str, tuple[tuple[str, Change], ...]] = {
    "charge": ((ENDIVE, _dispute), (BASIL, _with_nulls("invoice")), ("2022-11-15", _refunds)),
    "checkout.session": ((DAHLIA, _ui_mode),),
    "confirmation_token": ((ENDIVE, _without("metadata")),),
    "discount": ((CLOVER, _coupon("source")),),
    "payment_intent": (
        (ENDIVE, _without("allowed_payment_method_types", "payment_record")),
        (BASIL, _expired),
        (BASIL, _with_nulls("invoice")),
        ("2022-11-15", _charges),
    ),
    "promotion_code": ((CLOVER, _coupon("promotion")),),
    "refund": ((ENDIVE, _without("customer", "customer_account", "payment_method")),),
}
"""Per object, newest first: the version that brought a change, and how to take it back."""
