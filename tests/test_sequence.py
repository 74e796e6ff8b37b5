"""The README's sequence diagram is a purchase as it happens."""

import asyncio

from playwright.async_api import Browser

from tests.conftest import ShopUnderTest
from tools.sequence import BLOCK, README, Recorder

DATABASE = "sqlite"


async def test_the_readme_draws_a_purchase_as_it_is_recorded(browser: Browser, shop: ShopUnderTest) -> None:
    page = await browser.new_page()
    recorder = Recorder(shop.url, shop.sandbox)
    await recorder.purchase(page)
    while "webhook payment_intent.succeeded" not in (diagram := await recorder.diagram()):  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    await page.close()
    drawn = BLOCK.search(README.read_text())
    assert drawn is not None
    # The webhook and the browser's return come in either order.
    assert sorted(set(drawn[0].splitlines()[2:-1])) == sorted(set(diagram.splitlines()))
