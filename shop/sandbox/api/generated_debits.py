"""Methods that can be used once only, and leave a SEPA debit of the same bank account to be used later."""

from ..call import Call
from ..errors import Json
from ..ids import new_id
from ..store import now
from . import local_methods, mandates
from .payment_methods import fingerprint
from .saved_methods import keep

IBAN = "DE89370400440532013000"


def generate(call: Call, method: Json, customer: str) -> Json:
    """The fields that tell of the debit in the details of a charge or of an attempt to set up."""
    details, number = local_methods.details("sepa_debit", {"iban": IBAN}, "", fingerprint)
    kind: Json = {"type": "sepa_debit", "sepa_debit": details, "_number": number, "_verified": False}
    debit = {name: value for name, value in method.items() if name not in (method["type"], "_consumed")}
    debit = keep(call, {**debit, **kind, "id": new_id("pm_1"), "created": now()}, customer)
    mandate = mandates.accept(call, debit, None)
    return {"generated_sepa_debit": debit["id"], "generated_sepa_debit_mandate": mandate}


def after_payment(call: Call, charge: Json, method: Json, customer: str) -> Json:
    """The charge with the debit that its payment left."""
    kind, known = method["type"], charge["payment_method_details"]
    told = {**known[kind], **generate(call, method, customer)}
    return call.store.put({**charge, "payment_method_details": {**known, kind: told}})
