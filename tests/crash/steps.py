"""What a shopper does whose server dies: step by step, and again where an answer was lost."""

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

import stripe
from sqlalchemy import func, select, update

from shop.db import Database, now
from shop.models import Book, Mail, Refund, RefundStatus, SignIn
from shop.sandbox.delivery import signature
from tests.crash.customer import Customer
from tests.shopper import text
from tests.test_jobs import let_pass
from tests.test_promotion_codes import make_code

DREAM, CODE, LAST = "the-dream-machine", "the-code-book", "the-last-page"
Step = Callable[[Customer], Awaitable[None]]


async def fill_the_cart(customer: Customer) -> None:
    await customer.add(DREAM)


async def fill_the_cart_with_an_e_book(customer: Customer) -> None:
    await customer.add(LAST)


async def fill_the_cart_with_another(customer: Customer) -> None:
    await customer.add("flatland")


async def make_a_code(customer: Customer) -> None:
    """On Stripe's dashboard: for one order. The one before is no more."""
    codes = customer.stripe.v1.promotion_codes
    for old in (await codes.list_async({"code": "ONCE", "active": True})).data:
        await codes.update_async(old.id, {"active": False})
    await make_code(customer.stripe, "ONCE", max_redemptions=1)


async def type_the_code(customer: Customer) -> None:
    await customer.post("/cart/discount", code="ONCE")


async def buy_now(customer: Customer) -> None:
    await customer.buy_now(DREAM)


async def check_out(customer: Customer) -> None:
    await customer.check_out()


async def open_the_pay_page(customer: Customer) -> None:
    await customer.client_secret()


async def press_pay(customer: Customer) -> None:
    cart = text(await customer.get("/cart"))
    total = 5299 if "Code Book" in cart else 600 if "Last Page" in cart else 3150 if "ONCE" in cart else 3500
    reply = await customer.press(total=total)
    assert reply.status_code == 204, text(reply)


async def confirm(customer: Customer) -> None:
    """Between the browser and Stripe."""
    await customer.stripe.v1.payment_intents.confirm_async(
        (await customer.newest_intent()).id,
        {"payment_method": "pm_card_visa", "return_url": "https://example.com/"},
    )


async def sign_in(customer: Customer) -> None:
    """Who has used a link up in vain asks for another."""
    async with customer.db.write() as session:
        await session.execute(update(SignIn).values(at=now() - timedelta(hours=2)))
    before = await letters_sent(customer)
    assert (await customer.post("/sign-in", email=customer.email)).status_code == 303
    assert (await customer.post("/-/letters")).status_code == 204
    async with asyncio.timeout(10):
        while await letters_sent(customer) == before:  # noqa: ASYNC110 (nobody tells us)
            await asyncio.sleep(0.05)
    listed = (await customer.get("/mailbox")).text
    newest = re.search(rf'"(/mailbox/[^"]+)">[^<]*</a> <span>to {customer.email}', listed)
    assert newest, listed
    link = re.search(r"(/sign-in/[\w.-]+)", (await customer.get(newest[1])).text)
    assert link, "a letter without a link"
    reply = await customer.post(link[1])
    assert reply.status_code == 303, text(reply)


async def letters_sent(customer: Customer) -> int:
    """Asked of the database, since requests are numbered."""
    mine = (Mail.recipient == customer.email, Mail.sent_at.is_not(None))
    async with customer.db.read() as session:
        return await session.scalar(select(func.count(Mail.id)).where(*mine)) or 0


async def confirm_and_save_the_card(customer: Customer) -> None:
    card = await customer.stripe.v1.payment_methods.create_async(
        {"type": "card", "card": {"token": "tok_visa"}, "allow_redisplay": "always"}
    )
    await customer.stripe.v1.payment_intents.confirm_async(
        (await customer.newest_intent()).id,
        {"payment_method": card.id, "setup_future_usage": "on_session", "return_url": "https://example.com/"},
    )


async def confirm_with_the_saved_card(customer: Customer) -> None:
    [card] = await saved_cards(customer)
    await customer.confirm(card.id)


async def save_a_card(customer: Customer) -> None:
    """As if it had been saved before."""
    [known] = (await customer.stripe.v1.customers.list_async({"email": customer.email})).data
    await customer.stripe.v1.payment_methods.attach_async("pm_card_visa", {"customer": known.id})


async def remove_the_card(customer: Customer) -> None:
    """Whoever does not see it go presses again."""
    for card in re.findall(r'action="(/account/cards/[^"]+)"', (await customer.get("/account")).text):
        assert (await customer.post(card)).status_code == 303


async def see_that_it_is_gone(customer: Customer) -> None:
    assert await saved_cards(customer) == []


async def saved_cards(customer: Customer) -> list[stripe.PaymentMethod]:
    [known] = (await customer.stripe.v1.customers.list_async({"email": customer.email})).data
    return (await customer.stripe.v1.customers.payment_methods.list_async(known.id)).data


async def choose_a_country(customer: Customer) -> None:
    assert (await customer.post("/cart/country", country="CA")).status_code == 303


async def press_pay_with_shipping_and_tax(customer: Customer) -> None:
    assert (await customer.press(total=4724)).status_code == 204


async def confirm_with_an_address(customer: Customer) -> None:
    sent = {"shipping": {"name": "Ada", "address": {"line1": "1 Rideau St", "country": "CA"}}}
    params = {"payment_method": "pm_card_visa", "return_url": "https://example.com/", **sent}
    await customer.stripe.v1.payment_intents.confirm_async((await customer.newest_intent()).id, params)


