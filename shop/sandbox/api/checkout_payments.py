"""Paying a Checkout Session: the intent it makes, and how it ends with that."""

import dataclasses

from ..adaptive_pricing import presented
from ..addresses import billing_details
from ..call import Call
from ..errors import Json
from ..events import FOLLOWERS, emit
from ..payment_method_types import options_for
from . import customers, setup_intents
from .checkout_discounts import redeem
from .payment_intents import fresh


def with_customer(call: Call, session: Json, params: Json) -> Json:
    """The session with the customer that it is to make of whoever confirms it, as `params` and the page say."""
    if session["customer_creation"] != "always" or session.get("_customer"):
        return session
    person = (params.get("payment_method_data") or {}).get("billing_details") or {}
    typed = session.get("_typed", {})
    wanted = {name: person[name] for name in ("name", "phone", "address") if person.get(name)}
    wanted |= {"email": session["_email"] or person.get("email") or ""}
    if sent_to := typed.get("shipping_address"):
        wanted["shipping"] = {**sent_to, "phone": typed.get("phone")}
    return {**session, "_customer": customers.make(dataclasses.replace(call, params=wanted))["id"]}


def begin_intent(call: Call, session: Json) -> Json:
    """The session with a PaymentIntent of its amount, on the first attempt to pay."""
    given = {name: value for name, value in session["_payment_intent_data"].items() if value != ""}
    if customer := session["customer"] or session.get("_customer"):
        given["customer"] = customer
    intent = fresh(call, {**given, "amount": session["amount_total"]}, session["currency"])
    types = session["payment_method_types"]
    intent |= {
        "automatic_payment_methods": None,
        "payment_method_configuration_details": session["payment_method_configuration_details"],
        "payment_method_options": options_for(types, session["payment_method_options"]),
        "payment_method_types": types,
        "_session": session["id"],
    }
    emit(call, "payment_intent.created", call.store.put(intent))
    return {**session, "payment_intent": intent["id"]}


def begin_setup(call: Call, session: Json, given: Json) -> Json:
    """The session with a SetupIntent, which there is from the start. `given`: the session's setup_intent_data."""
    wanted = {**given, "customer": session["customer"]} if session["customer"] else given
    setup = setup_intents.make(dataclasses.replace(call, params=wanted))
    call.store.put({**setup, "_session": session["id"]})
    types = setup["payment_method_types"]
    return {**session, "setup_intent": setup["id"], "payment_method_types": types}


def follow_setup(call: Call, setup: Json) -> None:
    session = call.store.get(setup.get("_session", ""), "checkout.session")
    if session is not None and session["status"] == "open":
        complete(call, session, setup)


def follow(call: Call, intent: Json) -> None:
    """What became of its intent is news for the session."""
    session = call.store.get(intent.get("_session", ""), "checkout.session")
    if session is None:
        return
    paid = intent["status"] == "succeeded"
    if session["status"] == "open":
        complete(call, {**session, "payment_status": "paid" if paid else "unpaid"}, intent)
    elif paid and session["payment_status"] == "unpaid":
        session = call.store.put({**session, "payment_status": "paid"})
        if intent["capture_method"] != "manual":
            emit(call, "checkout.session.async_payment_succeeded", session)


def follow_failure(call: Call, intent: Json) -> None:
    """Of a payment that had been under way; a declined card leaves the session open."""
    session = call.store.get(intent.get("_session", ""), "checkout.session")
    if session is not None and session["status"] == "complete" and session["payment_status"] == "unpaid":
        emit(call, "checkout.session.async_payment_failed", session)


FOLLOWERS["payment_intent.succeeded"] = follow
FOLLOWERS["payment_intent.processing"] = follow
FOLLOWERS["payment_intent.amount_capturable_updated"] = follow
FOLLOWERS["payment_intent.payment_failed"] = follow_failure
FOLLOWERS["setup_intent.succeeded"] = follow_setup


def complete(call: Call, session: Json, intent: Json | None) -> Json:
    """The end of an open session; `intent` is what paid it, or set up, or None where nothing was due."""
    method = call.store.get((intent or {}).get("payment_method") or "", "payment_method")
    known = billing_details(method["billing_details"] if method else {})
    typed = session.get("_typed", {})
    former = session["customer_details"] or {}
    details = {
        "address": known["address"],
        "business_name": None,
        "email": former.get("email") or session.get("_email") or known["email"],
        "individual_name": None,
        "name": known["name"] or typed.get("name"),
        "phone": typed.get("phone") or known["phone"],
        "tax_exempt": "none",
        "tax_ids": [],
    }
    if sent_to := typed.get("shipping_address"):
        collected = {"shipping_details": sent_to, "individual_name": None, "business_name": None}
        session = {**session, "collected_information": collected}
    session = {**session, "customer": session["customer"] or session.get("_customer")}
    done = {"status": "complete", "url": None, "customer_details": details, "_email": details["email"]}
    session = call.store.put({**session, **done, **presented(session)})
    redeem(call, session)
    emit(call, "checkout.session.completed", session)
    return session
