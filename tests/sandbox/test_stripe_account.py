"""The comparison with a Stripe account, with a second sandbox in the account's place."""

import json

import pytest

from shop.sandbox.transport import SandboxTransport
from tests.stripe_account.__main__ import compare, main
from tests.stripe_account.scenarios import SCENARIOS, makes_mistakes, pays

from .conftest import sandbox_at

QUIET = 0.25
NEVER = 3600.0
"""Seconds until something settles: two sandboxes do so at the same moment only by chance."""


async def test_two_sandboxes_do_not_differ(tmp_path, capsys):
    async with sandbox_at(tmp_path / "other.db", settle_after=NEVER) as other:
        same = compare(lambda: SandboxTransport(other.app), "sk_test_sandbox", SCENARIOS, QUIET, NEVER)
        assert await same == 0
    told = capsys.readouterr().out
    assert told.count("same") == len(SCENARIOS)
    assert "same    a payment pays (4 calls, 3 events)" in told


class Other(SandboxTransport):
    """Stripe as it might be some day: other words, other fields, another event."""

    async def request_async(self, method, url, headers, post_data=None):
        content, status, told = await super().request_async(method, url, headers, post_data)
        body = json.loads(content)
        if body.get("object") == "payment_intent" and body["status"] == "succeeded":
            body |= {"status": "fulfilled", "mood": {"today": "good"}, "amount_received": "2500"}
            body.pop("shipping", None)
        for event in body.get("data", []) if body.get("url") == "/v1/events" else ():
            event["type"] = event["type"].replace("charge.succeeded", "charge.sealed")
        return json.dumps(body).encode(), 418 if status == 404 else status, told


async def test_what_differs_is_named(tmp_path, capsys):
    async with sandbox_at(tmp_path / "other.db") as other:
        assert await compare(lambda: Other(other.app), "sk_test_sandbox", (pays, makes_mistakes), QUIET) > 0
    differing = capsys.readouterr().out
    confirm = "POST /v1/payment_intents/{pi}/confirm 200: "
    assert f"{confirm}status is fulfilled from Stripe, succeeded from the sandbox\n" in differing
    assert f"{confirm}mood is missing from the sandbox (Stripe: a hash)\n" in differing
    assert f"{confirm}shipping is only in the sandbox (null)\n" in differing
    assert f"{confirm}amount_received is text from Stripe, 2500 from the sandbox\n" in differing
    assert "event charge.sealed: 1 from Stripe, 0 from the sandbox\n" in differing
    assert "Stripe answers 418, the sandbox 404 to GET /v1/payment_intents/{pi}" in differing


@pytest.mark.parametrize("key", ["", "sk_live_1", "rk_live_1", "sk_test_sandbox", "pk_test_1", "nonsense"])
def test_without_a_test_key_it_says_that_it_did_not_run(key, capsys):
    assert main({"STRIPE_SECRET_KEY": key}) == 2
    assert capsys.readouterr().err.startswith("NOT RUN: STRIPE_SECRET_KEY is ")
