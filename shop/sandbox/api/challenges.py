"""Leaves an intent, of payment or of setup, waiting for a 3-D Secure challenge."""

from typing import Any

from ..access import Key
from ..call import Call
from ..errors import Json
from ..events import emit
from ..ids import ACCOUNT, new_id


def ask(call: Call, intent: Json, params: Json) -> Json:
    """`params` are those of the confirmation: they say how the shopper gets to the challenge, and back."""
    kind, source, back = intent["object"], new_id("payatt_3"), params.get("return_url")
    query = (
        f"merchant={ACCOUNT}&{kind}={intent['id']}&{kind}_client_secret={intent['client_secret']}"
        f"&publishable_key={Key.PUBLISHABLE.value}&source={source}"
    )
    pages = f"{call.settings.hosts.hooks}/3d_secure_2"
    if back and not params.get("use_stripe_sdk"):
        where = {"return_url": back, "url": f"{pages}/hosted?{query}"}
        action: dict[str, Any] = {"type": "redirect_to_url", "redirect_to_url": where}
    else:
        challenge = {
            "source": source,
            "stripe_js": f"{pages}/challenge?{query}",
            "type": "three_d_secure_redirect",
        }
        action = {"type": "use_stripe_sdk", "use_stripe_sdk": challenge}
    waiting = {"status": "requires_action", "next_action": action, "_source": source, "_return_url": back}
    intent = call.store.put({**intent, **waiting})
    emit(call, f"{kind}.requires_action", intent)
    return intent
