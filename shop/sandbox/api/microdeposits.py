"""Verifying a bank account by two small deposits, or by the code in the text of one."""

from quart import Blueprint

from ..call import Call
from ..errors import ApiError, Json
from ..events import emit
from ..wire import endpoint
from . import bank_debits, setup_attempts
from .payment_attempts import unexpected_state
from .payment_intents import find
from .payment_methods import find as find_method
from .setup_intents import find as find_setup

routes = Blueprint("sandbox_microdeposits", __name__)

RIGHT = ([32, 45], "SM11AA")
TOO_OFTEN, TOO_LATE = ([10, 11], "SM33CC"), ([40, 41], "SM44DD")
"""The amounts, or the code, with which Stripe's test accounts are verified, and with which they cannot be."""


@routes.post("/v1/payment_intents/<intent>/verify_microdeposits")
@endpoint(client=True)
def verify(call: Call, intent: str) -> Json:
    found = find(call, intent)
    return bank_debits.begin(call, found, _verified(call, found))


@routes.post("/v1/setup_intents/<intent>/verify_microdeposits")
@endpoint(client=True)
def verify_setup(call: Call, intent: str) -> Json:
    found = find_setup(call, intent)
    return setup_attempts.after_microdeposits(call, found, _verified(call, found))


def _verified(call: Call, found: Json) -> Json:
    """The payment method, with what was given found right. Raises what is wrong with it."""
    if (found["next_action"] or {}).get("type") != "verify_with_microdeposits":
        raise unexpected_state(found, "verify")
    given = call.params.get("amounts") or call.params.get("descriptor_code")
    if given in RIGHT:
        return call.store.put({**find_method(call, found["payment_method"]), "_verified": True})
    code = "payment_method_microdeposit_verification_"
    if given in TOO_OFTEN or given in TOO_LATE:
        code += "attempts_exceeded" if given in TOO_OFTEN else "timeout"
        problem = ApiError("The bank account could not be verified.", code=code, begun=True)
        _give_up(call, found, problem.error)
    else:
        code += "amounts_mismatch" if "amounts" in call.params else "descriptor_code_mismatch"
        problem = ApiError("What you gave is not what the bank account received.", code=code, begun=True)
    raise problem


def _give_up(call: Call, found: Json, error: Json) -> None:
    if found["object"] == "setup_intent":
        setup_attempts.fail(call, found, find_method(call, found["payment_method"]), error)
        return
    over = {"status": "requires_payment_method", "payment_method": None, "next_action": None}
    found = call.store.put({**found, **over, "last_payment_error": error})
    emit(call, "payment_intent.payment_failed", found)
