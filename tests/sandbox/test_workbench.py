"""The workbench: what happened to a payment, for people."""

import asyncio
import json
import shlex

import pytest
import pytest_asyncio
import stripe
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.async_api import expect

from .conftest import BOOK, until

BENCH = "/_sandbox/workbench"


@pytest_asyncio.fixture
async def intent(stripe_client):
    """Declined once, then paid."""
    intent = await stripe_client.v1.payment_intents.create_async(BOOK, {"idempotency_key": "order-1"})
    for card in ("chargeDeclined", "visa"):
        try:
            confirm = {"payment_method": f"pm_card_{card}"}
            paid = await stripe_client.v1.payment_intents.confirm_async(intent.id, confirm)
        except stripe.CardError:
            pass
    return paid


@pytest_asyncio.fixture
async def bench(browser, sandbox):
    """A browser's page at the sandbox; complaints of the console fail the test."""
    context = await browser.new_context(base_url=sandbox.url)
    page = await context.new_page()
    page.set_default_timeout(10_000)
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    yield page
    await context.close()
    assert [complaint for complaint in complaints if "404" not in complaint] == []


def steps(page):
    return page.locator(".step .path")


async def test_a_story_is_told_in_order(bench, intent):
    await bench.goto(f"{BENCH}/{intent.id}")
    expected = [
        "/v1/payment_intents",
        "payment_intent.created",
        f"/v1/payment_intents/{intent.id}/confirm",
        "charge.failed",
        "payment_intent.payment_failed",
        f"/v1/payment_intents/{intent.id}/confirm",
        "charge.succeeded",
        "payment_intent.succeeded",
    ]
    assert (await steps(bench).all_text_contents())[:8] == expected
    first = bench.locator(".step").first
    await expect(first).to_contain_text("POST")
    for shown in ("200", "ms", "amount=1999", "key order-1", "by server"):
        await expect(first).to_contain_text(shown)
    for shown in ("402", "generic_decline", "Your card was declined."):
        await expect(bench.locator(".step").nth(2)).to_contain_text(shown)


async def test_a_call_unfolds_to_its_answer(bench, intent):
    await bench.goto(f"{BENCH}/{intent.id}")
    await bench.locator("summary").first.click()
    assert json.loads(await bench.get_by_label("Answer").first.inner_text())["amount"] == 1999


async def test_a_call_of_a_page_is_told_from_one_of_the_server(http, intent):
    given = {"client_secret": intent.client_secret, "key": "pk_test_sandbox"}
    await http.get(f"/v1/payment_intents/{intent.id}", params=given, auth=None)
    page = (await http.get(f"{BENCH}/{intent.id}")).text
    assert (page.count("by browser"), page.count("by server")) == (1, 3)


async def test_what_happens_appears_by_itself_and_what_is_unfolded_stays(bench, intent, stripe_client):
    await bench.goto(f"{BENCH}/{intent.id}")
    await bench.locator("summary").first.click()
    await stripe_client.v1.refunds.create_async({"payment_intent": intent.id, "amount": 500})
    await expect(bench.get_by_role("code").filter(has_text="refund.created").first).to_be_visible()
    await expect(bench.locator("details[open]")).to_have_count(1)
    await expect(bench.get_by_role("status")).to_contain_text("4 calls")


async def test_a_refund_is_made_from_here_and_once_for_two_presses(bench, intent, http):
    await bench.goto(f"{BENCH}/{intent.id}")
    await bench.get_by_label("Refund USD").fill("5.00")
    await bench.get_by_role("button", name="Refund", exact=True).dblclick()
    await expect(bench.get_by_role("button", name="Refund all 14.99 USD")).to_be_visible()
    [refund] = (await http.get("/v1/refunds")).json()["data"]
    assert (refund["amount"], refund["reason"]) == (500, "requested_by_customer")


