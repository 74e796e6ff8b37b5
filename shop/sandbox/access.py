"""Who is asking: the sandbox's three keys, and what a publishable one may see."""

import base64
import binascii
import secrets
from enum import Enum
from typing import Any

from werkzeug.datastructures import Headers

from .errors import ApiError, Json, missing_resource

REALM = {"WWW-Authenticate": 'Bearer realm="Stripe"'}


class Key(Enum):
    SECRET = "sk_test_sandbox"  # noqa: S105
    PUBLISHABLE = "pk_test_sandbox"
    RESTRICTED = "rk_test_sandbox"


def authenticate(headers: Headers, fields: Json) -> Key:
    """From a Bearer or Basic header, or a `key` field (which is taken out of the fields). Raises a 401."""
    given = _from_header(headers.get("Authorization", "")) or fields.pop("key", "")
    fields.pop("key", None)
    if not given or not isinstance(given, str):
        raise ApiError(
            "You did not provide an API key. Send one in the Authorization header, using Bearer auth "
            "(e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
            status=401,
            headers=REALM,
        )
    for key in Key:
        if secrets.compare_digest(given.encode(), key.value.encode()):
            return key
    if given.startswith(("sk_live_", "pk_live_", "rk_live_")):
        raise ApiError("This is a sandbox: a live key has no place here.", status=401, headers=REALM)
    raise ApiError(f"Invalid API Key provided: {_starred(given)}", status=401, headers=REALM)


def _from_header(header: str) -> str:
    scheme, _, rest = header.partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(rest, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return ""


def _starred(key: str) -> str:
    return key if len(key) <= 12 else f"{key[:8]}{'*' * min(len(key) - 12, 40)}{key[-4:]}"


def secret_key_required() -> ApiError:
    return ApiError(
        "This API call cannot be made with a publishable API key. Please use a secret API key.",
        status=403,
        code="secret_key_required",
    )


def check_client_secret(key: Key, intent: Json, given: object, param: str = "intent") -> None:
    """A publishable key sees an intent only with its secret; a wrong one looks like a wrong id."""
    if key is not Key.PUBLISHABLE and given is None:
        return
    if not secrets.compare_digest(str(given).encode(), intent["client_secret"].encode()):
        raise missing_resource(intent["object"], intent["id"], param)


OF_AN_INTENT = """
id object amount amount_details automatic_payment_methods canceled_at cancellation_reason capture_method
client_secret confirmation_method created currency description last_payment_error livemode next_action
payment_method payment_method_types processing receipt_email setup_future_usage shipping source status
"""
OF_A_SETUP = """
id object attach_to_self automatic_payment_methods cancellation_reason client_secret created description
flow_directions last_setup_error livemode next_action payment_method payment_method_types status usage
"""
CLIENT_FIELDS = {
    "payment_intent": frozenset(OF_AN_INTENT.split()),
    "setup_intent": frozenset(OF_A_SETUP.split()),
}
"""What a publishable key sees of an object; kinds that are not named here it sees whole."""


def client_view(value: object) -> Any:
    """An answer as a publishable key sees it, objects within objects too."""
    if isinstance(value, list):
        return [client_view(item) for item in value]
    if not isinstance(value, dict):
        return value
    fields = CLIENT_FIELDS.get(value.get("object", ""))
    return {name: client_view(inner) for name, inner in value.items() if fields is None or name in fields}
