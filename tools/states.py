"""The pages of the shop in every state that a shopper can meet, by name: what `make screenshots` takes pictures of."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from playwright.async_api import Page

from tests.browsing import CHALLENGE, INSUFFICIENT, fill_card, press_pay
from tests.shopper import Shopper

DREAM, ESCHER, LONG = (
    "the-dream-machine",
    "godel-escher-bach",
    "structure-and-interpretation-of-computer-programs",
)
BOUGHT = (
    "the-art-of-doing-science-and-engineering",
    "snow-crash",
    "thinking-fast-and-slow",
)  # there are many of them
EBOOK = "the-last-page"
MANY = (LONG, ESCHER, DREAM, "working-in-public", "flatland", "an-elegant-puzzle", "high-growth-handbook")


@dataclass
class Visit:
    page: Page
    shopper: Shopper  # another visitor: buys by plain requests
    sandbox: str


State = Callable[[Visit], Awaitable[None]]


def at(path: str) -> State:
    async def state(visit: Visit) -> None:
        await visit.page.goto(path)

    return state


def cart(*slugs: str) -> State:
    async def state(visit: Visit) -> None:
        for slug in slugs:
            await visit.page.request.post("/cart/items", form={"book": slug})
        await visit.page.goto("/cart")

    return state


async def book_added(visit: Visit) -> None:
    await visit.page.goto(f"/books/{ESCHER}")
    await visit.page.get_by_role("button", name="Add to cart").click()
    await visit.page.get_by_text("in your cart.").wait_for()


async def shelf_suggestions(visit: Visit) -> None:
    await visit.page.goto("/")
    await visit.page.get_by_role("searchbox").press_sequentially("th")
    await visit.page.get_by_role("list", name="Suggestions").wait_for()


async def cart_brief(visit: Visit) -> None:
    await cart(LONG, DREAM)(visit)
    await visit.page.goto("/")
    await visit.page.get_by_role("button", name="What is in your cart").click()
    await visit.page.get_by_role("dialog").get_by_role("button", name="Check out").wait_for()


async def cart_removed(visit: Visit) -> None:
    await cart(ESCHER, DREAM, LONG)(visit)
    await visit.page.get_by_role("button", name="Remove The Dream Machine").click()
    await visit.page.get_by_text("Removed The Dream Machine.").first.wait_for()
    await visit.page.get_by_text("Latest changes").click()


async def cart_price_changed(visit: Visit) -> None:
    await visit.page.request.post("/cart/items", form={"book": DREAM, "shown": "3000"})
    await visit.page.goto("/cart")


async def cart_limit(visit: Visit) -> None:
    await cart(ESCHER, DREAM)(visit)
    await visit.page.get_by_label("Quantity of The Dream Machine").fill("99")
    await visit.page.keyboard.press("Enter")
    await visit.page.get_by_role("status").get_by_text("There are only").wait_for()


async def pay(visit: Visit) -> None:
    await cart(*BOUGHT)(visit)
    await visit.page.get_by_role("button", name="Check out").click()
    await fill_card(visit.page)


async def pay_now(visit: Visit) -> None:
    await visit.page.goto(f"/books/{ESCHER}")
    await visit.page.get_by_role("button", name="Buy now").click()
    await visit.page.locator("#express[data-ready]").wait_for()


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


async def find_order_wrong(visit: Visit) -> None:
    await visit.page.goto("/find-order")
    await visit.page.get_by_label("Order code").fill("C-7K3")
    await visit.page.get_by_role("button", name="Send me the link").click()


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


STATES: dict[str, State] = {
    "shelf": at("/"),
    "shelf-category": at("/?category=Fiction"),
    "shelf-found": at("/?q=design"),
    "shelf-nothing-found": at("/?q=Gutenberg+bible"),
    "shelf-suggestions": shelf_suggestions,
    "shelf-filtered": at("/?category=Fiction&format=paperback&price_to=20&in_stock=1"),
    "shelf-bad-price": at("/?price_from=cheap"),
    "book": at(f"/books/{ESCHER}"),
    "book-long-title": at(f"/books/{LONG}"),
    "book-sold-out": at("/books/the-pragmatic-programmer"),
    "book-ebook": at(f"/books/{EBOOK}"),
    "book-added": book_added,
    "cart-empty": at("/cart"),
    "cart-one": cart(DREAM),
    "cart-many": cart(*MANY),
    "cart-brief": cart_brief,
    "cart-removed": cart_removed,
    "cart-price-changed": cart_price_changed,
    "cart-limit": cart_limit,
    "pay": pay,
    "pay-now": pay_now,
    "pay-without-email": pay_without_email,
    "pay-declined": pay_declined,
    "pay-bank-asks": pay_bank_asks,
    "pay-underway": pay_underway,
    "pay-elsewhere": pay_elsewhere,
    "order-paid": order("pm_card_visa"),
    "order-ebook": order_ebook,
    "order-printed": order_printed,
    "order-unpaid": order(),
    "order-bank-waits": order("pm_card_threeDSecure2Required"),
    "order-processing": order("pm_usBankAccount_processing"),
    "order-authorised": order_authorised,
    "order-cancelled": order_cancelled,
    "order-review": order_review,
    "order-refunded": order_refunded,
    "find-order": at("/find-order"),
    "find-order-wrong": find_order_wrong,
    "find-order-asked": at("/find-order/asked"),
    "mailbox-letter": letter,
    "mailbox": at("/mailbox"),
    "help": at("/help"),
    "not-found": at("/nothing/here"),
    "garbled": at("/?page=x"),
    "unreachable": unreachable,
}
