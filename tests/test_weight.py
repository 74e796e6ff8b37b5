"""What a browser fetches, in bytes as they come over the wire, headers included."""

import re
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Page

from shop.settings import ROOT
from tests.conftest import ShopUnderTest
from tests.shopper import Shopper

DATABASE = "sqlite"
OWN = {path.name: path.stat().st_size for path in (ROOT / "static/js").glob("*.js")}
OUT_OF_VIEW = """[...document.images].filter((image) => image.getBoundingClientRect().top >= innerHeight)
  .map((image) => image.src)"""
WAITED_FOR = "link[rel=stylesheet], script:not([defer]):not([type=module]):not([type='application/ld+json'])"


async def weigh(page: Page) -> dict[str, int]:
    """From now on, by address: filled while the page loads."""
    wire, addresses = dict[str, int](), dict[str, str]()

    def finished(event: dict[str, Any]) -> None:
        wire[addresses[event["requestId"]]] = event["encodedDataLength"]

    chromium = await page.context.new_cdp_session(page)
    chromium.on(
        "Network.requestWillBeSent", lambda e: addresses.update({e["requestId"]: e["request"]["url"]})
    )
    chromium.on("Network.loadingFinished", finished)
    await chromium.send("Network.enable")
    return wire


async def test_the_first_view_of_the_shelf_is_light(page: Page, shop: ShopUnderTest) -> None:
    """On a phone: the page, its one stylesheet, scripts, fonts and the covers that are in view."""
    await page.set_viewport_size({"width": 360, "height": 800})
    wire = await weigh(page)
    await page.goto("/", wait_until="networkidle")
    below = await page.evaluate(OUT_OF_VIEW)
    seen = {address: size for address, size in wire.items() if address not in below}
    assert sum("/fonts/" in address for address in seen) >= 3
    assert sum("/cover.svg" in address for address in seen) >= 2
    assert 40_000 < sum(seen.values()) < 75_000  # 90 KB are the bound; a cover can be twice as heavy as these
    assert {urlsplit(address).netloc for address in wire} == {urlsplit(shop.url).netloc}
    assert await page.locator(WAITED_FOR).count() == 1


async def test_our_own_scripts_are_small(shopper: Shopper) -> None:
    """On the shelf as they are written; with that of the pay page, as they are sent."""
    page = await shopper.get("/")
    assert sum(OWN[name] for name in re.findall(r'src="/static/js/([^?"]+)', page.text)) < 10_000
    sent = [await shopper.get(f"/static/js/{name}") for name in OWN]
    assert 4_000 < sum(reply.num_bytes_downloaded for reply in sent) < 10_000
