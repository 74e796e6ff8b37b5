"""What becomes of a token that a browser made: used once, in the place of the card that it stands for."""

from .call import Call
from .errors import Json, invalid


def redeemed(call: Call, params: Json) -> Json:
    """The fields of a payment method with `card[token]` replaced by the token's card; aliases stay (tok_visa)."""
    given = (params.get("card") or {}).get("token")
    found = call.store.get(given, "token") if given else None
    if found is None:
        return params
    if found["used"]:
        message = f"You cannot use a Stripe token more than once: {given}."
        raise invalid(message, "card[token]", "token_already_used")
    call.store.put({**found, "used": True})
    return {**params, "card": found["_card"]}
