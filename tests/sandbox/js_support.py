"""A shopper at the pay page of a tiny shop, which is on one origin and the sandbox on another."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
import pytest_asyncio
import stripe
from playwright.async_api import Browser, FrameLocator, Locator, Page

from tests.conftest import bound_socket, serving

from .conftest import ClientFor, sandbox_at
from .js_shop import tiny_shop

VISA, CHALLENGED = "4242424242424242", "4000002760003184"
NO_FUNDS, WRONG_CVC = "4000000000009995", "4000000000000127"


class Checkout:
    """The shop's pay page as a shopper sees it, and the secret key's view of the same payment."""

    def __init__(self, page: Page, shop: str, sandbox: str, client: stripe.StripeClient) -> None:
        self.page, self.shop, self.sandbox, self.stripe = page, shop, sandbox, client
        self.api_calls: list[str] = []
        page.on("request", lambda sent: self.api_calls.append(sent.url) if "/v1/" in sent.url else None)

    async def open(self, *, ready: bool = True, **options: Any) -> None:
        """Options: elements, payment (its own options), confirm; and what else the intent is created with."""
        created = {"amount": 1999, "currency": "usd", **options.pop("intent", {})}
        self.intent = await self.stripe.v1.payment_intents.create_async(created)
        options["elements"] = {"clientSecret": self.intent.client_secret, **options.get("elements", {})}
        if options["elements"]["clientSecret"] is None:
            del options["elements"]["clientSecret"]
        await self.page.goto(f"{self.shop}/pay?{urlencode({'options': json.dumps(options)})}")
        if ready:
            await self.page.locator("form.ready").wait_for()

    @property
    def frame(self) -> FrameLocator:
        return self.page.frame_locator('form iframe[title="Secure payment input frame"]')

    @property
    def bank(self) -> FrameLocator:
        overlay = self.page.frame_locator('iframe[name^="__privateStripeFrame"][src*="three-ds"]')
        return overlay.frame_locator("iframe#challengeFrame")

    def field(self, name: str) -> Locator:
        return self.frame.locator(f'[name="{name}"]')

    async def fill(
        self, number: str = VISA, expiry: str = "12/33", cvc: str = "123", zip_code: str = "94107"
    ) -> None:
        for name, value in {"number": number, "expiry": expiry, "cvc": cvc, "postalCode": zip_code}.items():
            await self.field(name).fill(value)

    async def press_pay(self) -> None:
        # By keyboard: a frame that grows as its field is left moves the button from under a mouse.
        await self.page.get_by_role("button", name="Pay now").press("Enter")

    async def pay(self, number: str = VISA, **fields: str) -> None:
        await self.fill(number, **fields)
        await self.press_pay()

    async def answer(self) -> Any:
        """What confirmPayment resolved with, or {thrown, message}."""
        output = self.page.locator("output:not(:empty)")
        return json.loads(await output.text_content() or "")

    async def clear_answer(self) -> None:
        await self.page.evaluate("document.querySelector('output').textContent = ''")

    async def events(self, name: str) -> list[Any]:
        found: list[Any] = await self.page.evaluate(
            "name => events.filter((event) => event.name === name)", name
        )
        return found

    async def event(self, name: str) -> Any:
        """The first event of this name; waits for it, as frames and pages do not run in step."""
        return await self.page.evaluate(
            """(name) => new Promise((resolve, reject) => {
              const end = Date.now() + 15000;
              (function look() {
                const found = events.find((event) => event.name === name);
                if (found) resolve(found);
                else if (Date.now() > end) reject(new Error(`not among ${JSON.stringify(events)}`));
                else setTimeout(look, 10);
              })();
            })""",
            name,
        )

    async def retrieve(self) -> stripe.PaymentIntent:
        return await self.stripe.v1.payment_intents.retrieve_async(self.intent.id)


@dataclass
class Origins:
    shop: str
    sandbox: str


@pytest_asyncio.fixture(scope="module")
async def origins_fixture(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Origins]:
    """One shop and one sandbox for all tests of a module: each test has a payment of its own."""
    sock, shop = bound_socket()
    database = tmp_path_factory.mktemp("js") / "sandbox.db"
    async with sandbox_at(database) as sandbox, serving(tiny_shop(sandbox.url), sock):
        yield Origins(shop, sandbox.url)


@pytest_asyncio.fixture
async def checkout_fixture(
    origins: Origins, browser: Browser, client_for: ClientFor
) -> AsyncIterator[Checkout]:
    """A checkout in a fresh browser context; breaking the policy, throwing or asking
    another host fails the test."""
    context = await browser.new_context()
    context.set_default_timeout(30_000)
    page = await context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if "Security Policy" in said.text else None)
    known = (origins.shop, origins.sandbox)
    page.on("request", lambda sent: wrong.append(sent.url) if not sent.url.startswith(known) else None)
    yield Checkout(page, origins.shop, origins.sandbox, client_for(origins.sandbox))
    await context.close()
    assert not wrong
