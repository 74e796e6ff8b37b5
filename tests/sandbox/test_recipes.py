"""Failures by name, as a shop meets them."""

import time

import pytest
import stripe
from playwright.async_api import expect

from shop.sandbox.testing import arm

from .conftest import BOOK, sandbox_at, until
from .test_webhooks import SECRET, receiver

webhook_receiver = receiver


async def pay(client):
    return await client.v1.payment_intents.create_async(BOOK)


async def count(client):
    return len((await client.v1.payment_intents.list_async()).data)


@pytest.mark.parametrize(
    ("trouble", "error", "code"),
    [
        ("dropped_before", stripe.APIConnectionError, None), ("error_500", stripe.APIError, None),
        ("rate_limit", stripe.RateLimitError, "rate_limit"), ("lock_timeout", stripe.RateLimitError, "lock_timeout"),
    ],
    indirect=["trouble"],
)  # fmt: skip
async def test_a_call_fails_once_without_effect_and_then_all_is_well(stripe_client, trouble, error, code):
    with pytest.raises(error) as failed:
        await pay(stripe_client)
    assert (failed.value.error and failed.value.error.code) == code
    assert await count(stripe_client) == 0
    await pay(stripe_client)
    assert await count(stripe_client) == 1


@pytest.mark.parametrize("trouble", ["dropped_after"], indirect=True)
async def test_an_answer_is_lost_after_the_effect(stripe_client, trouble):
    with pytest.raises(stripe.APIConnectionError):
        await pay(stripe_client)
    assert await count(stripe_client) == 1


@pytest.mark.parametrize(("recipe", "left"), [("timeout_before", 0), ("timeout_after", 1)])
async def test_a_call_times_out(sandbox, stripe_client, recipe, left):
    await arm(sandbox.url, recipe, delay=0.3)
    began = time.monotonic()
    with pytest.raises(stripe.APIConnectionError):
        await pay(stripe_client)
    assert time.monotonic() - began >= 0.3
    assert await count(stripe_client) == left


async def test_a_slow_call_is_answered_in_the_end(sandbox, stripe_client):
    await arm(sandbox.url, "slow", delay=0.3)
    began = time.monotonic()
    await pay(stripe_client)
    assert time.monotonic() - began >= 0.3


async def test_what_there_is_not_is_named(sandbox):
    with pytest.raises(ValueError, match="Recipes are timeout_before"):
        await arm(sandbox.url, "earthquake")
    with pytest.raises(ValueError, match="Fields are"):
        await arm(sandbox.url, "slow", magnitude=7)


@pytest.fixture
async def hooked(tmp_path, webhook_receiver, client_for):
    """`await hooked(recipe, **changes)`: two intents are made; the types of what the endpoint got, in order."""
    hook = (webhook_receiver.url, SECRET)
    async with sandbox_at(tmp_path / "sandbox.db", endpoints=(hook,)) as sandbox:
        client = client_for(sandbox.url)

        async def make(recipe, expected, **changes):
            await arm(sandbox.url, recipe, **changes)
            intent = await pay(client)
            await client.v1.payment_intents.cancel_async(intent.id)

            async def all_came():
                return len(webhook_receiver.got) >= expected

            await until(all_came)
            return webhook_receiver

        yield make


CREATED, CANCELED = "payment_intent.created", "payment_intent.canceled"


@pytest.mark.parametrize(
    ("recipe", "types"),
    [
        ("webhook_duplicated", [CREATED, CREATED, CANCELED]), ("webhook_dropped", [CANCELED]),
        ("webhook_reordered", [CANCELED, CREATED]), ("webhook_delayed", [CANCELED, CREATED]),
    ],
)  # fmt: skip
async def test_a_webhook_comes_otherwise_than_it_should(hooked, recipe, types):
    got = await hooked(
        recipe, len(types), event=CREATED, **({"delay": 0.3} if recipe == "webhook_delayed" else {})
    )
    assert sorted(event.type for event in got.events()) == sorted(types)
    if recipe in ("webhook_reordered", "webhook_delayed"):
        assert [event.type for event in got.events()] == types


async def test_a_wrong_signature_does_not_stand_and_the_retry_does(hooked, webhook_receiver):
    webhook_receiver.statuses += [400]
    got = (await hooked("webhook_wrongly_signed", 3, event=CREATED)).got
    good = 0
    for body, header in got:
        try:
            stripe.Webhook.construct_event(body, header, SECRET)
            good += 1
        except stripe.SignatureVerificationError:
            pass
    assert (good, len(got)) == (2, 3)


async def test_stripe_js_fails_to_load_once(sandbox, http):
    await arm(sandbox.url, "stripe_js_missing")
    answers = [(await http.get("/endive/stripe.js")).status_code for _ in range(2)]
    assert answers == [503, 200]


async def test_a_click_arms_a_failure_and_another_heals_it(sandbox, browser, stripe_client):
    page = await browser.new_page(java_script_enabled=False)
    await page.goto(f"{sandbox.url}/_sandbox/failures")
    await page.get_by_role("button", name="error 500").click()
    await expect(page.get_by_text("status=500")).to_be_visible()
    await page.get_by_role("button", name="Let all be well").click()
    await expect(page.get_by_text("all is well")).to_be_visible()
    await page.close()
    assert (await pay(stripe_client)).status == "requires_payment_method"
