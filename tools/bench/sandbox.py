"""The sandbox with many objects beside one with a thousand, and beside an app that answers with nothing."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import stripe

from shop.sandbox import SandboxSettings, create_sandbox
from shop.sandbox.transport import SandboxTransport

from . import servers
from .crowd import Crowd, fill
from .measure import Ratio, Timed, medians
from .servers import Process

MANY, FEW = 100_000, 1_000
ROUNDS = 30
BURST = 500
"""Requests between two looks at the memory."""
AT_ONCE = 8
INTENT: Any = {
    "amount": 1999,
    "currency": "usd",
    "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
}
PAID: Any = {**INTENT, "confirm": True, "payment_method": "pm_card_visa"}


async def sandbox(folder: Path) -> list[Ratio]:
    many, few = folder / "many.db", folder / "few.db"
    crowds = await fill(many, MANY), await fill(few, FEW)
    with servers.sandbox(many) as crowded, servers.sandbox(few) as quiet, servers.empty() as nothing:
        ratios = await _served(crowded, quiet, nothing, crowds)
        ratios.append(await _memory(crowded))
    return ratios + await _in_process(many, few, crowds)


async def _served(
    crowded: Process, quiet: Process, nothing: Process, crowds: tuple[Crowd, Crowd]
) -> list[Ratio]:
    http, bare = stripe.HTTPXClient(timeout=60), httpx.AsyncClient()
    of_many = _calls(_over(http, crowded.url), crowds[0])
    of_few = _calls(_over(http, quiet.url), crowds[1])
    ratios = []
    for name in of_many:
        calls = [of_many[name], of_few[name], lambda _: bare.get(nothing.url)]
        many, few, empty = await medians(calls, ROUNDS)
        ratios.append(Ratio(f"{name}, {MANY:,} objects / a thousand", many, few))
        if name in ("create", "retrieve"):
            ratios.append(Ratio(f"{name}, {MANY:,} objects / an empty answer", many, empty))
    await bare.aclose()
    await http.close_async()  # type: ignore[no-untyped-call]
    return ratios


def _over(http: stripe.HTTPClient, url: str) -> stripe.StripeClient:
    return stripe.StripeClient("sk_test_sandbox", http_client=http, base_addresses={"api": url})


def _calls(client: stripe.StripeClient, crowd: Crowd) -> dict[str, Timed]:
    intents, ids = client.v1.payment_intents, crowd.intents
    of_one: Any = {"customer": crowd.customer, "limit": 1}
    in_time: Any = {"created": {"lt": crowd.middle}, "limit": 1}
    by_order: Any = {"query": f'metadata["order"]:"{crowd.order}"'}
    return {
        "create": lambda _: intents.create_async(INTENT),
        "create and pay": lambda _: intents.create_async(PAID),
        "retrieve": lambda number: intents.retrieve_async(ids[number * 7919 % len(ids)]),
        "list the newest": lambda _: intents.list_async({"limit": 1}),
        "list a customer's": lambda _: intents.list_async(of_one),
        "list what was created before": lambda _: intents.list_async(in_time),
        "list the charges of one": lambda number: client.v1.charges.list_async(
            {"payment_intent": ids[number % len(ids)]}
        ),
        "search by metadata": lambda _: intents.search_async(by_order),
    }


async def _memory(crowded: Process) -> Ratio:
    """Of the process with many objects, after a burst of payments and before."""
    before = crowded.memory()
    http = stripe.HTTPXClient(timeout=60)
    intents = _over(http, crowded.url).v1.payment_intents
    for _ in range(BURST // AT_ONCE):
        await asyncio.gather(*(intents.create_async(PAID) for _ in range(AT_ONCE)))
    await http.close_async()  # type: ignore[no-untyped-call]
    return Ratio(f"memory after {BURST:,} payments / before", crowded.memory() / 1e6, before / 1e6, "MB")


async def _in_process(many: Path, few: Path, crowds: tuple[Crowd, Crowd]) -> list[Ratio]:
    """The SDK and the sandbox in one process, without a port."""
    apps = [create_sandbox(SandboxSettings(database, "http://127.0.0.1")) for database in (many, few)]
    transports = [SandboxTransport(app) for app in apps]
    clients = [stripe.StripeClient("sk_test_sandbox", http_client=each) for each in transports]
    of_many, of_few = (_calls(client, crowd) for client, crowd in zip(clients, crowds, strict=True))
    ratios = []
    for name in ("create", "retrieve"):
        in_many, in_few = await medians([of_many[name], of_few[name]], ROUNDS)
        ratios.append(Ratio(f"{name} in process, {MANY:,} / a thousand", in_many, in_few))
    for app, transport in zip(apps, transports, strict=True):
        await transport.close_async()
        app.extensions["store"].close()
    return ratios