async def test_all_that_is_left_is_refunded_with_one_press(bench, intent, stripe_client):
    await bench.goto(f"{BENCH}/{intent.id}")
    for amount, left in (("5", "14.99"), ("0.99", "14.00")):
        await bench.get_by_label("Refund USD").fill(amount)
        await bench.keyboard.press("Enter")
        await bench.get_by_role("button", name=f"Refund all {left} USD").wait_for()
    await bench.get_by_role("button", name="Refund all").click()
    await expect(bench.get_by_label("Refund USD")).to_have_count(0)
    charge = await stripe_client.v1.charges.retrieve_async(intent.latest_charge)
    assert (charge.refunded, charge.amount_refunded) == (True, 1999)


@pytest.mark.parametrize("amount", ["20", "5,00", "5.001", "-1", "five"])
async def test_a_refund_that_stripe_refuses_says_why(bench, intent, stripe_client, amount):
    await bench.goto(f"{BENCH}/{intent.id}")
    await bench.get_by_label("Refund USD").fill(amount)
    await bench.get_by_role("button", name="Refund", exact=True).click()
    await expect(bench.get_by_role("alert")).to_contain_text("Not refunded: ")
    assert (await stripe_client.v1.refunds.list_async()).data == []


async def test_yen_are_refunded_as_yen(http, stripe_client):
    sold = {**BOOK, "currency": "jpy", "confirm": True, "payment_method": "pm_card_visa"}
    intent = await stripe_client.v1.payment_intents.create_async(sold)
    await http.post(f"{BENCH}/{intent.id}/refunds", data={"amount": "500"})
    assert [refund.amount for refund in (await stripe_client.v1.refunds.list_async()).data] == [500]


async def test_a_refund_and_a_resend_work_without_scripts(http, intent, stripe_client):
    page = await http.post(f"{BENCH}/{intent.id}/refunds?after=0", follow_redirects=True)
    assert "charge.refunded" in page.text
    event = (await stripe_client.v1.events.list_async()).data[0]
    again = await http.post(f"{BENCH}/{intent.id}/events/{event.id}/resend", follow_redirects=True)
    assert (again.status_code, again.url.path) == (200, f"{BENCH}/{intent.id}")


async def test_a_resent_event_is_sent_once_more(bench, sandbox, stripe_client):
    endpoint = {"url": f"{sandbox.url}/nowhere", "enabled_events": ["payment_intent.created"]}
    await stripe_client.v1.webhook_endpoints.create_async(endpoint)
    intent = await stripe_client.v1.payment_intents.create_async(BOOK)
    await bench.goto(f"{BENCH}/{intent.id}")
    await expect(bench.get_by_text("failed, 4 attempts")).to_contain_text("404")
    await bench.get_by_role("button", name="Resend payment_intent.created").click()
    await expect(bench.locator(".deliveries li")).to_have_count(2)


async def test_the_command_makes_the_call_again(intent, http, bench, sandbox):
    await bench.goto(f"{BENCH}/{intent.id}")
    await bench.locator("summary").first.click()
    command = await bench.get_by_label("As curl").first.input_value()
    words = shlex.split(command)
    process = await asyncio.create_subprocess_exec(*words, stdout=-1, stderr=-1)
    answer, _ = await process.communicate()
    assert json.loads(answer)["id"] == intent.id


@pytest.mark.parametrize("named", ["id", "latest_charge", "payment_method"])
async def test_any_id_of_it_finds_the_story(http, intent, named):
    found = await http.get(BENCH, params={"q": getattr(intent, named)}, follow_redirects=True)
    assert found.status_code == 200
    assert "payment_intent.succeeded" in found.text


async def test_events_requests_and_keys_find_the_story_and_nonsense_finds_nothing(
    http, intent, stripe_client
):
    event = (await stripe_client.v1.events.list_async()).data[0].id
    [*_, call] = (await http.get("/_sandbox/requests")).json()["data"]
    for known in (event, call["request"], "order-1"):
        assert (await http.get(BENCH, params={"q": known})).headers["location"] == f"{BENCH}/{intent.id}"
    for nonsense in ("pi_nonsense", "<script>"):
        assert (await http.get(BENCH, params={"q": nonsense})).status_code == 404


