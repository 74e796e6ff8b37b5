"""What a purchase leaves in the log: never an address, a card's number, a client secret or a key."""

import asyncio
import contextlib
import json
import os
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
import stripe

from shop.logs import strike_out
from shop.settings import ROOT
from tests.shopper import DECLINED, VISA, Shopper, text
from tests.test_settings import free_port
from tests.test_webhooks import deliver, event

DREAM, EMAIL, CARD = "the-dream-machine", "ada.lovelace@example.com", "5555 5555 5555 4444"
QUIET = "import sys; from shop.cli import main; sys.exit(main(['run']))"
# Every library says all that it has to say, the web server's access log and Stripe's SDK among them.
LOUD = """
import logging, uvloop
from shop.logs import set_up_logs
from shop.server import run
from shop.settings import Settings
set_up_logs()
logging.getLogger().setLevel(logging.DEBUG)
uvloop.run(run(Settings.from_env()))
"""


@dataclass
class Running:
    """A shop that runs as a process of its own."""

    shopper: Shopper
    sandbox: str
    folder: Path
    log: Path

    def break_database(self, statement: str) -> None:
        with contextlib.closing(sqlite3.connect(self.folder / "shop.db", timeout=20)) as connection:
            connection.execute(statement)
            connection.commit()


@contextlib.asynccontextmanager
async def running(tmp_path: Path, program: str) -> AsyncIterator[Running]:
    port = free_port()
    log, sandbox = tmp_path / "log", f"http://127.0.0.1:{port + 1}"
    env = {k: v for k, v in os.environ.items() if not k.startswith(("STRIPE", "SHOP", "DATABASE"))}
    env |= {"INSTANCE_PATH": str(tmp_path), "PORT": str(port)}
    with log.open("wb") as file:
        command = [sys.executable, "-c", program]
        process = await asyncio.create_subprocess_exec(*command, env=env, cwd=ROOT, stdout=file, stderr=file)
    client = stripe.HTTPXClient(timeout=10, verify_ssl_certs=False)
    merchant = stripe.StripeClient("sk_test_sandbox", http_client=client, base_addresses={"api": sandbox})
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20, verify=False) as http:
            await until_it_answers(http)
            yield Running(Shopper(http, merchant), sandbox, tmp_path, log)
    finally:
        process.terminate()
        await process.wait()
        await client.close_async()


async def until_it_answers(http: httpx.AsyncClient) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            (await http.get("/")).raise_for_status()
        except httpx.TransportError:
            assert time.monotonic() < deadline, "the shop did not start"
            await asyncio.sleep(0.05)
        else:
            return


@dataclass
class Written:
    loud: bool
    said: str  # all that the process wrote
    secrets: set[str]  # what must not be in it
    headers: httpx.Headers  # of one of its answers


@pytest_asyncio.fixture(params=[QUIET, LOUD], ids=["as it runs", "at debug"], scope="module")
async def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Written:
    """The log of purchases, declines and everything that can break."""
    async with running(tmp_path_factory.mktemp("shop"), request.param) as shop:
        secrets = {"sk_test_sandbox", "whsec_sandbox", (shop.folder / "secret_key").read_text()}
        for visit in (
            buy,
            be_declined,
            follow_links,
            find_stripe_broken,
            send_bad_webhooks,
            find_the_shop_broken,
        ):
            secrets.add(await visit(shop))
            secrets.add(shop.shopper.http.cookies["colophon"])
        headers = (await shop.shopper.get("/help")).headers
    return Written(request.param is LOUD, shop.log.read_text(), secrets, headers)


async def buy(shop: Running) -> str:
    """Buy a book on our page and another on Stripe's; the first one's client secret."""
    await shop.shopper.check_out(DREAM)
    secret = await shop.shopper.client_secret()
    assert "your order is paid" in text(await shop.shopper.pay(VISA, EMAIL))
    await shop.shopper.check_out("flatland")
    await shop.shopper.post(f"{shop.shopper.order}/pay", htmx=True, email=EMAIL, total=1)
    await shop.shopper.pay_session(await shop.shopper.open_session())
    await shop.shopper.look()
    return secret


async def be_declined(shop: Running) -> str:
    """Be declined, type the card's number where it does not belong, and give up."""
    await shop.shopper.check_out("the-code-book")
    secret = await shop.shopper.client_secret()
    await shop.shopper.press(EMAIL)
    with contextlib.suppress(stripe.CardError):
        await shop.shopper.confirm(DECLINED)
    await shop.shopper.get(f"/?q={CARD}&email={EMAIL}")
    await shop.shopper.post(f"{shop.shopper.order}/pay", htmx=True, email=CARD, total=CARD)
    return secret


async def follow_links(shop: Running) -> str:
    """Those that letters bring open something: who reads the log must not be able to follow them."""
    token = "WzEyMywiYSJd.aBcDeF.x-y_z0123456789"
    for path in ("downloads", "sign-in"):
        await shop.shopper.post(f"/{path}/{token}")
        await shop.shopper.get(f"/{path}/{token}")
    return token


