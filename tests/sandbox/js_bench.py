"""A bare page with stripe.js of any train on it, which a test fills by script."""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
import stripe
from playwright.async_api import Browser, FrameLocator, Page
from quart import Quart, Response, render_template_string

from tests.conftest import bound_socket, serving

from .conftest import ClientFor, Sandbox

BENCH_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Bench</title></head>
<body>
<main><h1>Bench</h1>
<form><div id="one"></div><div id="two"></div><div id="three"></div><button>Pay</button></form></main>
<script src="{{ script }}"></script><script src="/bench.js"></script></body>
</html>"""

BENCH_JS = """
const events = [];
const stripe = Stripe("pk_test_sandbox");
document.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
// Mounts an Element and waits until it is ready; its events are kept.
function mounted(element, target, names = ["change"]) {
  for (const name of names) element.on(name, (event) => events.push({ name, ...event }));
  return new Promise((resolve) => element.on("ready", () => resolve(element)).mount(target));
}
// The last event of a name for which `holds`; waits for it, as frames and pages do not run in step.
function heard(name, holds = () => true) {
  return new Promise((resolve) => (function look() {
    const found = events.filter((event) => event.name === name).at(-1);
    found && holds(found) ? resolve(found) : requestAnimationFrame(look);
  })());
}
"""


class Bench:
    """The page, and the secret key's view of what happens on it."""

    def __init__(self, page: Page, shop: str, sandbox: str, client: stripe.StripeClient) -> None:
        self.page, self.shop, self.sandbox, self.stripe = page, shop, sandbox, client

    async def open(self, train: str = "endive") -> None:
        await self.page.goto(f"{self.shop}/bench/{train}")

    async def run(self, script: str, argument: Any = None) -> Any:
        """What a statement or expression of the page's own script returns; `given` is the argument."""
        body = script if "return" in script else f"return {script}"
        return await self.page.evaluate(f"async (given) => {{ {body} }}", argument)

    def frame(self, title: str) -> FrameLocator:
        return self.page.frame_locator(f'iframe[title="{title}"]')

    async def intent(self, **params: Any) -> stripe.PaymentIntent:
        version = params.pop("version", None)
        return await self.stripe.v1.payment_intents.create_async(
            {"amount": 1999, "currency": "usd", **params}, {"stripe_version": version} if version else {}
        )


def bench_shop(sandbox: str) -> Quart:
    app = Quart(__name__)

    @app.get("/bench/<train>")
    async def bench(train: str) -> str:
        path = "v3/" if train == "v3" else f"{train}/stripe.js"
        return await render_template_string(BENCH_PAGE, script=f"{sandbox}/{path}")

    @app.get("/bench.js")
    async def script() -> Response:
        return Response(BENCH_JS, content_type="text/javascript")

    @app.get("/done")
    async def done() -> str:
        return "<!doctype html><title>Done</title><h1>Done</h1>"

    @app.after_request
    async def policy(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = (
            f"default-src 'none'; script-src 'self' {sandbox}; style-src 'self'; frame-src {sandbox}; "
            f"connect-src 'self' {sandbox}"
        )
        return response

    return app


@pytest_asyncio.fixture(scope="session")
async def bench_origin(one_for_all: Sandbox) -> AsyncIterator[str]:
    sock, url = bound_socket()
    async with serving(bench_shop(one_for_all.url), sock):
        yield url


@pytest_asyncio.fixture
async def bench_fixture(
    bench_origin: str, one_for_all: Sandbox, browser: Browser, client_for: ClientFor
) -> AsyncIterator[Bench]:
    """A page in a fresh browser context; breaking the policy, throwing or asking another host fails the test."""
    context = await browser.new_context()
    context.set_default_timeout(30_000)
    page = await context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if "Security Policy" in said.text else None)
    known = (bench_origin, one_for_all.url)
    page.on("request", lambda sent: wrong.append(sent.url) if not sent.url.startswith(known) else None)
    yield Bench(page, bench_origin, one_for_all.url, client_for(one_for_all.url))
    await context.close()
    assert not wrong
