"""Fixtures that every test may use: a server on a free port and a real browser."""

import asyncio
import contextlib
import gc
import os
import shutil
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import httpx
import hypothesis
import pytest
import pytest_asyncio
import stripe
import structlog
import uvicorn
import uvloop
from playwright.async_api import Browser, Page, async_playwright, expect
from quart import Quart

import tests.once  # noqa: F401
from shop.db import Database
from shop.factory import create_app
from shop.sandbox import SandboxSettings, create_sandbox
from shop.server import config
from shop.settings import Settings
from tests.browsing import axe_finds_nothing
from tests.shopper import Shopper

pytest_plugins = ["tests.databases"]

expect.set_options(timeout=15_000)  # machines that run tests are busy
hypothesis.settings.register_profile("busy", deadline=None)
hypothesis.settings.load_profile("busy")


def log_apart() -> None:
    """Not among what commands say: the shop that they run beside is in the same process."""
    structlog.reset_defaults()
    structlog.configure(logger_factory=structlog.WriteLoggerFactory(sys.__stderr__))


log_apart()

STAFF_PASSWORD = "open sesame, books"
# Of it, as cheap as argon2 is to be had.
STAFF_PASSWORD_HASH = (
    "$argon2id$v=19$m=8,t=1,p=1$cw7/4wF3pZICREludeBziA$MMP0M7nReXcLkxa+Xp+gValEYdnJGIWPwGzgdEABA3g"
)
ROOT = Path(__file__).resolve().parent.parent
MEMORY = Path("/dev/shm")  # Linux: files there need not wait for a disk at each commit
if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > 2 * 1024**3:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
BROWSER_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_finish() -> None:
    """What was imported stays: looking through it again and again would take a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_xdist_auto_num_workers() -> int:
    """For `-n auto`: one more than there are cores, since tests wait for timers, processes and browsers."""
    return (os.cpu_count() or 1) + 1


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop that the shop runs on; it is quicker too. A test that is no coroutine must not use a fixture that is
    one: it would end the loop, and with it all that lasts for a session."""
    return {"uvloop": uvloop.new_event_loop}


