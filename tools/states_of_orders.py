"""The states of the pay page, of an order, and of its letters."""

import asyncio
from contextlib import suppress

import stripe

from tests.browsing import CHALLENGE, INSUFFICIENT, fill_card, press_pay
from tests.test_express_checkout import without_wallets
from tools.visits import BOUGHT, EBOOK, ESCHER, State, Visit, cart


async def pay(visit: Visit) -> None:
    await cart(*BOUGHT)(visit)
    await visit.page.get_by_role("button", name="Check out").click()
    await fill_card(visit.page)


async def pay_now(visit: Visit) -> None:
    await visit.page.goto(f"/books/{ESCHER}")
    await visit.page.get_by_role("button", name="Buy now").click()
    await visit.page.locator('#express[data-wallets="yes"]').wait_for()


async def pay_without_wallets(visit: Visit) -> None:
    await visit.page.route("**/elements-inner-express-checkout.js*", without_wallets)
    await pay(visit)
    await visit.page.locator('#express[data-wallets="no"]').wait_for(state="attached")


async def pay_without_scripts(visit: Visit) -> None:
    browser = visit.page.context.browser
    assert browser
    url = str(visit.shopper.http.base_url)
    plain = await browser.new_context(base_url=url, java_script_enabled=False, reduced_motion="reduce")
    visit.page = await plain.new_page()
    await cart(*BOUGHT)(visit)
    await visit.page.get_by_role("button", name="Check out").click()


async def pay_unloaded(visit: Visit) -> None:
    await visit.page.route("**/stripe.js", lambda route: route.abort())
    await cart(*BOUGHT)(visit)
    await visit.page.get_by_role("button", name="Check out").click()
    await visit.page.get_by_role("alert").get_by_text("did not load").wait_for()


async def pay_another_total(visit: Visit) -> None:
    await pay(visit)
    await visit.page.request.post("/cart/items", form={"book": "flatland"})
    await visit.page.request.post("/checkout")
    await press_pay(visit.page)
    await visit.page.get_by_role("alert").get_by_text("The total was").wait_for()


async def pay_without_email(visit: Visit) -> None:
    await pay(visit)
    await press_pay(visit.page, email="ada")
    await visit.page.get_by_role("alert").locator(".problem").wait_for()


async def pay_declined(visit: Visit) -> None:
    await pay(visit)
    await press_pay(visit.page, INSUFFICIENT)
    await visit.page.get_by_role("alert").get_by_text("insufficient").wait_for()


async def pay_bank_asks(visit: Visit) -> None:
    await pay(visit)
    await press_pay(visit.page, CHALLENGE)
    await visit.page.frame_locator('iframe[name^="__privateStripeFrame"]').last.locator("body").wait_for()


async def pay_underway(visit: Visit) -> None:
    await pay(visit)
    await visit.page.get_by_label("Email").fill("ada@example.com")
    form = await visit.page.evaluate("Object.fromEntries(new FormData(document.querySelector('#pay')))")
    await visit.page.request.post(visit.page.url, form=form, headers={"HX-Request-Type": "partial"})
    await cart("flatland")(visit)
    await visit.page.get_by_role("button", name="Check out").click()
    await visit.page.get_by_role("heading", name="A payment is under way").wait_for()


async def pay_elsewhere(visit: Visit) -> None:
    await ordered(visit)
    await visit.shopper.open_session()
    await visit.page.goto(f"{visit.shopper.order}/pay")


async def unreachable(visit: Visit) -> None:
    await cart(ESCHER)(visit)
    await visit.shopper.http.post(
        f"{visit.sandbox}/_sandbox/faults", json={"recipe": "timeout_before", "times": 9}
    )
    await visit.page.get_by_role("button", name="Check out").click()
    await visit.page.get_by_role("heading", name="does not answer").wait_for()
    await visit.shopper.http.post(f"{visit.sandbox}/_sandbox/faults", json={"heal": "yes"})


async def ordered(visit: Visit) -> None:
    await visit.shopper.check_out(*BOUGHT)


def order(card: str | None = None) -> State:
    async def state(visit: Visit) -> None:
        await ordered(visit)
        if card:
            await visit.shopper.pay(card)
        await visit.page.goto(visit.shopper.order)

    return state


async def order_ebook(visit: Visit) -> None:
    await visit.shopper.check_out(EBOOK)
    await visit.shopper.pay()
    await visit.page.goto(visit.shopper.order)


async def download(visit: Visit) -> None:
    await order_ebook(visit)
    form = visit.page.locator("form.download")
    await visit.page.goto(await form.get_attribute("action") or "")


async def order_declined(visit: Visit) -> None:
    await ordered(visit)
    await visit.shopper.press()
    with suppress(stripe.CardError):
        await visit.shopper.confirm("pm_card_visa_chargeDeclined")
    await visit.page.goto(visit.shopper.order)


async def order_authorised(visit: Visit) -> None:
    await ordered(visit)
    intents = visit.shopper.stripe.v1.payment_intents
    await intents.update_async((await visit.shopper.intent()).id, {"capture_method": "manual"})
    await visit.shopper.pay()
    await visit.page.goto(visit.shopper.order)


async def order_cancelled(visit: Visit) -> None:
    await ordered(visit)
    await visit.shopper.stripe.v1.payment_intents.cancel_async((await visit.shopper.intent()).id)
    await visit.page.goto(visit.shopper.order)


async def order_review(visit: Visit) -> None:
    await ordered(visit)
    intent = await visit.shopper.intent()
    await visit.shopper.stripe.v1.payment_intents.update_async(intent.id, {"amount": intent.amount + 100})
    await visit.shopper.confirm()
    await visit.page.goto(visit.shopper.order)


async def order_refunded(visit: Visit) -> None:
    await ordered(visit)
    intent = await visit.shopper.intent()
    await visit.shopper.pay()
    await visit.shopper.stripe.v1.refunds.create_async({"payment_intent": intent.id, "amount": 1800})
    await visit.page.goto(visit.shopper.order)
    await asyncio.sleep(1)  # a webhook brings the news
    await visit.page.reload()


async def order_printed(visit: Visit) -> None:
    await order("pm_card_visa")(visit)
    await visit.page.emulate_media(media="print")


async def letter(visit: Visit) -> None:
    await order("pm_card_visa")(visit)
    await visit.page.goto("/mailbox")
    await visit.page.locator(".letters a").first.click()
