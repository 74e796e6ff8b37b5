"""Holds an answer against the SDK's own resource classes: fields, their types, the words of their enums."""

import functools
import importlib
import inspect
import json
import types
import typing
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, ClassVar, Literal, Union

import stripe
from quart import Quart, Response, g, request
from stripe._error_object import ErrorObject
from stripe._object_classes import OBJECT_CLASSES
from stripe._stripe_object import UntypedStripeObject

from shop.sandbox.access import Key
from shop.sandbox.versions import SDK

SEARCH = "SearchResultObject"
UNDECLARED = {
    ("ListObject", "object"),
    ("ListObject", "total_count"),
    (SEARCH, "object"),
    (SEARCH, "url"),
    (SEARCH, "next_page"),
}
UNDECLARED |= {("Charge", name) for name in ("destination", "dispute", "order")}
"""Fields that Stripe documents, or was recorded with before endive, and the SDK leaves out, or types too narrowly:
the last page has no next one."""
SCALARS = {str: str, int: int, bool: bool, float: (int, float), Decimal: str}


def watch(app: Quart) -> list[str]:
    """What is wrong with the app's answers in the SDK's version, as it answers; the list grows."""
    found: list[str] = []

    @app.after_request
    async def check(response: Response) -> Response:
        call = g.get("call")
        if call and call.request_id and call.version == SDK and response.mimetype == "application/json":
            body, browsers = json.loads(await response.get_data()), call.key is Key.PUBLISHABLE
            where = f"{request.method} {request.url_rule}"
            found.extend(f"{where}: {problem}" for problem in problems(body, browsers))
        return response

    return found


def problems(answer: dict[str, Any], for_browsers: bool = False) -> Iterator[str]:
    """What Stripe would not have answered. A browser sees parts of some objects, so it misses nothing."""
    if "error" in answer:
        return _fields(answer["error"], ErrorObject, "error", not for_browsers)
    return _object(answer, "", not for_browsers)


def _object(value: dict[str, Any], path: str, whole: bool) -> Iterator[str]:
    """An object that says what it is."""
    name, path = str(value.get("object")), path or str(value.get("object"))
    if value.get("deleted") is True and name != "discount":  # which is shown whole to the end
        if value.keys() != {"id", "object", "deleted"}:
            yield f"{path}: a deleted object has id, object, deleted"
    elif name not in OBJECT_CLASSES:
        yield f"{path}: Stripe has no object {name}"
    else:
        # An event of another version tells of an object as it looks there: it may have less.
        whole = whole and value.get("api_version", SDK) == SDK
        module, kind = OBJECT_CLASSES[name]
        yield from _fields(value, getattr(importlib.import_module(module), kind), path, whole)


def _fields(value: dict[str, Any], kind: type, path: str, whole: bool) -> Iterator[str]:
    known = declared(kind)
    for name, inner in value.items():
        if (kind.__name__, name) in UNDECLARED:
            continue
        if name in known:
            yield from _value(inner, known[name], f"{path}.{name}", whole)
        else:
            yield f"{path}.{name}: Stripe has no such field"
    for name, annotation in known.items():
        if whole and name not in value and type(None) not in typing.get_args(annotation):
            yield f"{path}.{name}: missing"


@functools.cache
def declared(kind: type) -> dict[str, Any]:
    """The fields of a resource class, with their annotations."""
    every: dict[str, Any] = {}
    for base in reversed(kind.__mro__):
        if base is not stripe.StripeObject and issubclass(base, stripe.StripeObject):
            every |= inspect.get_annotations(base)
    return {
        name: annotation
        for name, annotation in every.items()
        if not name.startswith("_") and typing.get_origin(annotation) is not ClassVar and name.islower()
    }


def _value(value: Any, annotation: Any, path: str, whole: bool) -> Iterator[str]:
    choices = list(_choices(annotation))
    if Any in choices or any(isinstance(choice, typing.TypeVar) for choice in choices):
        if isinstance(value, dict) and is_object(value):
            yield from _object(value, path, whole)
    elif value is None:
        if type(None) not in choices:
            yield f"{path}: null"
    elif isinstance(value, dict):
        yield from _hash(value, choices, path, whole)
    elif isinstance(value, list):
        inner = [typing.get_args(choice)[0] for choice in choices if typing.get_origin(choice) is list]
        if not inner:
            yield f"{path}: is a list"
        for item in value if inner else ():
            yield from _value(item, inner[0], f"{path}[]", whole)
    elif not _fits(value, choices):
        yield f"{path}: {value!r} is not one of {choices}"


def _choices(annotation: Any) -> Iterator[Any]:
    if typing.get_origin(annotation) in (Union, types.UnionType):
        for choice in typing.get_args(annotation):
            yield from _choices(choice)
    else:
        yield annotation


def _hash(value: dict[str, Any], choices: list[Any], path: str, whole: bool) -> Iterator[str]:
    classes = [each for each in choices if inspect.isclass(each) and issubclass(each, stripe.StripeObject)]
    maps = [each for each in choices if typing.get_origin(each) in (dict, UntypedStripeObject)]
    others = [each for each in choices if isinstance(each, str | typing.ForwardRef) or is_list(each)]
    kind = typing.get_args(maps[0])[-1] if maps else None
    if is_object(value) and (others or classes or kind is Any):
        yield from _object(value, path, whole)
    elif maps:
        for name, inner in value.items():
            yield from _value(inner, kind, f"{path}.{name}", whole)
    elif classes and classes[0] is not UntypedStripeObject:
        yield from _fields(value, classes[0], path, whole)
    elif not classes:
        yield f"{path}: is a hash of no kind"


def is_object(value: dict[str, Any]) -> bool:
    return isinstance(value.get("object"), str) and value["object"] in OBJECT_CLASSES


def is_list(choice: Any) -> bool:
    return typing.get_origin(choice) is stripe.ListObject


def _fits(value: Any, choices: list[Any]) -> bool:
    """`Literal["a", "b"] | str` is how the SDK leaves room for later versions; this one knows these words."""
    words = [word for choice in choices if typing.get_origin(choice) is Literal for word in choice.__args__]
    if isinstance(value, str) and any(isinstance(choice, typing.ForwardRef) for choice in choices):
        return str in choices
    if words and (isinstance(value, str) or words == [True]):
        return value in words
    kinds = [SCALARS[choice] for choice in choices if choice in SCALARS]
    return any(isinstance(value, kind) and isinstance(value, bool) == (kind is bool) for kind in kinds)
