"""`make screenshots`: every page and state at three widths, in light and dark, into build/screenshots/ with a contact
sheet, index.html; and the README's picture, docs/screenshot.png. Names of states choose: `… cart-many order-paid`."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from itertools import product
from pathlib import Path

import httpx
import stripe
from playwright.async_api import Browser, Page, async_playwright

from tests.conftest import STAFF_PASSWORD_HASH
from tests.shopper import Shopper
from tools.states import STATES
from tools.visits import Visit

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "build/screenshots"
WIDTHS = {360: 740, 768: 1024, 1280: 900}
SCHEMES = ("light", "dark")
TALLEST = 2600  # pixels; below it a page is more of the same


async def main(*wanted: str) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    path = os.environ.get("SHOP_BROWSER") or (ROOT / ".venv/browser.ok").read_text().strip()
    with running_shop() as port:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
            for name in wanted or STATES:
                async with visit(browser, port) as visitor:
                    await STATES[name](visitor)
                    await photograph(visitor.page, name)
            (OUT / "index.html").write_text(contact_sheet(list(STATES)))
            if not wanted:
                await compose(browser)
            await browser.close()
    print(f"{len(list(OUT.glob('*.png')))} pictures: {(OUT / 'index.html').relative_to(ROOT)}")


@contextmanager
def running_shop() -> Iterator[int]:
    """A fresh shop as `shop run` starts it, for as long as the block lasts; its port, and the sandbox's is the next."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = int(sock.getsockname()[1])
    with tempfile.TemporaryDirectory() as instance:
        env = {k: v for k, v in os.environ.items() if not k.startswith("STRIPE_")}
        env |= {
            "PORT": str(port),
            "INSTANCE_PATH": instance,
            "DATABASE_URL": "",
            "STAFF_PASSWORD_HASH": STAFF_PASSWORD_HASH,
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "shop", "run"], env=env, cwd=ROOT, stdout=subprocess.DEVNULL
        )
        try:
            with httpx.Client(transport=httpx.HTTPTransport(retries=20)) as client:
                client.get(f"http://127.0.0.1:{port}/", timeout=20).raise_for_status()
            yield port
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


@asynccontextmanager
async def visit(browser: Browser, port: int) -> AsyncIterator[Visit]:
    """A visitor with a browser, the same with a shopper's hands, and the merchant's own on the sandbox."""
    url, sandbox = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port + 1}"
    context = await browser.new_context(base_url=url, reduced_motion="reduce")
    async with httpx.AsyncClient(base_url=url, timeout=20) as http:
        merchant = stripe.StripeClient(
            "sk_test_sandbox", http_client=stripe.HTTPXClient(), base_addresses={"api": sandbox}
        )
        yield Visit(await context.new_page(), Shopper(http, merchant), sandbox)
    await context.close()


async def photograph(page: Page, name: str) -> None:
    for (width, height), scheme in product(WIDTHS.items(), SCHEMES):
        await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        await page.set_viewport_size({"width": width, "height": height})
        await page.evaluate(READY)
        tall = min(TALLEST, await page.evaluate("document.documentElement.scrollHeight"))
        # Chromium draws no frame that is below the window: Stripe's would be missing.
        await page.set_viewport_size({"width": width, "height": max(height, tall)})
        await page.evaluate(READY)
        await page.screenshot(path=OUT / f"{name}-{width}-{scheme}.png")


READY = """() => Promise.all([scrollTo(0, 0), document.fonts.ready, ...[...document.images].map((image) => {
  image.loading = "eager";
  return image.decode().catch(() => {});
})])"""


def contact_sheet(names: list[str]) -> str:
    rows = []
    for name in names:
        files = [f"{name}-{width}-{scheme}.png" for scheme, width in product(SCHEMES, WIDTHS)]
        shots = "".join(
            f'<a href="{file}"><img src="{file}" loading="lazy" alt="{file}"></a>' for file in files
        )
        rows.append(f'<section id="{name}"><h2>{name}</h2><div>{shots}</div></section>')
    return f"<!doctype html><meta charset=utf-8><title>Contact sheet</title><style>{SHEET_STYLE}</style>{''.join(rows)}"


SHEET_STYLE = """
  body { margin: 2rem; background: #777; font: 1rem sans-serif }
  div { display: flex; gap: 1rem; align-items: flex-start; overflow-x: auto }
  img { height: 30rem; object-fit: cover; object-position: top }
"""


async def compose(browser: Browser) -> None:
    """The README's picture: the shelf, the cart and the confirmation side by side."""
    page = await browser.new_page(viewport={"width": 1280, "height": 640})
    pictures = "".join(f'<img src="{(OUT / name).as_uri()}">' for name in README_PICTURES)
    sheet = OUT / "sheet.html"
    sheet.write_text(f"<style>{README_STYLE}</style>{pictures}")
    await page.goto(sheet.as_uri())
    await page.wait_for_load_state("networkidle")
    await page.screenshot(path=ROOT / "docs/screenshot.png")
    sheet.unlink()
    await page.close()


README_PICTURES = ("shelf-1280-light.png", "cart-many-360-light.png", "order-paid-360-dark.png")
README_STYLE = """
  body { margin: 0; padding: 40px; display: flex; gap: 32px; align-items: flex-start; background: #d5cbb9 }
  img { height: 560px; border-radius: 6px; box-shadow: 0 12px 40px #0005; object-fit: cover; object-position: top }
  img:first-child { width: 620px; object-position: top left }
  img + img { width: 258px }
"""

if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
