"""What must be seen rather than read (axe measures words only): borders, fills and focus rings, from computed styles,
on every page with everything that can have the focus (WCAG 1.4.11, 2.4.7, 2.4.13)."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect

from tests.browsing import add
from tests.shopper import Shopper

DATABASE = "sqlite"
DREAM, EBOOK = "the-dream-machine", "the-last-page"

PLAIN = (
    "/?page=2",
    "/?q=gutenberg+bible&in_stock=1",
    "/?price_from=cheap",
    f"/books/{DREAM}",
    "/books/the-pragmatic-programmer",
    "/find-order",
    "/help",
    "/nothing/here",
    "/cart",
)
MEASURE = """() => {
  const parts = (color) => (color.match(/[\\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
  const alpha = (color) => parts(color)[3] ?? 1;
  const over = (color, under) =>
    parts(color).slice(0, 3).map((part, i) => part * alpha(color) + under[i] * (1 - alpha(color)));
  const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) =>
    0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255) + 0.05;
  const contrast = (a, b) => Math.max(light(a) / light(b), light(b) / light(a));
  const ground = (element) => element
    ? over(getComputedStyle(element).backgroundColor, ground(element.parentElement)) : [255, 255, 255];
  const sticksOut = (ring, box, reach) => ring.left - reach < box.left || ring.right + reach > box.right
    || ring.top - reach < box.top || ring.bottom + reach > box.bottom;
  const cutter = (element, reach) => {  // what cuts off a ring that reaches so far
    const ring = element.getBoundingClientRect();
    for (let box = element.parentElement; box; box = box.parentElement) {
      const style = getComputedStyle(box);
      if (style.overflowX !== "visible" && sticksOut(ring, box.getBoundingClientRect(), reach)) return box;
      if (style.position === "fixed") break;
    }
    const page = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
    return sticksOut(ring, page, reach) && document.documentElement;
  };
  const faults = [], name = (element) => element.cloneNode().outerHTML;
  for (const control of document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']")) {
    if (!control.checkVisibility({ visibilityProperty: true }) || control.type === "hidden") continue;
    if (control.tabIndex < 0) continue;
    const around = ground(control.parentElement), { borderTopColor, backgroundColor } = getComputedStyle(control);
    const edges = [borderTopColor, backgroundColor].filter(alpha).map((color) => over(color, around));
    const drawn = control.matches("button, .button, input:not([type=checkbox]), select") && edges.length;
    if (drawn && !edges.some((color) => contrast(color, around) >= 3)) faults.push(["edge", name(control)]);
    control.focus();
    const style = getComputedStyle(control), offset = parseFloat(style.outlineOffset);
    const width = style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth);
    const beside = offset < 0 ? ground(control) : around;
    const seen = width >= 2 && contrast(over(style.outlineColor, beside), beside) >= 3;
    if (document.activeElement !== control || !seen) faults.push(["ring", name(control)]);
    const cut = cutter(control, Math.max(0, width + offset) - 0.5);
    if (cut) faults.push(["cut", name(control), name(cut)]);
  }
  return faults;
}"""


async def everything_is_seen(page: Page) -> None:
    await page.keyboard.press("Tab")  # the hand is on the keyboard, so rings show
    assert await page.evaluate(MEASURE) == [], page.url


async def states(page: Page, shopper: Shopper) -> AsyncIterator[None]:
    """One after the other, until all that can have the focus has been on the page."""
    for path in PLAIN:
        await page.goto(path)
        yield
    await page.get_by_role("searchbox").press_sequentially("th")
    await expect(page.get_by_role("list", name="Suggestions")).to_be_visible()
    yield
    await page.goto("/")
    await add(page, "The Dream Machine")
    await page.get_by_role("button", name="What is in your cart").click()
    await expect(page.get_by_role("dialog").get_by_role("button", name="Check out")).to_be_visible()
    yield
    await page.request.post("/cart/items", form={"book": EBOOK, "shown": "1"})
    await page.goto("/cart")
    await page.get_by_text("Latest changes").click()
    await page.get_by_label("Quantity of The Dream Machine").fill("99")
    await page.keyboard.press("Enter")
    await expect(page.locator(".problem")).to_be_visible()
    yield
    await page.get_by_role("button", name="Remove The Dream Machine").click()
    await expect(page.locator(".cart-removed")).to_be_visible()
    yield
    await page.get_by_role("button", name="Check out").click()
    await expect(page.locator('#express[data-wallets="yes"]')).to_be_visible()
    await page.get_by_role("button", name="Pay $").press("Enter")
    await expect(page.locator("#pay .problem")).to_be_visible()
    yield
    await page.goto(await shopper.check_out(EBOOK))
    yield
    await shopper.pay()
    await page.reload()
    yield
    await page.goto("/mailbox")
    yield


@pytest.mark.parametrize(("scheme", "width"), [("light", 320), ("dark", 1280)])
async def test_borders_and_rings_stand_out_on_every_page(
    page: Page, shopper: Shopper, scheme: str, width: int
) -> None:
    """Colours do not depend on the width, nor does what cuts off a ring on the scheme."""
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await page.set_viewport_size({"width": width, "height": 720})
    async for _ in states(page, shopper):
        await everything_is_seen(page)
