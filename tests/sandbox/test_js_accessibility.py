"""axe-core's view of the element and of the challenge."""

import pytest
from axe_playwright_python.base import AXE_FILE_PATH

from .js_support import CHALLENGED, checkout_fixture, origins_fixture

checkout, origins = checkout_fixture, origins_fixture

THEMES = ["stripe", "night", "flat"]


async def faults(page, url_part):
    """What axe finds in the frame whose address holds `url_part`."""
    frame = next(frame for frame in page.frames if url_part in frame.url)
    await frame.evaluate(AXE_FILE_PATH.read_text())
    # axe cannot look through a transparent frame, so the frame is given the colour of the page behind it.
    behind = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    await frame.evaluate("(color) => { document.documentElement.style.backgroundColor = color; }", behind)
    # The page around the frame has the heading of first rank.
    rules = {"page-has-heading-one": {"enabled": False}}
    found = await frame.evaluate("async (rules) => (await axe.run({ rules })).violations", rules)
    return [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in found]


@pytest.mark.parametrize("layout", ["accordion", "tabs"])
@pytest.mark.parametrize("theme", THEMES)
async def test_the_form_has_no_faults_empty_or_with_errors(checkout, theme, layout):
    await checkout.open(elements={"appearance": {"theme": theme}}, payment={"layout": layout})
    await checkout.page.evaluate("(dark) => document.body.classList.toggle('dark', dark)", theme == "night")
    assert await faults(checkout.page, "elements-inner-payment") == []
    await checkout.press_pay()
    await checkout.answer()
    assert await faults(checkout.page, "elements-inner-payment") == []


@pytest.mark.parametrize("layout", ["accordion", "tabs"])
@pytest.mark.parametrize("theme", THEMES)
async def test_other_ways_of_paying_have_no_faults_empty_or_with_errors(checkout, theme, layout):
    await checkout.open(
        intent={"currency": "eur"}, elements={"appearance": {"theme": theme}}, payment={"layout": layout}
    )
    await checkout.page.evaluate("(dark) => document.body.classList.toggle('dark', dark)", theme == "night")
    await checkout.frame.get_by_role("tab" if layout == "tabs" else "radio", name="SEPA Debit").click()
    assert await faults(checkout.page, "elements-inner-payment") == []
    await checkout.press_pay()
    await checkout.answer()
    assert await faults(checkout.page, "elements-inner-payment") == []


async def test_the_challenge_has_no_faults(checkout):
    await checkout.open()
    await checkout.pay(CHALLENGED)
    await checkout.bank.get_by_role("heading").wait_for()
    assert await faults(checkout.page, "three-ds-2-challenge") == []
    assert await faults(checkout.page, "3d_secure_2/challenge") == []


@pytest.mark.parametrize("layout", ["accordion", "tabs"])
async def test_the_form_fits_a_phone_without_scrolling_sideways(checkout, layout):
    await checkout.page.set_viewport_size({"width": 320, "height": 640})
    await checkout.open(payment={"layout": layout})
    assert await checkout.page.evaluate("document.documentElement.scrollWidth") == 320
    assert await checkout.frame.locator("html").evaluate("(html) => html.scrollWidth <= html.clientWidth")


async def test_every_control_is_at_least_24_pixels_high(checkout):
    await checkout.open()
    assert await checkout.frame.get_by_role("radio").count() == 2
    heights = await checkout.frame.locator("button:visible, input:visible, select:visible").evaluate_all(
        "(nodes) => nodes.map((node) => node.getBoundingClientRect().height)"
    )
    assert min(heights) >= 24
