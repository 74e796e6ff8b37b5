"""What the sandbox remembers when its process is killed."""

import asyncio
import os
import signal

import httpx
import pytest

from tools.bench import servers

PAID = {
    "amount": "1999",
    "currency": "usd",
    "confirm": "true",
    "payment_method": "pm_card_visa",
    "automatic_payment_methods[enabled]": "true",
    "automatic_payment_methods[allow_redirects]": "never",
}
KEYS = [f"order-{number}" for number in range(90)]


def caller(url):
    ten = httpx.Limits(max_connections=10)  # the others wait, so that some come too late
    return httpx.AsyncClient(base_url=f"{url}/v1/", auth=("sk_test_sandbox", ""), timeout=30, limits=ten)


async def pay(http, key):
    answer = await http.post("payment_intents", data=PAID, headers={"Idempotency-Key": key})
    return answer.json()


@pytest.fixture
async def answered(tmp_path):
    """What was answered, by its key, until the process was killed in the midst of a burst of payments."""
    paid = {}
    with servers.sandbox(tmp_path / "sandbox.db") as running:
        async with caller(running.url) as http:

            async def note(key):
                paid[key] = await pay(http, key)
                if len(paid) == 30:
                    os.kill(running.pid, signal.SIGKILL)

            await asyncio.gather(*map(note, KEYS), return_exceptions=True)
    assert 30 <= len(paid) < len(KEYS)
    return paid


async def test_what_was_answered_is_there_after_a_kill_and_every_payment_made_once(answered, tmp_path):
    with servers.sandbox(tmp_path / "sandbox.db") as running:
        async with caller(running.url) as http:
            for key, intent in answered.items():
                assert (await http.get(f"payment_intents/{intent['id']}")).json() == intent
                assert await pay(http, key) == intent
            made = [await pay(http, key) for key in KEYS]
            intents = (await http.get("payment_intents", params={"limit": 100})).json()["data"]
            charges = (await http.get("charges", params={"limit": 100})).json()["data"]
    assert {intent["id"] for intent in intents} == {intent["id"] for intent in made}
    assert sorted(charge["payment_intent"] for charge in charges) == sorted(each["id"] for each in intents)
