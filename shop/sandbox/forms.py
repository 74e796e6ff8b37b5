"""Bracketed form fields, in every spelling that Stripe's SDKs use."""

import re
from typing import Any
from urllib.parse import parse_qsl

from .errors import invalid

Fields = dict[str, Any]
"""A name's value is text or, with brackets after it, another such dict (lists have "0", "1", …)."""

NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
MOST_FIELDS, DEEPEST = 2_000, 12


def parse(encoded: bytes) -> Fields:
    """`a=1&b[c]=2&d[]=3&d[]=4&e[0][f]=5`, brackets percent-encoded or not."""
    try:
        pairs = parse_qsl(
            encoded.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict"
        )
    except ValueError as error:
        raise invalid("The request is not a form in UTF-8, or has too many fields.") from error
    fields: Fields = {}
    for name, value in pairs:
        if "\x00" in name or "\x00" in value:
            raise invalid("A field holds a NUL character.")
        _put(fields, name, value)
    return fields


def encoded(fields: Any, name: str = "") -> dict[str, str]:
    """The way back: a pair for each value that is not None."""
    if isinstance(fields, list):
        fields = dict(enumerate(fields))
    if not isinstance(fields, dict):
        written = str(fields).lower() if isinstance(fields, bool) else str(fields)
        return {} if fields is None else {name: written}
    pairs: dict[str, str] = {}
    for inner, value in fields.items():
        pairs |= encoded(value, f"{name}[{inner}]" if name else str(inner))
    return pairs


def _put(fields: Fields, name: str, value: str) -> None:
    match = NAME.fullmatch(name)
    keys = match and [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]
    if not keys or len(keys) > DEEPEST:
        raise invalid(f"Received unknown parameter: {name[:100]}", name[:100], "parameter_unknown")
    place = fields
    for position, key in enumerate(keys[:-1]):
        key = key or _place_in_list(place, keys[position + 1 :])
        inner = place.setdefault(key, {})
        if not isinstance(inner, dict):
            raise invalid(f"Parameter {name[:100]} is given both as a value and as a hash.", keys[0])
        place = inner
    last = keys[-1] or str(len(place))
    if isinstance(place.get(last), dict):
        raise invalid(f"Parameter {name[:100]} is given both as a value and as a hash.", keys[0])
    place[last] = value


def _place_in_list(place: Fields, rest: list[str]) -> str:
    """`items[][price]=a&items[][quantity]=1&items[][price]=b`: a field seen again begins the next item."""
    if not place:
        return "0"
    item = place.get(str(len(place) - 1))
    for key in rest[:-1]:
        item = item.get(key) if isinstance(item, dict) else None
    begins_next = isinstance(item, dict) and rest[-1] in item
    return str(len(place)) if begins_next else str(len(place) - 1)