class Server(uvicorn.Server):
    """A uvicorn server inside the test's own event loop; signals stay with pytest."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def serving(
    app: Any, sock: socket.socket, lifespan: Literal["on", "off"] = "on"
) -> AsyncIterator[None]:
    """Serve an ASGI app on a bound socket until the block ends."""
    patience = {"timeout_keep_alive": 60, "timeout_graceful_shutdown": 2}  # tests pause where shoppers do not
    server = Server(config(app, lifespan=lifespan, **patience))
    task = asyncio.create_task(server.serve(sockets=[sock]))
    while not server.started:
        if task.done():
            await task
            raise RuntimeError("the server ended before it started")
        await asyncio.sleep(0.005)
    try:
        yield
    finally:
        server.should_exit = True
        await task


def bound_socket() -> tuple[socket.socket, str]:
    """A socket on a free loopback port, and the http address it answers to."""
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    return sock, f"http://127.0.0.1:{sock.getsockname()[1]}"


class Serve(Protocol):
    async def __call__(self, app: Any, sock: socket.socket | None = None) -> str: ...


@pytest_asyncio.fixture
async def serve() -> AsyncIterator[Serve]:
    """Serve an app for the length of a test: `base_url = await serve(app)`."""
    async with contextlib.AsyncExitStack() as stack:

        async def start(app: Any, sock: socket.socket | None = None) -> str:
            sock, url = (sock, f"http://127.0.0.1:{sock.getsockname()[1]}") if sock else bound_socket()
            await stack.enter_async_context(serving(app, sock))
            return url

        yield start


def browser_path() -> str:
    kept = ROOT / ".venv/browser.ok"
    found = os.environ.get("SHOP_BROWSER") or (kept.read_text().strip() if kept.exists() else "")
    assert found, "no browser: `make .venv/browser.ok` finds or installs one, or name one in SHOP_BROWSER"
    return found


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=browser_path(), args=BROWSER_FLAGS)
        yield chromium
        await chromium.close()


NewShopper = Callable[[], Shopper]


@dataclass(frozen=True)
class ShopUnderTest:
    """A shop and its sandbox, each on a port of its own, as they run for a developer."""

    url: str
    sandbox: str
    settings: Settings
    app: Any

    @property
    def db(self) -> Database:
        return self.app.extensions["db"]  # type: ignore[no-any-return]


class Stage:
    """A server that outlives the tests, for the app of the test that is on: starting one takes long."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.app: Any = None
        self.running = 0
        self.idle = asyncio.Event()
        self.idle.set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self.app is None:  # a webhook that comes after its test
            await send({"type": "http.response.start", "status": 503, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        self.running += 1
        self.idle.clear()
        try:
            await self.app(scope, receive, send)
        finally:
            self.running -= 1
            if not self.running:
                self.idle.set()

    @contextlib.asynccontextmanager
    async def play(self, app: Quart) -> AsyncIterator[None]:
        """Let the app answer; at the end, as a server does, what is under way is finished first."""
        async with app.test_app():
            self.app = app
            yield
            self.app = None
            await self.idle.wait()


@pytest_asyncio.fixture(scope="session")
async def stage() -> AsyncIterator[Stage]:
    sock, url = bound_socket()
    stage = Stage(url)
    async with serving(stage, sock, lifespan="off"):
        yield stage


@pytest_asyncio.fixture(scope="session")
async def shops_sandbox(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The address of a sandbox that tells the shop on the stage what happens."""
    sock, url = bound_socket()
    webhook = (f"{stage.url}/webhooks/stripe", "whsec_sandbox")
    database = tmp_path_factory.mktemp("sandbox") / "sandbox.db"
    async with serving(create_sandbox(SandboxSettings(database, url, (webhook,))), sock):
        yield url


@pytest_asyncio.fixture
async def shop(
    tmp_path: Path, database_url: str, stage: Stage, shops_sandbox: str
) -> AsyncIterator[ShopUnderTest]:
    settings = Settings(
        secret_key="signs the cookies of the tests",
        database_url=database_url,
        instance=tmp_path,
        jobs=False,  # tests call them by name
        stripe_api_base=shops_sandbox,
        stripe_js_url=f"{shops_sandbox}/endive/stripe.js",
        sandbox_url=shops_sandbox,
        staff_password_hash=STAFF_PASSWORD_HASH,
    )
    app = create_app(settings)
    async with stage.play(app), httpx.AsyncClient(verify=False) as control:
        (await control.post(f"{shops_sandbox}/_sandbox/reset")).raise_for_status()
        yield ShopUnderTest(stage.url, shops_sandbox, settings, app)


@pytest_asyncio.fixture
async def page(browser: Browser, shop: ShopUnderTest) -> AsyncIterator[Page]:
    """A page of a fresh visitor; the test fails if the console shows an error that it did not expect, or if axe finds a
    fault on the page as the test leaves it."""
    context = await browser.new_context(base_url=shop.url, reduced_motion="reduce")
    page = await context.new_page()
    page.set_default_timeout(30_000)
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    if page.url.startswith(shop.url) and not page.is_closed():
        await axe_finds_nothing(page)
    await context.close()
    # A refusal with its page or fragment is no fault, but Chromium writes it to the console all the same.
    assert not [c for c in complaints if "Failed to load resource" not in c]


@pytest_asyncio.fixture
async def stripe_client(shop: ShopUnderTest) -> AsyncIterator[stripe.StripeClient]:
    """The merchant's own hand on the sandbox, as the real SDK gives it."""
    http = stripe.HTTPXClient(
        timeout=10, verify_ssl_certs=False
    )  # plain http: reading certificates takes long
    yield stripe.StripeClient("sk_test_sandbox", http_client=http, base_addresses={"api": shop.sandbox})
    await http.close_async()


@pytest_asyncio.fixture
async def new_shopper(shop: ShopUnderTest, stripe_client: stripe.StripeClient) -> AsyncIterator[NewShopper]:
    """Makes shoppers, each with cookies of their own."""
    async with contextlib.AsyncExitStack() as stack:
        clients: list[httpx.AsyncClient] = []

        def make() -> Shopper:
            clients.append(httpx.AsyncClient(base_url=shop.url, timeout=20, verify=False))
            return Shopper(clients[-1], stripe_client)

        yield make
        for client in clients:
            stack.push_async_callback(client.aclose)


@pytest.fixture
def shopper(new_shopper: NewShopper) -> Shopper:
    return new_shopper()


@pytest_asyncio.fixture
async def staff(shop: ShopUnderTest) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who is signed in at the back office."""
    async with httpx.AsyncClient(base_url=shop.url, timeout=20, verify=False) as http:
        assert (await http.post("/staff/sign-in", data={"password": STAFF_PASSWORD})).status_code == 303
        yield http
