"""The sandbox's clock: moved, stopped, and what goes by it."""

import time

import httpx
import pytest
import stripe

from .conftest import BOOK, sandbox_at, until
from .test_webhooks import receiver

webhook_receiver = receiver
DAY = 86400


async def move(http, **fields):
    answer = await http.post("/_sandbox/clock", json=fields)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def created(client, **options):
    return await client.v1.payment_intents.create_async(BOOK, options)


async def test_a_stopped_clock_stands_and_runs_on_from_there(stripe_client, http):
    await move(http, freeze=True, set=2_000_000_000)
    first = await created(stripe_client)
    assert (await http.get("/_sandbox/clock")).json() == {"now": 2_000_000_000, "frozen": True}
    after = await move(http, run=True, advance=60)
    assert first.created == 2_000_000_000
    assert after["frozen"] is False
    assert 0 <= after["now"] - 2_000_000_060 < 20


async def test_an_idempotency_key_is_forgotten_after_a_day(stripe_client, http):
    first = await created(stripe_client, idempotency_key="k")
    await move(http, advance=DAY - 60)
    assert (await created(stripe_client, idempotency_key="k")).id == first.id
    await move(http, advance=120)
    assert (await created(stripe_client, idempotency_key="k")).id != first.id


async def test_a_card_that_is_good_now_has_expired_by_then(stripe_client, http):
    await move(http, advance=20 * 365 * DAY)
    card = {"number": "4242424242424242", "exp_month": 12, "exp_year": time.gmtime().tm_year + 5}
    with pytest.raises(stripe.CardError) as expired:
        await stripe_client.v1.payment_methods.create_async({"type": "card", "card": card})
    assert expired.value.code == "invalid_expiry_year"


async def test_a_retry_that_is_hours_away_comes_when_the_clock_gets_there(
    tmp_path, webhook_receiver, client_for
):
    hook = (webhook_receiver.url, "whsec_sandbox")
    webhook_receiver.statuses += [500]
    async with (
        sandbox_at(tmp_path / "sandbox.db", endpoints=(hook,), retry_after=(3600.0,)) as sandbox,
        httpx.AsyncClient(base_url=sandbox.url) as http,
    ):
        await created(client_for(sandbox.url))

        async def tried(times):
            [delivery] = (await http.get("/_sandbox/deliveries")).json()["data"]
            return delivery["attempts"] == times

        await until(lambda: tried(1))
        await move(http, advance=3601)
        await until(lambda: tried(2))
    # The signature goes by the real time, or the receiver would refuse it.
    assert len({event.id for event in webhook_receiver.events()}) == 1


async def test_a_restart_does_not_turn_the_clock_back(tmp_path):
    for _ in range(2):
        async with (
            sandbox_at(tmp_path / "sandbox.db") as sandbox,
            httpx.AsyncClient(base_url=sandbox.url) as http,
        ):
            moved = await move(http, advance=DAY)
    assert moved["now"] - time.time() > 1.9 * DAY


@pytest.mark.parametrize("fields", [{}, {"back": 5}, {"advance": "soon"}, {"set": 1e300}])
async def test_what_it_does_not_understand_moves_nothing(http, fields):
    before = (await http.get("/_sandbox/clock")).json()["now"]
    assert (await http.post("/_sandbox/clock", json=fields)).status_code == 400
    assert (await http.get("/_sandbox/clock")).json()["now"] - before < 20