async def find_stripe_broken(shop: Running) -> str:
    secret = await shop.shopper.client_secret()
    for status in (401, 500):
        await shop.shopper.http.post(f"{shop.sandbox}/_sandbox/fail_next", data={"status": status})
        await shop.shopper.post(f"{shop.shopper.order}/pay", htmx=True, email=EMAIL, total=1799)
    return secret


async def send_bad_webhooks(shop: Running) -> str:
    metadata = {"order": "lost", "payment": "lost", "revision": "1"}
    lost = await shop.shopper.stripe.v1.payment_intents.create_async(
        {"amount": 100, "currency": "usd", "metadata": metadata, "receipt_email": EMAIL}
    )
    body = event("payment_intent.succeeded", {"id": lost.id, "receipt_email": EMAIL})
    assert (await deliver(shop.shopper, body)).status_code == 500
    assert (await deliver(shop.shopper, body, secret="whsec_of_somebody")).status_code == 400
    return str(lost.client_secret)


async def find_the_shop_broken(shop: Running) -> str:
    """A database that refuses an address and says so with the address, and one without a table."""
    secret = await shop.shopper.client_secret()
    shop.break_database(
        "CREATE TRIGGER refuses BEFORE UPDATE OF email ON orders BEGIN SELECT RAISE(ABORT, 'refused "
        + f"{EMAIL} {secret} {CARD}'); END"
    )
    assert (await shop.shopper.press(EMAIL)).status_code == 500
    shop.break_database("ALTER TABLE orders RENAME TO gone")
    assert (await shop.shopper.press(EMAIL, total=1)).status_code == 503
    return secret


async def test_neither_secrets_nor_addresses_nor_cards_are_in_the_log(written: Written) -> None:
    said = written.said.replace("%40", "@").replace("%20", " ").replace("+", " ")
    for hidden in {*written.secrets, EMAIL, CARD, CARD.replace(" ", "")}:
        assert hidden not in said, said[max(0, said.index(hidden) - 300) :][:600]


async def test_what_went_wrong_is_in_the_log(written: Written) -> None:
    lines = [line for line in written.said.splitlines() if line.startswith("{")]
    told = {json.loads(line)["event"] for line in lines}
    assert {"crash", "database.unavailable", "stripe.failed", "webhook.later"} <= told


async def test_a_crash_is_told_by_its_frames_and_without_their_variables(written: Written) -> None:
    [crash] = [json.loads(x) for x in written.said.splitlines() if '"event": "crash"' in x]
    [cause, *_] = crash["exception"]
    assert cause["exc_type"] == "IntegrityError"
    assert "refused […] " in json.dumps(crash, ensure_ascii=False)
    assert all("locals" not in frame for frame in cause["frames"])


async def test_the_server_does_not_tell_what_it_is(written: Written) -> None:
    assert not {"server", "x-powered-by"} & set(written.headers)


async def test_libraries_are_heard_at_debug_only(written: Written) -> None:
    for name in ("Request to Stripe api", '"POST /orders/', "method commit"):
        assert (name in written.said) == written.loud


@pytest.mark.parametrize(
    "line",
    [
        "Key (email)=(ada@example.com) already exists.",
        "email=ada%40example.com&total=1",
        "Érica+books@example.co.uk",
        "postgresql://shop:hunter2@db.example/shop",
        "Authorization: Bearer sk_live_abc",
        "pi_1_secret_abc",
        "card 4000-0000-0000-9995",
    ],
)
def test_whatever_a_library_says_is_struck_out(line: str) -> None:
    said = str(strike_out(None, "info", {"event": line, "cause": OSError(line), "inner": {"list": [line]}}))
    assert said.count("[…]") == 3
    assert not re.search(r"\bada|Érica|hunter2|sk_live|abc|9995", said)


@pytest.mark.parametrize(
    "line", ["pi_3Abc1234567890123456", "2026-10-28T12:13:14.123456Z", "amount=3500", "a @ b"]
)
def test_what_helps_to_find_a_fault_stays(line: str) -> None:
    assert strike_out(None, "info", {"event": line, "status": 500, "ok": True, "none": None}) == {
        "event": line,
        "status": 500,
        "ok": True,
        "none": None,
    }


def test_people_at_a_terminal_are_spared_the_same(tmp_path: Path) -> None:
    program = (
        "import sys, structlog; sys.stderr.isatty = lambda: True; from shop.logs import set_up_logs; set_up_logs()\n"
        "try: email = 'ada@example.com'; raise ValueError(email)\n"
        "except ValueError as error: structlog.get_logger().error('crash', cause=error, exc_info=error)"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT).stderr
    assert "ValueError: […]" in said
    assert "ada" not in said.replace("ada@example.com'; raise", "")
