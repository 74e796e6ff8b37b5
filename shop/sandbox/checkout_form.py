"""What a shopper types into the hosted Checkout page, read without help from scripts."""

import datetime
import re
from dataclasses import dataclass, field

from .api.payment_pages import EMAIL
from .cards import passes_luhn
from .errors import ApiError, Json

ADDRESS = {
    "AddressLine1": "line1",
    "AddressLine2": "line2",
    "Locality": "city",
    "AdministrativeArea": "state",
    "PostalCode": "postal_code",
    "Country": "country",
}
"""The page's names for the parts of an address, after "billing" or "shipping"; and the API's."""
FIELD_OF = {
    "number": "cardNumber", "exp_month": "cardExpiry", "exp_year": "cardExpiry", "cvc": "cardCvc",
    "email": "email", "promotion_code": "promotionCode",
}  # fmt: skip
"""Where on the page a parameter was typed."""


@dataclass
class Form:
    typed: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)
    """By field; "page" is about the payment as a whole."""

    def __getitem__(self, name: str) -> str:
        return self.typed.get(name, "").strip()

    def refuse(self, error: ApiError) -> None:
        """Show what the API said, beside the field that it is about."""
        name = FIELD_OF.get((error.error.get("param") or "").partition("[")[0].split("]")[0], "page")
        self.errors[name] = error.error["message"]


def check(form: Form, page: Json) -> None:
    """Write down what is missing or cannot be."""
    if page["email_editable"] and not EMAIL.fullmatch(form["email"]):
        form.errors["email"] = (
            "Enter your email address, like name@example.com." if form["email"] else "Required"
        )
    required = ["phoneNumber"] if page["phone_number_collection"]["enabled"] else []
    if page["shipping_address_collection"]:
        required += [
            f"shipping{part}" for part in ("Name", "AddressLine1", "Locality", "PostalCode", "Country")
        ]
    if needs_card(page) and not form["savedCard"]:
        _check_card(form)
        required += ["billingName", "billingCountry"]
        required += ["billingPostalCode"] if form["billingCountry"] in ("US", "CA", "GB") else []
        if page["billing_address_collection"] == "required":
            required += ["billingAddressLine1", "billingLocality"]
    form.errors |= {name: "Required" for name in required if not form[name]}


def needs_card(page: Json) -> bool:
    return bool(page["amount_total"]) or page["mode"] == "setup"


def _check_card(form: Form) -> None:
    digits = re.sub(r"\D", "", form["cardNumber"])
    if len(digits) < 14:
        form.errors["cardNumber"] = "Your card number is incomplete." if digits else "Required"
    elif not passes_luhn(digits):
        form.errors["cardNumber"] = "Your card number is invalid."
    expiry = _expiry(form)
    today = datetime.datetime.now(datetime.UTC)
    if expiry is None or not 1 <= expiry[0] <= 12:
        form.errors["cardExpiry"] = (
            "Your card's expiration date is incomplete." if form["cardExpiry"] else "Required"
        )
    elif expiry[::-1] < (today.year, today.month):
        form.errors["cardExpiry"] = "Your card's expiration date is in the past."
    if len(form["cardCvc"]) < (4 if digits.startswith(("34", "37")) else 3):
        form.errors["cardCvc"] = "Your card's security code is incomplete." if form["cardCvc"] else "Required"


def _expiry(form: Form) -> tuple[int, int] | None:
    match = re.fullmatch(r"(\d{1,2})\s*/?\s*(?:20)?(\d{2})", form["cardExpiry"])
    return (int(match[1]), 2000 + int(match[2])) if match else None


def said(form: Form, page: Json) -> Json:
    """What was typed, as parameters of payment_pages."""
    params: Json = {"email": form["email"]} if page["email_editable"] and form["email"] else {}
    if page["phone_number_collection"]["enabled"]:
        params["phone_number"] = form["phoneNumber"]
    for kind in ("billing", "shipping"):
        if form[f"{kind}Country"]:
            params[f"{kind}_address"] = {"name": form[f"{kind}Name"], "address": _address(form, kind)}
    return params


def method(form: Form, email: str | None) -> Json:
    """The card, as `payment_method_data`."""
    month, year = _expiry(form) or (0, 0)
    number = re.sub(r"\D", "", form["cardNumber"])
    address = {part: text for part, text in _address(form, "billing").items() if text}
    details = {"address": address, "email": email, "name": form["billingName"]}
    card = {"number": number, "exp_month": month, "exp_year": year, "cvc": form["cardCvc"]}
    kept = {"allow_redisplay": "always"} if form["saveCard"] else {}
    return {"type": "card", "card": card, "billing_details": details, **kept}


def _address(form: Form, kind: str) -> Json:
    return {part: form[f"{kind}{name}"] for name, part in ADDRESS.items()}


def former(page: Json) -> dict[str, str]:
    """What the session already knows, to begin a page with. Card details are never among it."""
    typed = {"email": page["email"] or "", "phoneNumber": page["phone_number"] or ""}
    for kind in ("billing", "shipping"):
        known = page[f"{kind}_address"] or {"name": None, "address": {}}
        typed[f"{kind}Name"] = known["name"] or ""
        typed |= {f"{kind}{name}": known["address"].get(part) or "" for name, part in ADDRESS.items()}
        typed[f"{kind}Country"] = typed[f"{kind}Country"] or "US"
    if page["saved_payment_methods"]:
        typed["savedCard"] = page["saved_payment_methods"][0]["id"]
    return typed
