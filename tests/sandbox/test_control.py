"""The control plane: failures on demand, what was called, what was sent."""

import asyncio
import socket
import time

import pytest
import stripe

from .conftest import BOOK, sandbox_at, until

CREATE = {"amount": "1999", "currency": "usd"}


async def fail(http, **fault):
    answer = await http.post("/_sandbox/fail_next", json=fault)
    assert answer.status_code == 200, answer.text


async def count(client):
    return len((await client.v1.payment_intents.list_async()).data)


async def test_retries_ride_out_two_failures_and_make_one_intent(sandbox, client_for, http):
    await fail(http, status=500, times=2)
    client = client_for(sandbox.url, max_network_retries=2)
    await client.v1.payment_intents.create_async(BOOK)
    assert await count(client) == 1


async def test_a_client_without_retries_sees_the_failure(stripe_client, http):
    await fail(http, status=503, code="out_of_order", method="POST", path="/v1/payment_intents")
    assert await count(stripe_client) == 0
    with pytest.raises(stripe.APIError) as failed:
        await stripe_client.v1.payment_intents.create_async(BOOK)
    assert (failed.value.http_status, failed.value.error.code) == (503, "out_of_order")


async def test_an_answer_that_is_lost_after_the_effect_is_told_to_the_retry(sandbox, client_for, http):
    await fail(http, drop=True, after_effect=True)
    client = client_for(sandbox.url, max_network_retries=1)
    intent = await client.v1.payment_intents.create_async(BOOK)
    assert intent.status == "requires_payment_method"
    assert await count(client) == 1


async def test_a_dropped_connection_without_a_retry_is_a_connection_error(stripe_client, http):
    await fail(http, drop="true")
    with pytest.raises(stripe.APIConnectionError):
        await stripe_client.v1.payment_intents.create_async(BOOK)
    assert await count(stripe_client) == 0


async def test_a_failure_after_the_effect_stays_the_answer_to_its_key(http, stripe_client):
    await fail(http, status=500, after_effect=True)
    key = {"Idempotency-Key": "k"}
    first = await http.post("/v1/payment_intents", data=CREATE, headers=key)
    again = await http.post("/v1/payment_intents", data=CREATE, headers=key)
    assert (first.status_code, again.status_code) == (500, 500)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert await count(stripe_client) == 1


async def test_a_key_in_use_is_a_409(http):
    await fail(http, delay=0.3)
    key = {"Idempotency-Key": "k"}
    create = [http.post("/v1/payment_intents", data=CREATE, headers=key) for _ in range(2)]
    answers = sorted(await asyncio.gather(*create), key=lambda answer: answer.status_code)
    assert [answer.status_code for answer in answers] == [200, 409]
    assert answers[1].json()["error"]["code"] == "idempotency_key_in_use"


async def test_calls_are_listed_with_their_secrets_masked(stripe_client, http):
    intent = await stripe_client.v1.payment_intents.create_async(BOOK)
    card = {"payment_method_data[type]": "card", "payment_method_data[card][number]": "4242424242424242"}
    fields = {**card, "client_secret": intent.client_secret, "key": "pk_test_sandbox"}
    await http.post(f"/v1/payment_intents/{intent.id}/confirm", data=fields, auth=None)
    log = await http.get("/_sandbox/requests")
    [confirm, create] = log.json()["data"]
    assert (create["method"], create["path"], create["status"]) == ("POST", "/v1/payment_intents", 200)
    assert confirm["key"] == "publishable"
    assert 0 < confirm["milliseconds"] < 5000
    assert intent.client_secret not in log.text
    assert "4242424242424242" not in log.text


@pytest.mark.parametrize(
    ("alias", "status"),
    [("success", "succeeded"), ("processing", "succeeded"), ("noAccount", "requires_payment_method")],
)
async def test_a_bank_debit_is_processing_until_it_settles(stripe_client, http, alias, status):
    params = {**BOOK, "confirm": True, "payment_method": f"pm_usBankAccount_{alias}"}
    intent = await stripe_client.v1.payment_intents.create_async(params)
    assert intent.status == "processing"
    await http.post("/_sandbox/settle")
    settled = await stripe_client.v1.payment_intents.retrieve_async(intent.id)
    assert settled.status == status


async def test_a_bank_debit_that_nobody_settles_stays_processing(stripe_client):
    params = {**BOOK, "confirm": True, "payment_method": "pm_usBankAccount_processing"}
    intent = await stripe_client.v1.payment_intents.create_async(params)
    await asyncio.sleep(0.15)
    assert (await stripe_client.v1.payment_intents.retrieve_async(intent.id)).status == "processing"


async def test_reset_forgets_everything(stripe_client, http):
    await stripe_client.v1.payment_intents.create_async(BOOK, {"idempotency_key": "k"})
    await http.post("/_sandbox/reset")
    assert await count(stripe_client) == 0
    await stripe_client.v1.payment_intents.create_async({**BOOK, "amount": 500}, {"idempotency_key": "k"})


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.example"}])
async def test_other_sites_give_no_orders(stripe_client, http, headers):
    await stripe_client.v1.payment_intents.create_async(BOOK)
    assert (await http.post("/_sandbox/reset", headers=headers)).status_code == 403
    assert await count(stripe_client) == 1


async def test_a_fault_that_makes_no_sense_is_refused(http):
    for wrong in ({"colour": "red"}, {"status": 200}, {"times": "many"}):
        assert (await http.post("/_sandbox/fail_next", json=wrong)).status_code == 400


async def test_an_event_is_sent_again_on_demand(stripe_client, http, sandbox):
    endpoint = {"url": f"{sandbox.url}/nowhere", "enabled_events": ["*"]}
    await stripe_client.v1.webhook_endpoints.create_async(endpoint)
    await stripe_client.v1.payment_intents.create_async(BOOK)

    async def given_up():
        [delivery] = (await http.get("/_sandbox/deliveries")).json()["data"]
        return delivery["state"] == "failed" and (delivery["attempts"], delivery["status"]) == (4, 404)

    await until(given_up)
    event = (await stripe_client.v1.events.list_async()).data[0]
    assert (await http.post(f"/_sandbox/events/{event.id}/resend")).json() == {"resent": 1}
    assert (await http.post("/_sandbox/deliveries/1/resend")).json() == {"resent": 1}
    assert len((await http.get("/_sandbox/deliveries")).json()["data"]) == 2


async def test_the_server_stops_at_once_although_an_endpoint_hangs(tmp_path, client_for):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = (f"http://127.0.0.1:{silent.getsockname()[1]}/", "whsec_x")
        async with sandbox_at(tmp_path / "s.db", endpoints=(endpoint,)) as running:
            await client_for(running.url).v1.payment_intents.create_async(BOOK)
            started = time.monotonic()
        assert time.monotonic() - started < 2


async def test_the_pages_are_there_and_name_the_keys_and_cards(http):
    start, cards = await http.get("/"), await http.get("/_sandbox/cards")
    assert "sk_test_sandbox" in start.text
    assert "/v1/payment_intents/{intent}/confirm" in start.text
    for tool in ("stripe-python", "stripe-node", "a browser"):
        assert f"Point {tool} at it" in start.text
    assert "4000 0000 0000 9995" in cards.text
    assert (await http.get("/_sandbox/static/sandbox.css")).status_code == 200
