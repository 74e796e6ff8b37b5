"""What stripe.js and the scripts inside its frames are put together from.

There is no build step: each script is the concatenation of small files in one function scope.
"""

import functools
import hashlib
import json
from pathlib import Path

from .bank_accounts import BANK_ACCOUNTS, ROUTING_NUMBER
from .errors import Json
from .payment_method_types import AUTOMATIC, TYPES, Flow

FOLDER = Path(__file__).parent
TRAINS: dict[str, tuple[str | int, str | None]] = {
    "v3": (3, None),
    "acacia": ("acacia", "2024-09-30.acacia"),
    "basil": ("basil", "2025-03-31.basil"),
    "clover": ("clover", "2025-09-30.clover"),
    "dahlia": ("dahlia", "2026-03-25.dahlia"),
    "endive": ("endive", "2026-09-30.endive"),
}
"""Path of each release train: its `Stripe.version`, and the API version it asks for (None: the account's)."""
SHARED = ("js/origin.js", "js/errors.js", "js/api.js", "js/intents.js")
STRIPE_JS = (
    *SHARED,
    "js/trains.js",
    "js/emitter.js",
    "js/frame.js",
    "js/element.js",
    "js/method_types.js",
    "elements/methods.js",
    "js/payment_element.js",
    "js/link_authentication_element.js",
    "js/address_element.js",
    "js/classic_element.js",
    "js/bank_element.js",
    "js/payment_request.js",
    "js/checkout_session.js",
    "js/currency_selector_element.js",
    "js/express_checkout_element.js",
    "js/kinds.js",
    "js/elements.js",
    "js/modal.js",
    "js/three_d_secure.js",
    "js/bank_account.js",
    "js/next_action.js",
    "js/confirm.js",
    "js/payment_methods.js",
    "js/confirm_methods.js",
    "js/checkout.js",
    "js/checkout_actions.js",
    "js/stripe.js",
)
FIELDS = (
    *SHARED,
    "elements/channel.js",
    "elements/reports.js",
    "elements/brands.js",
    "elements/mask.js",
    "elements/checks.js",
    "elements/field.js",
)
CLASSIC = (*FIELDS, "elements/rules.js", "elements/classic_form.js")
FRAMES = {
    "elements-inner-card": (*CLASSIC, "elements/card_element.js"),
    "elements-inner-iban": (*CLASSIC, "elements/iban_checks.js", "elements/iban.js"),
    "elements-inner-au-bank-account": (*CLASSIC, "elements/au_bank_account.js"),
    "elements-inner-bank-button": (*FIELDS, "elements/bank_button.js"),
    "elements-inner-bank-list": (*FIELDS, "elements/bank_list.js"),
    "elements-inner-link-authentication": (
        *FIELDS,
        "elements/rules.js",
        "elements/appearance.js",
        "elements/link_authentication.js",
    ),
    "elements-inner-address": (
        *FIELDS,
        "elements/countries.js",
        "elements/regions.js",
        "elements/rules.js",
        "elements/appearance.js",
        "elements/address_form.js",
        "elements/address.js",
    ),
    "elements-inner-payment": (
        *FIELDS,
        "elements/countries.js",
        "elements/rules.js",
        "elements/appearance.js",
        "elements/methods.js",
        "elements/accordion.js",
        "elements/tabs.js",
        "elements/layout.js",
        "elements/card_form.js",
        "elements/iban_checks.js",
        "elements/bank_checks.js",
        "elements/method_form.js",
        "elements/saved_cards.js",
        "elements/payment.js",
    ),
    "elements-inner-currency-selector": (
        *FIELDS,
        "elements/rules.js",
        "elements/appearance.js",
        "elements/currency_selector.js",
    ),
    "elements-inner-express-checkout": (*FIELDS, "elements/express_checkout.js"),
    "express-sheet": (*SHARED, "elements/channel.js", "elements/express_sheet.js"),
    "bank-authorization": (*SHARED, "elements/channel.js", "elements/bank_authorization.js"),
    "bank-account": ("js/origin.js", "elements/bank_account.js"),
    "three-ds-2-challenge": (*SHARED, "elements/channel.js", "elements/three_ds.js"),
}
"""The pages that go into frames of their own, and their scripts."""
CHALLENGE = ("js/origin.js", "elements/challenge.js")


def stripe_js(train: str) -> str:
    version, api_version = TRAINS[train]
    constants = {"TRAIN": version, "API_VERSION": api_version, "BUILD": _build(), "ACCOUNT": _account()}
    return _script(STRIPE_JS, constants)


def frame_script(name: str) -> str:
    known = {"TEST_BANK": _test_bank()} if name == "elements-inner-payment" else {}
    return _script(CHALLENGE if name == "challenge" else FRAMES[name], known)


def _account() -> Json:
    """Which types the account has, where an intent does not say: all it gets by itself, and the currencies of each."""
    active = {kind: known for kind, known in TYPES.items() if known.active}
    return {
        "automatic": AUTOMATIC,
        "currencies": {kind: known.currencies for kind, known in active.items()},
        "redirects": [kind for kind, known in active.items() if known.flow is Flow.REDIRECT],
    }


def _test_bank() -> Json:
    return {"routing": ROUTING_NUMBER, "accounts": [account.number for account in BANK_ACCOUNTS]}


def _script(files: tuple[str, ...], constants: Json) -> str:
    """The files, in order, as one script that leaves nothing behind but what it sets on `window`."""
    head = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in constants.items())
    return f'(() => {{\n"use strict";\n{head}{"".join(map(read, files))}}})();\n'


@functools.cache
def read(name: str) -> str:
    return (FOLDER / name).read_text()


@functools.cache
def _build() -> str:
    """Names what the frames are made of."""
    files = sorted(path for path in (FOLDER / "elements").iterdir() if path.is_file())
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]
