"""What a shopper's browser is told of a Checkout Session; payment_pages.py says how that looks."""

from collections.abc import Callable

from ..access import client_view
from ..adaptive_pricing import converted, local_currency, rate
from ..call import Call
from ..errors import Json
from . import checkout_saved
from .checkout_discounts import seen

PASSED_ON = """
allow_promotion_codes automatic_tax billing_address_collection cancel_url expires_at id livemode mode
payment_method_types payment_status phone_number_collection redirect_on_completion shipping_address_collection
status ui_mode
"""
"""Fields that the page has as the session has them."""


def page_of(call: Call, session: Json) -> Json:
    """The page, as the module says."""
    typed = session.get("_typed", {})
    intent = call.store.named(session["payment_intent"] or "")
    setup = call.store.named(session["setup_intent"] or "")
    page = {name: session[name] for name in PASSED_ON.split()}
    page |= {f"{name}_address": typed.get(f"{name}_address") for name in ("billing", "shipping")}
    page |= {name: _filled_in(session, session[name]) for name in ("success_url", "return_url")}
    return page | {
        "object": "payment_page",
        "display_name": session["branding_settings"]["display_name"],
        "email": session["_email"],
        "email_editable": not fixed_email(call, session),
        "payment_intent": client_view(intent),
        "payment_method_save": checkout_saved.offers_saving(session),
        "phone_number": typed.get("phone"),
        "saved_payment_methods": checkout_saved.shown_again(call, session),
        "setup_intent": client_view(setup),
        "last_payment_error": client_view((intent or {}).get("last_payment_error")),
        **_money(session),
    }


def fixed_email(call: Call, session: Json) -> str | None:
    """That the shop has set, by itself or by the customer whose it is."""
    customer = call.store.get(session["customer"] or "", "customer")
    email: str | None = session["customer_email"] or (customer or {}).get("email")
    return email


def _filled_in(session: Json, address: str | None) -> str | None:
    return address and address.replace("{CHECKOUT_SESSION_ID}", session["id"])


def _money(session: Json) -> Json:
    """The amounts, in the currency that the shopper has chosen."""
    own = session["currency"]
    currency = session.get("_currency") or own
    details = session["total_details"] or {}

    def shown(amount: int) -> int:
        return converted(amount, own, currency)

    return {
        "currency": currency,
        "currency_options": _currency_options(session),
        "amount_subtotal": shown(session["amount_subtotal"] or 0),
        "amount_total": shown(session["amount_total"] or 0),
        "total_details": {name: shown(amount) for name, amount in details.items() if name[0] != "_"},
        "line_items": [_line(item, shown) for item in session["_line_items"]],
        "discounts": seen(session, shown(details.get("amount_discount", 0))),
        "shipping_options": [_shipping(option["_rate"], shown) for option in session["shipping_options"]],
        "shipping_rate": (session["shipping_cost"] or {}).get("shipping_rate"),
    }


def _currency_options(session: Json) -> list[Json] | None:
    own, local, total = session["currency"], local_currency(session), session["amount_total"]
    if local is None:
        return None
    return [
        {
            "currency": currency,
            "amount_total": converted(total, own, currency),
            "fx_rate": f"{rate(own, currency).normalize():f}",
            "source_currency": own,
        }
        for currency in (own, local)
    ]


def _line(item: Json, shown: Callable[[int], int]) -> Json:
    amounts = ("amount_subtotal", "amount_discount", "amount_tax", "amount_total")
    return {
        "id": item["id"],
        "name": item["description"],
        "description": item["_product"]["description"],
        "quantity": item["quantity"],
        "unit_amount": shown(item["amount_subtotal"] // item["quantity"]),
        "adjustable_quantity": item["adjustable_quantity"],
        **{name: shown(item[name]) for name in amounts},
    }


def _shipping(rate: Json, shown: Callable[[int], int]) -> Json:
    named = {name: rate[name] for name in ("id", "display_name", "delivery_estimate")}
    return {**named, "amount": shown(rate["fixed_amount"]["amount"])}
