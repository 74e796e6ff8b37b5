"""What can be measured of the looks, on a walk over the pages and states of the shop."""

from contextlib import suppress

import stripe
from playwright.async_api import Page, expect

from tests.browsing import add
from tests.conftest import NewShopper
from tests.shopper import CHALLENGE, DECLINED, Shopper

DATABASE = "sqlite"

PAGES = [
    "/",
    "/?page=2&sort=title",
    "/?q=gutenberg+bible",
    "/?category=Fiction",
    "/?q=" + 150 * "w",
    "/nothing/here",
    "/help",
    "/mailbox",
]
BOOKS = ["/books/structure-and-interpretation-of-computer-programs", "/books/the-pragmatic-programmer"]
LONG = "the-art-of-doing-science-and-engineering"
BADLY_SET = """() => [...document.querySelectorAll("button, input, select, summary, nav a, a.quiet, .button")]
  .filter((control) => control.checkVisibility({ visibilityProperty: true }) && control.type !== "hidden")
  .filter((control) => !control.closest(".hidden") && !control.matches("[tabindex='-1']"))
  .filter((control) => Math.min(control.offsetWidth, control.offsetHeight) < 24
    || (!control.matches("input") && control.scrollWidth > control.clientWidth + 1))
  .map((control) => control.outerHTML)"""


async def is_well_set(page: Page) -> str:
    """One heading, a title, nothing to push sideways at 320 pixels (which is 1280 at 400 %), no control that is
    too small to hit or for its words (WCAG 1.4.10, 2.5.8). The title."""
    await expect(page.get_by_role("heading", level=1)).to_have_count(1)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320, page.url
    assert await page.evaluate(BADLY_SET) == [], page.url
    title = await page.title()
    assert title.endswith(" · Colophon")
    return title


async def test_pages_fit_a_narrow_screen_and_can_be_hit(page: Page) -> None:
    await page.set_viewport_size({"width": 320, "height": 256})
    titles = []
    for path in [*PAGES, *BOOKS, "/cart"]:
        await page.goto(path)
        titles.append(await is_well_set(page))
    assert len(set(titles)) == len(titles) - 1  # the shelf has two pages


async def test_a_purchase_fits_a_narrow_screen_with_its_sum_in_sight(page: Page) -> None:
    await page.set_viewport_size({"width": 320, "height": 640})
    await page.request.post("/cart/items", form={"book": LONG})
    await page.goto("/cart")
    assert "Cart (1 book)" in await is_well_set(page)
    for name in ("One more of", "One fewer of"):
        box = await page.get_by_role("button", name=name).bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 44
    await page.get_by_role("button", name="Check out").click()
    await expect(page.locator("#payment-element iframe")).to_be_visible()
    await is_well_set(page)
    summary = page.get_by_role("complementary", name="Your order")
    await expect(summary).to_contain_text("The Art of Doing Science and Engineering × 1")
    await expect(summary).to_contain_text("Total $23.00", use_inner_text=True)
    await expect(page.get_by_role("button", name="Pay $23.00")).to_be_visible()


async def test_titles_and_headings_tell_outcomes_apart(page: Page, new_shopper: NewShopper) -> None:
    await page.set_viewport_size({"width": 320, "height": 640})
    titles = set()
    for card in ("pm_card_visa", DECLINED, CHALLENGE, "pm_usBankAccount_processing"):
        shopper = await ordered(new_shopper(), card)
        await page.goto(shopper.order)
        titles.add(await is_well_set(page))
        assert await page.evaluate("document.activeElement.id") == "order-title"
        heading = await page.get_by_role("heading", level=1).inner_text()
        assert await page.title() == f"{heading} · Colophon"
    assert len(titles) == 4


async def ordered(shopper: Shopper, card: str) -> Shopper:
    await shopper.check_out(LONG)
    await shopper.press()
    with suppress(stripe.CardError):
        await shopper.confirm(card)
    return shopper


async def test_nothing_moves_for_who_asked_for_that(page: Page) -> None:
    moves = """() => [...document.querySelectorAll("*")].filter((element) => {
      const style = getComputedStyle(element);
      return parseFloat(style.transitionDuration) || parseFloat(style.animationDuration);
    }).length"""
    await page.goto("/")
    await add(page, "The Dream Machine")
    assert await page.evaluate(moves) == 0
    await page.emulate_media(reduced_motion="no-preference")
    assert await page.evaluate(moves) > 0


async def test_what_has_the_focus_is_never_behind_a_message(page: Page) -> None:
    await page.set_viewport_size({"width": 1280, "height": 600})
    await page.goto("/")
    await add(page, "The Dream Machine")
    behind = """() => [...document.querySelectorAll("main a[href], main button")].reverse().filter((control) => {
      if (!control.checkVisibility() || control.tabIndex < 0) return false;
      control.focus();
      const box = control.getBoundingClientRect();
      return box.top < document.querySelector(".message").getBoundingClientRect().bottom;
    }).length"""
    assert await page.evaluate(behind) == 0


async def test_covers_keep_their_place_and_say_nothing_twice(page: Page) -> None:
    await page.goto("/")
    covers = page.locator(".book img")
    for cover in await covers.all():
        assert [await cover.get_attribute(name) for name in ("alt", "width", "height")] == ["", "600", "900"]


async def test_a_receipt_is_printed_on_one_sheet_in_black_on_white(page: Page, shopper: Shopper) -> None:
    await page.goto((await ordered(shopper, "pm_card_visa")).order)
    await page.emulate_media(media="print", color_scheme="dark")
    assert await page.locator("button:visible, input:visible").count() == 0
    await expect(page.get_by_text("pi_")).to_be_visible()
    assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert b"/Count 1\n" in await page.pdf()
