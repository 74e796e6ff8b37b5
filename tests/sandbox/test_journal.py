"""The journal of calls: kept with the objects, bounded, masked."""

import httpx

from .conftest import BOOK, sandbox_at

CARD = {
    "payment_method_data[type]": "card",
    "payment_method_data[card][number]": "4242424242424242",
    "payment_method_data[card][cvc]": "987",
    "description": "my card is 4242424242424242",
}


async def calls(http):
    return (await http.get("/_sandbox/requests")).json()["data"]


async def test_the_journal_is_there_after_a_restart(tmp_path, client_for):
    async with sandbox_at(tmp_path / "sandbox.db") as first:
        intent = await client_for(first.url).v1.payment_intents.create_async(BOOK, {"idempotency_key": "k"})
    async with sandbox_at(tmp_path / "sandbox.db") as again, httpx.AsyncClient(base_url=again.url) as http:
        [call] = await calls(http)
    assert (call["idempotency_key"], call["status"], call["answer"]["id"]) == ("k", 200, intent.id)


async def test_only_the_last_calls_are_kept(tmp_path, client_for):
    async with sandbox_at(tmp_path / "s.db", calls_kept=3) as running:
        create = client_for(running.url).v1.payment_intents.create_async
        intents = [(await create(BOOK)).id for _ in range(5)]
        async with httpx.AsyncClient(base_url=running.url) as http:
            assert [call["answer"]["id"] for call in await calls(http)] == intents[:1:-1]
        touched = running.app.extensions["store"].db.execute("SELECT ref FROM touched WHERE kind = 'call'")
        assert {row["ref"] for row in touched} == {"3", "4", "5"}


async def test_what_was_asked_for_and_not_served_is_marked(http):
    await http.get("/v1/levies", params={"limit": 3})
    await http.post("/v1/payment_intents", data={"amount": 1, "currency": "usd", "colour": "red"})
    await http.get("/v1/payment_intents", headers={"Stripe-Version": "1999-01-01"})
    await http.get("/v1/payment_intents/pi_unknown")
    missing, version, parameter, route = await calls(http)
    assert missing["unserved"] is None
    assert [call["unserved"].split(":")[0] for call in (version, parameter, route)] == [
        "Invalid Stripe API version",
        "Received unknown parameter",
        "Unrecognized request URL (GET",
    ]
    assert route["params"] == {"limit": "3"}


async def test_secrets_and_card_numbers_are_masked_in_parameters_and_answers(http):
    intent = (await http.post("/v1/payment_intents", data={"amount": 500, "currency": "usd"})).json()
    back = {"return_url": "https://example.com/", "payment_method": "pm_card_threeDSecure2Required"}
    await http.post(f"/v1/payment_intents/{intent['id']}/confirm", data=back)
    await http.post("/v1/payment_intents", data={"amount": 500, "currency": "usd", **CARD})
    endpoint = {"url": "http://127.0.0.1:9/", "enabled_events[]": "*"}
    secret = (await http.post("/v1/webhook_endpoints", data=endpoint)).json()["secret"]
    log = (await http.get("/_sandbox/requests")).text
    for hidden in (intent["client_secret"], "4242424242424242", "987", secret):
        assert hidden not in log
    assert "my card is \\u20264242" in log


async def test_a_list_is_remembered_by_its_ids(stripe_client, http):
    intent = await stripe_client.v1.payment_intents.create_async(BOOK)
    await stripe_client.v1.payment_intents.list_async()
    assert (await calls(http))[0]["answer"]["data"] == [intent.id]


async def test_a_call_whose_connection_was_dropped_has_no_status(http):
    await http.post("/_sandbox/fail_next", json={"drop": True})
    try:
        await http.get("/v1/payment_intents")
    except httpx.RemoteProtocolError:
        [call] = await calls(http)
        assert call["status"] is None
    else:
        raise AssertionError("the connection was not dropped")