async def see_the_address(customer: Customer) -> None:
    assert "Ada, 1 Rideau St, Canada" in text(await customer.look())


async def come_back(customer: Customer) -> None:
    await customer.look()


async def hear_from_stripe(customer: Customer) -> None:
    """The webhooks, in order; Stripe comes again with what was not answered, and so may come twice."""
    order = (await customer.newest_intent()).metadata["order"]
    heard: set[str] = set()
    while news := [event for event in await events_of(customer, order) if event.id not in heard]:
        for event in news:
            customer.step, customer.requests = f"{hear_from_stripe.__name__} of {event.type}", 0
            body = json.dumps(event.to_dict()).encode()
            signed = {"Stripe-Signature": signature("whsec_sandbox", body, int(time.time()))}
            reply = await customer.http.post("/webhooks/stripe", content=body, headers=signed)
            assert reply.status_code == 204, text(reply)
            heard.add(event.id)


async def events_of(customer: Customer, order: str) -> list[stripe.Event]:
    newest = (await customer.stripe.v1.events.list_async({"limit": 20})).data
    return [event for event in reversed(newest) if order in str(event.data.object)]


async def go_to_stripes_page(customer: Customer) -> None:
    await customer.open_session()


async def pay_there(customer: Customer) -> None:
    sessions = await customer.stripe.v1.checkout.sessions.list_async({"limit": 1})
    await customer.pay_session(sessions.data[0].id)


async def pay_here_after_all(customer: Customer) -> None:
    assert (await customer.post(f"{customer.order}/intent")).status_code == 303


async def add_another_book(customer: Customer) -> None:
    await customer.add(CODE)


async def check_out_the_changed_cart(customer: Customer) -> None:
    await customer.check_out()


async def cancel(customer: Customer) -> None:
    assert (await customer.post(f"{customer.order}/cancellation")).status_code == 303


async def somebody_buys_the_last_copies(customer: Customer) -> None:
    await set_stock(customer.db, 0)


async def set_stock(db: Database, copies: int) -> None:
    async with db.write() as session:
        await session.execute(update(Book).values(stock=copies))


async def get_the_money_back(customer: Customer) -> None:
    async with asyncio.timeout(10):
        while await is_owed_a_refund(customer):  # noqa: ASYNC110 (nobody tells us)
            await asyncio.sleep(0.05)
    await hear_from_stripe(customer)


async def is_owed_a_refund(customer: Customer) -> bool:
    async with customer.db.read() as session:
        owed = select(Refund.id).where(Refund.status == RefundStatus.REQUESTED)
        return await session.scalar(owed) is not None


async def download(customer: Customer) -> None:
    """Whoever does not see the file come presses again."""
    found = re.search(r'action="(/downloads/[^"]+)"', (await customer.look()).text)
    assert found, "paid, and nothing to download"
    reply = await customer.post(found[1])
    assert (reply.status_code, reply.content[:2]) == (200, b"PK"), text(reply)


async def compare_the_downloads(customer: Customer) -> None:
    """What was counted is what was pressed: once, or twice where the first answer was lost."""
    page = text(await customer.look())
    assert "4 of 5 downloads left" in page or "3 of 5 downloads left" in page, page


async def refund_by_hand(customer: Customer) -> None:
    """On Stripe's dashboard."""
    await customer.stripe.v1.refunds.create_async(
        {"payment_intent": (await customer.newest_intent()).id, "amount": 1000}
    )


async def a_quarter_of_an_hour(customer: Customer) -> None:
    await let_pass(customer, timedelta(minutes=15))


async def an_hour(customer: Customer) -> None:
    await let_pass(customer, timedelta(hours=1))


async def recover(customer: Customer) -> None:
    await let_pass(customer, timedelta(seconds=11))
    assert (await customer.post("/-/recover")).status_code == 204


async def sweep(customer: Customer) -> None:
    await let_pass(customer, timedelta(days=2))
    assert (await customer.post("/-/sweep")).status_code == 204


async def send_letters(customer: Customer) -> None:
    """A letter that was claimed is due again after a while."""
    async with customer.db.write() as session:
        await session.execute(update(Mail).values(next_attempt_at=now()))
    assert (await customer.post("/-/letters")).status_code == 204


async def capture_later(customer: Customer) -> None:
    """As CAPTURE_METHOD=manual asks for it."""
    await customer.stripe.v1.payment_intents.update_async(
        (await customer.newest_intent()).id, {"capture_method": "manual"}
    )


async def capture(customer: Customer) -> None:
    """By the command `shop capture`; whoever does not see it end repeats it."""
    order = customer.order.removeprefix("/orders/")
    assert (await customer.post(f"/-/capture?{order}")).status_code == 204


async def refund(customer: Customer) -> None:
    """By the command `shop refund`; whoever does not see it end repeats it."""
    order = customer.order.removeprefix("/orders/")
    assert (await customer.post(f"/-/refund?{order}")).status_code == 204


async def compare_the_refund(customer: Customer) -> None:
    charge_id = str((await customer.newest_intent()).latest_charge)
    charge = await customer.stripe.v1.charges.retrieve_async(charge_id)
    assert charge.amount_refunded == 1000, f"refunded {charge.amount_refunded}"
