"""Checks a request against params.json, the table of everything that Stripe's own SDK can send."""

import functools
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .errors import ApiError, Json, invalid
from .forms import Fields
from .private_params import PRIVATE

INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
NUMBER = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?")
BOOLEANS = {"true": True, "false": False, "1": True, "0": False}


UNSETTABLE: Json = {"one": ["str", [""]]}
EMPTY_TOO = {"POST /v1/customers": dict.fromkeys(("description", "email", "name", "phone"), UNSETTABLE)}
"""Parameters that Stripe takes empty where the SDK does not say so: recorded for descriptions and names."""


@functools.cache
def table() -> Json:
    loaded: Json = json.loads(Path(__file__).with_name("params.json").read_text())
    return loaded


def check(route: str, fields: Fields, extra: Json | None = None) -> Json:
    """The fields of a request as int, bool, str, list and dict. `extra` names more parameters, with kinds."""
    if route in PRIVATE:
        return _fields({**PRIVATE[route], **(extra or {})}, (), fields, "")
    kind = table()["routes"].get(route)
    if kind is None:
        return fields
    return _hash(kind[1:], fields, "", {**EMPTY_TOO.get(route, {}), **(extra or {})})


def _hash(name: str, fields: Fields, path: str, extra: Json) -> Json:
    return _fields({**table()["types"][name], **extra}, table()["required"].get(name, ()), fields, path)


def _fields(known: Json, required: Iterable[str], fields: Fields, path: str) -> Json:
    values = {}
    for field, value in fields.items():
        where = f"{path}[{field}]" if path else field
        if field not in known:
            raise invalid(f"Received unknown parameter: {where}", where, "parameter_unknown")
        values[field] = _value(known[field], value, where)
    for field in required:
        if field not in values:
            where = f"{path}[{field}]" if path else field
            raise invalid(f"Missing required param: {where}.", where, "parameter_missing")
    return values


def _value(kind: Any, value: Any, path: str) -> Any:
    match kind:
        case {"one": kinds}:
            return _one(kinds, value, path)
        case {"list": inner}:
            return [_value(inner, item, f"{path}[{key}]") for key, item in _items(value, path)]
        case {"map": inner}:
            if not isinstance(value, dict):
                raise _not(value, path, "hash")
            # An empty value unsets a key of a map.
            return {key: item and _value(inner, item, f"{path}[{key}]") for key, item in value.items()}
        case {"hash": known}:
            if not isinstance(value, dict):
                raise _not(value, path, "hash")
            return _fields(known, (), value, path)
        case list(words):
            return _word(words, value, path)
        case "payment_method_data":
            # As the SDK types it where it confirms a PaymentIntent.
            confirm = table()["routes"]["POST /v1/payment_intents/{intent}/confirm"]
            return _value(table()["types"][confirm[1:]]["payment_method_data"], value, path)
        case str(name) if name.startswith("#"):
            if not isinstance(value, dict):
                raise _not(value, path, "hash")
            return _hash(name[1:], value, path, {})
        case _:
            return _scalar(kind, value, path)


def _one(kinds: list[Any], value: Any, path: str) -> Any:
    if value == "" and [""] in kinds:
        return ""
    problem: ApiError | None = None
    for kind in kinds:
        if kind != [""]:
            try:
                return _value(kind, value, path)
            except ApiError as error:
                shaped = isinstance(value, dict) == (isinstance(kind, dict) or str(kind).startswith("#"))
                problem = error if shaped or problem is None else problem
    assert problem, f"{path} has no kind but empty"
    raise problem


def _items(value: Any, path: str) -> list[tuple[str, Any]]:
    if value == "":
        return []
    if not isinstance(value, dict) or not all(key.isascii() and key.isdigit() for key in value):
        raise _not(value, path, "array")
    return sorted(value.items(), key=lambda item: int(item[0]))


def _word(words: list[str], value: Any, path: str) -> str:
    if isinstance(value, str) and value in words:
        return value
    if value == "":
        raise _empty(path)
    *first, last = [word for word in words if word]
    choice = f"{', '.join(first)} or {last}" if first else last
    raise invalid(f"Invalid {path}: must be one of {choice}", path)


def _scalar(kind: str, value: Any, path: str) -> Any:
    if kind == "any":
        return value
    if not isinstance(value, str):
        raise invalid(f"Invalid {_type_name(kind)}: {path} is a hash.", path)
    if value == "":
        raise _empty(path)
    if kind == "int":
        if not INTEGER.fullmatch(value):
            raise invalid(f"Invalid integer: {value[:100]}", path, "parameter_invalid_integer")
        return int(value)
    if kind == "bool":
        if value not in BOOLEANS:
            raise invalid(f"Invalid boolean: {value[:100]}", path)
        return BOOLEANS[value]
    if kind == "number" and not NUMBER.fullmatch(value):
        raise invalid(f"Invalid decimal: {value[:100]}", path)
    return value


def _type_name(kind: str) -> str:
    return {"str": "string", "int": "integer", "bool": "boolean", "number": "decimal"}[kind]


def _not(value: Any, path: str, wanted: str) -> ApiError:
    shown = f": {value[:100]}" if isinstance(value, str) else ""
    return invalid(f"Invalid {wanted}{shown}", path)


def _empty(path: str) -> ApiError:
    return invalid(
        f"You passed an empty string for '{path}'. We assume empty values are an attempt to unset a "
        f"parameter; however '{path}' cannot be unset. You should remove '{path}' from your request or "
        f"supply a "
        "non-empty value.",
        path,
        "parameter_invalid_empty",
    )
