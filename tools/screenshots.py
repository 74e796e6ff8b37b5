"""`make screenshots`: pictures of the pages, on a phone and a desktop, in light and dark, into build/screenshots/.

The README's picture is written to static/screenshot.png: the shelf and the confirmation side by side."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx
from playwright.async_api import Browser, Page, async_playwright

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "build/screenshots"
VIEWS = {"desktop": (1280, 900), "phone": (360, 740)}


async def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    path = os.environ.get("SHOP_BROWSER") or (ROOT / ".venv/browser.ok").read_text().strip()
    with running_shop() as url:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
            for view, (width, height) in VIEWS.items():
                for scheme in ("light", "dark"):
                    async with new_page(browser, url, width, height, scheme) as page:
                        await photograph(page, f"{view}-{scheme}")
            await compose(browser)
            await browser.close()
    print(f"{len(list(OUT.glob('*.png')))} pictures in {OUT.relative_to(ROOT)}")


@contextmanager
def running_shop() -> Iterator[str]:
    """A fresh shop and sandbox as `shop run` starts them, for as long as the block lasts."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    with tempfile.TemporaryDirectory() as instance:
        env = {k: v for k, v in os.environ.items() if not k.startswith("STRIPE_")}
        env |= {"PORT": str(port), "INSTANCE_PATH": instance, "DATABASE_URL": ""}
        process = subprocess.Popen(
            [sys.executable, "-m", "shop", "run"], env=env, cwd=ROOT, stdout=subprocess.DEVNULL
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def wait_for(url: str) -> None:
    with httpx.Client(transport=httpx.HTTPTransport(retries=20)) as client:
        client.get(url, timeout=20).raise_for_status()


@asynccontextmanager
async def new_page(browser: Browser, url: str, width: int, height: int, scheme: str) -> AsyncIterator[Page]:
    context = await browser.new_context(
        base_url=url,
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    yield await context.new_page()
    await context.close()


async def photograph(page: Page, view: str) -> None:
    """One purchase, with a picture at every stop."""

    async def shot(name: str, *, whole: bool = True) -> None:
        await page.wait_for_load_state("networkidle")
        await page.screenshot(path=OUT / f"{name}-{view}.png", full_page=whole)

    await page.goto("/cart")
    await shot("cart-empty")
    await page.goto("/?q=nothing+like+it")
    await shot("shelf-nothing-found")
    await page.goto("/books/the-pragmatic-programmer")
    await shot("book-sold-out")
    await page.goto("/")
    await shot("shelf", whole=False)
    await page.goto("/books/godel-escher-bach")
    await shot("book")
    for slug in ("godel-escher-bach", "the-dream-machine", "working-in-public"):
        await page.goto(f"/books/{slug}")
        await page.get_by_role("button", name="Add to cart").click()
        await page.get_by_text("in your cart.").wait_for()
    await shot("book-added", whole=False)
    await page.goto("/cart")
    await shot("cart")
    await page.get_by_role("button", name="Check out").click()
    await page.get_by_label("Email").fill("ada@example.com")
    await fill_card(page, "4242424242424242")
    await shot("pay")
    await fill_card(page, "4000000000009995")
    await page.get_by_role("button", name="Pay $").click()
    await page.get_by_role("alert").get_by_text("insufficient").wait_for()
    await shot("pay-declined")
    await fill_card(page, "4242424242424242")
    await page.get_by_role("button", name="Pay $").click()
    await page.locator("#order").wait_for()
    await shot("confirmation")
    await page.goto("/orders/unknown")
    await shot("not-found")


async def fill_card(page: Page, number: str) -> None:
    card = page.frame_locator('iframe[title="Secure payment input frame"]')
    await card.locator('[data-value="card"]').click()
    for name, words in (("number", number), ("expiry", "12 / 34"), ("cvc", "123")):
        await card.locator(f"[name={name}]").fill(words)
    await card.locator("[name=country]").select_option("US")
    await card.locator("[name=postalCode]").fill("94107")


async def compose(browser: Browser) -> None:
    """The README's picture."""
    page = await browser.new_page(viewport={"width": 1280, "height": 640})
    pictures = "".join(f'<img src="{(OUT / name).as_uri()}">' for name in README_PICTURES)
    sheet = OUT / "sheet.html"
    sheet.write_text(f"<style>{README_STYLE}</style>{pictures}")
    await page.goto(sheet.as_uri())
    await page.wait_for_load_state("networkidle")
    await page.screenshot(path=ROOT / "static/screenshot.png")
    sheet.unlink()
    await page.close()


README_PICTURES = ("shelf-desktop-light.png", "pay-phone-light.png", "confirmation-phone-dark.png")
README_STYLE = """
  body { margin: 0; padding: 40px; display: flex; gap: 32px; align-items: flex-start; background: #d9cdb8 }
  img { height: 560px; border-radius: 8px; box-shadow: 0 12px 40px #0005; object-fit: cover; object-position: top }
  img:first-child { width: 620px; object-position: top left }
  img + img { width: 258px }
"""

if __name__ == "__main__":
    asyncio.run(main())
