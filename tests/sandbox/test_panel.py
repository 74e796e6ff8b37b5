"""The panel: a payment's story in a frame beside the pages of a shop."""

import pytest
from playwright.async_api import expect

from .conftest import BOOK

PANEL = "/_sandbox/panel"
PAID = {**BOOK, "confirm": True, "payment_method": "pm_card_visa"}


@pytest.fixture
def pay(stripe_client):
    async def paid(order):
        return await stripe_client.v1.payment_intents.create_async({**PAID, "metadata": {"order": order}})

    return paid


async def test_it_tells_of_the_payment_of_an_order(http, pay):
    first, second = await pay("A-1"), await pay("A-2")
    told = (await http.get(PANEL, params={"about": "A-1"})).text
    assert first.latest_charge in told
    assert second.latest_charge not in told


async def test_it_tells_of_the_newest_payment_where_the_page_is_about_none(http, pay):
    await pay("A-1")
    newest = await pay("A-2")
    assert newest.latest_charge in (await http.get(PANEL)).text


async def test_an_order_that_stripe_was_not_asked_about_has_no_story(http, pay):
    intent = await pay("A-1")
    told = (await http.get(PANEL, params={"about": "A-2"})).text
    assert "Stripe was not asked about this yet." in told
    assert intent.latest_charge not in told


async def test_before_the_first_payment_it_says_what_it_will_show(http):
    assert "No payment yet." in (await http.get(PANEL)).text


async def test_a_new_payment_appears_by_itself_and_its_end_is_in_view(browser, sandbox, pay):
    context = await browser.new_context(base_url=sandbox.url, viewport={"width": 430, "height": 240})
    page = await context.new_page()
    await page.goto(PANEL)
    await pay("A-1")
    last = page.locator(".step .path").filter(has_text="payment_intent.succeeded")
    await expect(last).to_be_in_viewport()
    await expect(page.locator(".step .path").first).not_to_be_in_viewport()
    await context.close()


async def test_only_pages_of_this_computer_may_frame_it_and_the_workbench_nobody(http):
    policy = (await http.get(PANEL)).headers["Content-Security-Policy"]
    [ancestors] = [rule for rule in policy.split("; ") if rule.startswith("frame-ancestors")]
    assert set(ancestors.split()[1:]) == {"http://localhost:*", "http://127.0.0.1:*"}
    assert (
        "frame-ancestors 'none'" in (await http.get("/_sandbox/workbench")).headers["Content-Security-Policy"]
    )


async def test_it_changes_nothing(http, pay):
    await pay("A-1")
    assert "<form" not in (await http.get(PANEL)).text
    assert (await http.post(PANEL)).status_code == 405


@pytest.mark.parametrize(("name", "kind"), [("panel.css", "text/css"), ("workbench.js", "text/javascript")])
async def test_its_files_are_sent_once_and_then_only_if_they_changed(http, name, kind):
    first = await http.get(f"/_sandbox/static/{name}")
    assert (first.status_code, first.headers["Content-Type"].partition(";")[0]) == (200, kind)
    again = await http.get(f"/_sandbox/static/{name}", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", ["nothing.css", "..%2Fstore.py", "../store.py"])
async def test_other_files_are_not_sent(http, name):
    assert (await http.get(f"/_sandbox/static/{name}")).status_code == 404


async def test_an_unchanged_panel_is_not_sent_again(http):
    partial = {"HX-Request-Type": "partial"}
    first = await http.get(PANEL, headers=partial)
    seen = first.text.partition("seen=")[2][:16]
    again = await http.get(PANEL, params={"seen": seen}, headers=partial)
    assert (first.status_code, again.status_code) == (200, 204)
