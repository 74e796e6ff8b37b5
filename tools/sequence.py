"""`python -m tools.sequence`: buys a book in a browser and draws who asked whom for what, into the README.
tests/test_sequence.py does the same and holds the README to it."""

import asyncio
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from playwright.async_api import Page, Request, async_playwright

from shop.webhooks import HANDLERS
from tests.browsing import press_pay
from tools.screenshots import running_shop

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
BLOCK = re.compile(r"(<!-- a recorded purchase -->\n```mermaid\n).*?(```\n)", re.S)
# Stripe's ids have a capital letter or a digit, ours are 22 letters long.
IDS = re.compile(r"\b(?:pi|cs|pm|ch)_\w*[A-Z0-9]\w*|(?<=/orders/)[\w-]{22}")
PARTICIPANTS = (
    "sequenceDiagram\n    participant B as Browser\n    participant S as Shop\n    participant P as Stripe\n"
)


@dataclass
class Recorder:
    """Who asked whom, with the moment (Unix seconds) by which it is put in order."""

    shop: str
    sandbox: str
    asked: list[tuple[float, str]] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("requestfinished", self._note)

    async def purchase(self, page: Page) -> None:
        """One book, from its page to the confirmation."""
        await page.goto(f"{self.shop}/books/the-dream-machine")
        self.watch(page)
        await page.get_by_role("button", name="Add to cart").click()
        await page.get_by_text("in your cart.").wait_for()
        await page.goto(f"{self.shop}/cart")
        await page.get_by_role("button", name="Check out").click()
        await page.get_by_role("heading", name="Pay", exact=True).wait_for()
        async with page.expect_request_finished(lambda request: request.url.endswith("/email")):
            await page.get_by_label("Email").fill("ada@example.com")
            await page.keyboard.press("Tab")
        await press_pay(page)
        await page.get_by_role("heading", name="Thank you").wait_for()

    async def diagram(self) -> str:
        key = ("sk_test_sandbox", "")
        async with httpx.AsyncClient(base_url=self.sandbox, auth=key) as http:
            calls = (await http.get("/_sandbox/requests")).json()["data"]
            deliveries = (await http.get("/_sandbox/deliveries")).json()["data"]
            events = {
                delivery["due"]: (await http.get(f"/v1/events/{delivery['event']}")).json()["type"]
                for delivery in deliveries
            }
        told = [(due, f"P-)S: webhook {kind}") for due, kind in events.items() if kind in HANDLERS]
        ours = [
            (call["at"], f"S->>P: {call['method']} {_brief(call['path'])}")
            for call in calls
            if call["key"] == "secret"
        ]
        return PARTICIPANTS + "".join(f"    {line}\n" for _, line in sorted([*self.asked, *ours, *told]))

    async def _note(self, request: Request) -> None:
        url = urlsplit(request.url)
        whom = {urlsplit(self.shop).netloc: "S", urlsplit(self.sandbox).netloc: "P"}.get(url.netloc)
        api = whom == "P" and url.path.startswith("/v1/payment_intents")
        page = whom == "S" and request.resource_type in ("document", "fetch", "xhr")
        if (api or page) and not url.path.startswith("/_"):
            line = f"B->>{whom}: {request.method} {_brief(url.path)}"
            self.asked.append((request.timing["startTime"] / 1000, line))


def _brief(path: str) -> str:
    return IDS.sub("…", path)


def written(readme: str, diagram: str) -> str:
    return BLOCK.sub(lambda found: found[1] + diagram + found[2], readme)


async def main() -> None:
    path = os.environ.get("SHOP_BROWSER") or (ROOT / ".venv/browser.ok").read_text().strip()
    with running_shop() as port:
        recorder = Recorder(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port + 1}")
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
            page = await browser.new_page()
            await recorder.purchase(page)
            await asyncio.sleep(1)  # the webhooks that come behind
            diagram = await recorder.diagram()
            await browser.close()
    README.write_text(written(README.read_text(), diagram))
    print(diagram)


if __name__ == "__main__":
    asyncio.run(main())
