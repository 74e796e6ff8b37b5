"""Addresses in answers: every part is there, null where nothing was given."""

from .errors import Json

PARTS = ("city", "country", "line1", "line2", "postal_code", "state")


def address(given: Json | str | None) -> Json:
    parts = given if isinstance(given, dict) else {}
    return {part: parts.get(part) or None for part in PARTS}


def billing_details(given: Json) -> Json:
    details = {name: given.get(name) or None for name in ("email", "name", "phone", "tax_id")}
    return {"address": address(given.get("address")), **details}


def shipping(given: Json | str) -> Json | None:
    if not isinstance(given, dict):
        return None
    details = {name: given.get(name) or None for name in ("carrier", "name", "phone", "tracking_number")}
    return {"address": address(given.get("address")), **details}
