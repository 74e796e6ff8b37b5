"""Verifying a bank account by two small deposits, or by the code in the text of one."""

from quart import Blueprint

from ..call import Call
from ..errors import ApiError, Json
from ..events import emit
from ..wire import endpoint
from . import bank_debits
from .payment_attempts import unexpected_state
from .payment_intents import find
from .payment_methods import find as find_method

routes = Blueprint("sandbox_microdeposits", __name__)

RIGHT = ([32, 45], "SM11AA")
TOO_OFTEN, TOO_LATE = ([10, 11], "SM33CC"), ([40, 41], "SM44DD")
"""The amounts, or the code, with which Stripe's test accounts are verified, and with which they cannot be."""


@routes.post("/v1/payment_intents/<intent>/verify_microdeposits")
@endpoint(client=True)
def verify(call: Call, intent: str) -> Json:
    found = find(call, intent)
    if (found["next_action"] or {}).get("type") != "verify_with_microdeposits":
        raise unexpected_state(found, "verify")
    given = call.params.get("amounts") or call.params.get("descriptor_code")
    if given in RIGHT:
        method = call.store.put({**find_method(call, found["payment_method"]), "_verified": True})
        return bank_debits.begin(call, found, method)
    code = "payment_method_microdeposit_verification_"
    if given in TOO_OFTEN or given in TOO_LATE:
        code += "attempts_exceeded" if given in TOO_OFTEN else "timeout"
        problem = ApiError("The bank account could not be verified.", code=code, begun=True)
        over = {"status": "requires_payment_method", "payment_method": None, "next_action": None}
        found = call.store.put({**found, **over, "last_payment_error": problem.error})
        emit(call, "payment_intent.payment_failed", found)
    else:
        code += "amounts_mismatch" if "amounts" in call.params else "descriptor_code_mismatch"
        problem = ApiError("What you gave is not what the bank account received.", code=code, begun=True)
    raise problem