async def test_the_merchants_own_id_finds_the_newest_payment_of_it(http, stripe_client):
    for _ in range(2):
        intent = await stripe_client.v1.payment_intents.create_async({**BOOK, "metadata": {"order": "A-77"}})
    found = await http.get(BENCH, params={"q": "A-77"})
    assert found.headers["location"] == f"{BENCH}/{intent.id}"


async def test_the_command_is_copied_with_a_press(intent, bench):
    await bench.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await bench.goto(f"{BENCH}/{intent.id}")
    await bench.locator("summary").first.click()
    await bench.get_by_role("button", name="Copy POST /v1/payment_intents").first.click()
    await expect(bench.get_by_role("button", name="Copied POST")).to_be_visible()
    command = await bench.get_by_label("As curl").first.input_value()
    assert await bench.evaluate("navigator.clipboard.readText()") == command


@pytest.mark.parametrize(
    ("path", "headers", "sentence"),
    [
        ("/v1/levies", {}, "Unrecognized request URL (GET: /v1/levies)"),
        ("/v1/charges?colour=red", {}, "Received unknown parameter: colour"),
        ("/v1/charges", {"Stripe-Version": "2019-12-03"}, "2019-12-03"),
    ],
)
async def test_what_is_not_served_is_visible(http, path, headers, sentence):
    await http.get(path, headers=headers)
    page = await http.get(BENCH)
    assert sentence in page.text.partition("Asked for and not served")[2].partition("</section>")[0]


async def test_signing_secrets_and_keys_are_masked(http, stripe_client):
    endpoint = {"url": "https://example.com/hook", "enabled_events": ["*"]}
    made = await stripe_client.v1.webhook_endpoints.create_async(endpoint)
    await http.get("/v1/charges", auth=("sk_test_4eC39HqLyjWDarjtT1zdp7dc", ""))
    await http.get("/v1/levies", params={"key": "sk_test_4eC39HqLyjWDarjtT1zdp7dc"})
    for path in (BENCH, f"{BENCH}/{made.id}"):
        page = (await http.get(path)).text
        assert made.secret not in page
        assert "4eC39HqLyjWDarjt" not in page


async def test_client_secrets_are_masked(http, intent):
    await http.get(f"/v1/payment_intents/{intent.id}", params={"client_secret": intent.client_secret})
    page = (await http.get(f"{BENCH}/{intent.id}")).text
    assert "client_secret=pi_3" in page
    assert intent.client_secret not in page


async def test_an_unchanged_page_is_not_sent_again(http, intent):
    partial = {"HX-Request-Type": "partial"}
    await until(lambda: settled(http, intent))
    first = await http.get(f"{BENCH}/{intent.id}", headers=partial)
    seen = first.text.partition("seen=")[2][:16]
    again = await http.get(f"{BENCH}/{intent.id}", params={"seen": seen}, headers=partial)
    assert (first.status_code, again.status_code) == (200, 204)


async def settled(http, intent):
    return (await http.get(f"/v1/charges/{intent.latest_charge}")).json()["balance_transaction"]


async def test_other_sites_refund_nothing(http, intent):
    refund = await http.post(f"{BENCH}/{intent.id}/refunds", headers={"Sec-Fetch-Site": "cross-site"})
    assert refund.status_code == 403
    assert (await http.get("/v1/refunds")).json()["data"] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1366])
async def test_axe_finds_nothing_and_nothing_sticks_out(bench, intent, http, scheme, width):
    await http.get("/v1/levies")
    await bench.emulate_media(color_scheme=scheme)
    await bench.set_viewport_size({"width": width, "height": 800})
    for path in (BENCH, f"{BENCH}/{intent.id}", "/_sandbox/panel", "/", f"{BENCH}?q=nothing"):
        await bench.goto(path)
        await bench.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        await bench.evaluate(AXE_FILE_PATH.read_text())
        found = await bench.evaluate("async () => (await axe.run()).violations")
        assert [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in found] == []
        assert await bench.evaluate("document.documentElement.scrollWidth") <= width


async def test_the_shops_banner_leads_here(page):
    await page.goto("/")
    await page.get_by_role("complementary").get_by_role("link", name="Workbench").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Workbench")
