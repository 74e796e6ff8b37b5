"""Webhooks, as an endpoint receives them."""

import asyncio
import dataclasses
import sys
import time

import pytest
import pytest_asyncio
import stripe
from quart import Quart, request

from tests.conftest import ROOT, bound_socket, serving

from .conftest import BOOK, sandbox_at, until

SECRET = "whsec_sandbox"


@dataclasses.dataclass
class Receiver:
    """Answers with the next of `statuses`, then 200, and keeps what it got: (body, signature header)."""

    url: str
    statuses: list[int]
    got: list[tuple[bytes, str]]

    def events(self, type=None):
        events = [stripe.Webhook.construct_event(body, header, SECRET) for body, header in self.got]
        return [event for event in events if type in (None, event.type)]


@pytest_asyncio.fixture
async def receiver():
    app, (sock, url) = Quart("receiver"), bound_socket()
    receiver = Receiver(f"{url}/hook", [], [])

    @app.post("/hook")
    async def hook():
        receiver.got.append((await request.get_data(), request.headers["Stripe-Signature"]))
        return "", receiver.statuses.pop(0) if receiver.statuses else 200

    async with serving(app, sock):
        yield receiver


@pytest_asyncio.fixture
async def sandbox(tmp_path, receiver):
    async with sandbox_at(tmp_path / "sandbox.db", endpoints=((receiver.url, SECRET),)) as running:
        yield running


async def test_a_payment_is_told_once_with_a_signature_that_stands(stripe_client, receiver):
    await pay(stripe_client)
    await until(lambda: told(receiver, "payment_intent.succeeded"))
    await until(lambda: told(receiver, "charge.updated"))
    types = [event.type for event in receiver.events()]
    assert types.count("payment_intent.succeeded") == 1
    body, header = receiver.got[0]
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body.replace(b"usd", b"eur"), header, SECRET)


async def test_an_old_timestamp_does_not_pass(receiver):
    from shop.sandbox.delivery import signature

    header = signature(SECRET, b"{}", int(time.time()) - 360)
    with pytest.raises(stripe.SignatureVerificationError, match="Timestamp"):
        stripe.Webhook.construct_event(b"{}", header, SECRET)


async def test_a_failing_endpoint_gets_the_same_event_again_signed_anew(stripe_client, receiver):
    receiver.statuses += [500, 500]
    intent = await stripe_client.v1.payment_intents.create_async(BOOK)
    await until(lambda: told(receiver, "payment_intent.created", 3))
    events = receiver.events()
    assert len({event.id for event in events}) == 1
    assert events[0].data.object.id == intent.id

    async def nothing_pending():
        return (await stripe_client.v1.events.retrieve_async(events[0].id)).pending_webhooks == 0

    await until(nothing_pending)


async def test_events_come_in_the_order_of_what_happened(stripe_client):
    await pay(stripe_client)
    events = await stripe_client.v1.events.list_async({"limit": 10})
    order = [event.type for event in reversed(events.data)]
    assert order[:3] == ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]


async def test_a_disabled_endpoint_hears_nothing_and_a_deleted_one_is_gone(stripe_client, receiver):
    endpoints = stripe_client.v1.webhook_endpoints
    [seeded] = (await endpoints.list_async()).data
    await endpoints.update_async(seeded.id, {"disabled": True})
    await stripe_client.v1.payment_intents.create_async(BOOK)
    await endpoints.delete_async(seeded.id)
    assert (await endpoints.list_async()).data == []
    await asyncio.sleep(0.2)
    assert receiver.got == []


async def test_an_endpoint_tells_its_secret_once_and_hears_only_what_it_asked_for(stripe_client, receiver):
    endpoints = stripe_client.v1.webhook_endpoints
    made = await endpoints.create_async({"url": receiver.url, "enabled_events": ["charge.succeeded"]})
    assert made.secret.startswith("whsec_")
    assert "secret" not in (await endpoints.retrieve_async(made.id)).to_dict()
    with pytest.raises(stripe.InvalidRequestError):
        await endpoints.create_async({"url": receiver.url, "enabled_events": ["book.sold"]})


async def test_what_was_pending_is_delivered_after_a_kill(tmp_path, receiver, client_for):
    receiver.statuses += [500]
    sock, url = bound_socket()
    sock.listen()  # whoever connects before the server is there waits for it
    arguments = [str(tmp_path / "killed.db"), url, receiver.url, str(sock.fileno())]
    with sock:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", PROGRAM, *arguments, pass_fds=[sock.fileno()], cwd=ROOT
        )
    try:
        intent = await created(client_for(url, max_network_retries=2), "once")
        await until(lambda: told(receiver, "payment_intent.created", 1))
    finally:
        process.kill()
        await process.wait()
    async with sandbox_at(tmp_path / "killed.db", endpoints=((receiver.url, SECRET),)) as again:
        await until(lambda: told(receiver, "payment_intent.created", 2))
        client = client_for(again.url)
        assert (await client.v1.payment_intents.retrieve_async(intent.id)).amount == 1999
        assert (await created(client, "once")).id == intent.id


PROGRAM = """
import asyncio, pathlib, socket, sys, uvicorn
from shop.sandbox import SandboxSettings, create_sandbox
database, url, hook, fd = sys.argv[1:]
settings = SandboxSettings(pathlib.Path(database), url, ((hook, "whsec_sandbox"),), retry_after=(1.0,))
server = uvicorn.Server(uvicorn.Config(create_sandbox(settings), log_level="warning"))
asyncio.run(server.serve(sockets=[socket.socket(fileno=int(fd))]))
"""


async def created(client, key):
    return await client.v1.payment_intents.create_async(BOOK, {"idempotency_key": key})


async def pay(client):
    params = {**BOOK, "confirm": True, "payment_method": "pm_card_visa"}
    return await client.v1.payment_intents.create_async(params)


async def told(receiver, type, times=1):
    return len(receiver.events(type)) >= times
