"""Paying on a page of the method's own: iDEAL, Bancontact, Alipay, Klarna and their like."""

from typing import Any

from ..call import Call
from ..errors import Json, invalid
from ..events import emit
from ..ids import ACCOUNT, token


def leave(call: Call, intent: Json, params: Json) -> Json:
    """Leave the intent waiting for the shopper to come back from the page that `next_action` names."""
    back = params.get("return_url")
    if not back:
        message = "This payment method sends the shopper to another page, so you must provide a `return_url`."
        raise invalid(message, "return_url", "parameter_missing")
    source = f"pa_nonce_{token(32)}"
    url = f"{call.settings.hosts.redirects}/authorize/{ACCOUNT}/{source}?intent={intent['id']}"
    where: dict[str, Any] = {"return_url": back, "url": url}
    kind = "redirect_to_url"
    if call.store.get(intent["payment_method"], "payment_method")["type"] == "alipay":  # type: ignore[index]
        kind, where = "alipay_handle_redirect", {**where, "native_data": None, "native_url": None}
    waiting = {"status": "requires_action", "next_action": {"type": kind, kind: where}}
    waiting |= {"_source": source, "_left_for": source, "_return_url": back}
    intent = call.store.put({**intent, **waiting})
    emit(call, f"{intent['object']}.requires_action", intent)
    return intent
