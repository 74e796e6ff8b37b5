"""Purchases, step by step, by a shopper whose server dies."""

import asyncio
import json
import re
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import stripe
from sqlalchemy import func, select, update

from shop.charges import NO_CHARGES, Charges
from shop.db import Database, now
from shop.models import Book, Mail, Refund, RefundStatus, SignIn
from shop.sandbox.delivery import signature
from shop.shipping import read_rates
from shop.tax import read_tax_rates
from tests.shopper import Shopper, text
from tests.test_jobs import let_pass
from tests.test_promotion_codes import make_code

DREAM, CODE, LAST = "the-dream-machine", "the-code-book", "the-last-page"


@dataclass(frozen=True)
class KillPoint:
    step: str
    request: int  # of the step
    point: str

    def __str__(self) -> str:
        nth = f" {self.request}" if self.request > 1 else ""
        return f"{self.step.replace('_', ' ')}{nth}, {self.point}"


@dataclass
class Customer(Shopper):
    """A shopper who notes the points that each request passes, and may have the server die at one of them."""

    db: Database = field(kw_only=True)
    after: list[int] = field(kw_only=True)  # the numbers of the last cart and order of those who came before
    email: str = field(default_factory=lambda: f"{secrets.token_hex(6)}@example.com")  # of who signs in
    fatal: KillPoint | None = None
    step: str = ""
    requests: int = 0
    passed: list[KillPoint] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.http.event_hooks = {"request": [self._arm], "response": [self._note]}

    async def _arm(self, request: httpx.Request) -> None:
        self.requests += 1
        if self.fatal and (self.fatal.step, self.fatal.request) == (self.step, self.requests):
            request.headers["Die-At"] = self.fatal.point

    async def _note(self, response: httpx.Response) -> None:
        points = [point for point in response.headers.get("Passed", "").split("|") if point]
        self.passed += [KillPoint(self.step, self.requests, point) for point in points]

    async def newest_intent(self) -> stripe.PaymentIntent:
        return (await self.stripe.v1.payment_intents.list_async({"limit": 1})).data[0]


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


@dataclass(frozen=True)
class Journey:
    name: str
    steps: tuple[Step, ...]
    deadly: Step  # the server dies in the midst of it
    paid: bool = True  # how it ends
    keeps: int = 0  # books that are in the cart and not in the order
    later: bool = False  # charged when it is shipped, by a step of its own
    jobs: bool = True  # False where the deadly step is what the server would do by itself
    charges: Charges = NO_CHARGES  # beside the books
    announced: bool = True  # False: charged without a press on Pay, so that only Stripe's news can tell of it

    def __str__(self) -> str:
        return f"{self.deadly.__name__} {self.name}".replace("_", " ").strip()


ON_OUR_PAGE = (fill_the_cart, check_out, open_the_pay_page, press_pay, confirm, come_back, hear_from_stripe)
ON_STRIPES_PAGE = (fill_the_cart, check_out, go_to_stripes_page, pay_there, come_back, hear_from_stripe)
NOW = (
    *(fill_the_cart_with_another, buy_now, open_the_pay_page, press_pay),
    *(confirm, come_back, hear_from_stripe),
)
WITH_A_CODE = (
    *(fill_the_cart, make_a_code, type_the_code, check_out),
    *(press_pay, confirm, come_back, hear_from_stripe),
)
CHANGED = (
    *(fill_the_cart, check_out, add_another_book, check_out_the_changed_cart),
    *(press_pay, confirm, come_back),
)
BACK_ON_OUR_PAGE = (
    *(fill_the_cart, check_out, go_to_stripes_page, pay_here_after_all),
    *(open_the_pay_page, press_pay, confirm, come_back),
)
TOLD_FIRST = (fill_the_cart, check_out, press_pay, confirm, hear_from_stripe, come_back)
GONE = (
    *(fill_the_cart, check_out, somebody_buys_the_last_copies),
    *(confirm, hear_from_stripe, get_the_money_back),
)
PAID = (fill_the_cart, check_out, press_pay, confirm, come_back)
REFUNDED = (*PAID, refund_by_hand, hear_from_stripe, compare_the_refund)
OF_A_FILE = (
    *(fill_the_cart_with_an_e_book, check_out, press_pay, confirm, come_back),
    *(download, compare_the_downloads),
)
SENT = (
    *(fill_the_cart, choose_a_country, check_out, press_pay_with_shipping_and_tax),
    *(confirm_with_an_address, come_back, see_the_address),
)
ABROAD = Charges(read_rates("US=4.99, CA=9.99", "usd"), read_tax_rates("US=8.25, CA=5", "exclusive"))
SHIPPED = (fill_the_cart, check_out, capture_later, press_pay, confirm, come_back, capture)
SIGNED_IN = (
    *(fill_the_cart, check_out, sign_in, open_the_pay_page),
    *(press_pay, confirm_and_save_the_card, come_back),
)
WITH_A_SAVED_CARD = (
    *(sign_in, fill_the_cart, check_out, open_the_pay_page, save_a_card),
    *(press_pay, confirm_with_the_saved_card, come_back, remove_the_card, see_that_it_is_gone),
)
SIGNED_IN_ON_STRIPES_PAGE = (fill_the_cart, check_out, sign_in, go_to_stripes_page, pay_there, come_back)
LAPSED = (fill_the_cart, check_out, press_pay, a_quarter_of_an_hour, recover)
LAPSED_THERE = (fill_the_cart, check_out, go_to_stripes_page, an_hour, recover)
JOURNEYS = [
    *(
        Journey("(on our page)", ON_OUR_PAGE, deadly)
        for deadly in (check_out, open_the_pay_page, press_pay, come_back, hear_from_stripe)
    ),
    *(
        Journey("(on stripe's page)", ON_STRIPES_PAGE, deadly)
        for deadly in (go_to_stripes_page, come_back, hear_from_stripe)
    ),
    *(Journey("(now)", NOW, deadly, keeps=1) for deadly in (buy_now, press_pay, come_back)),
    *(Journey("(with a code)", WITH_A_CODE, deadly) for deadly in (press_pay, come_back)),
    Journey("(before the shopper is back)", TOLD_FIRST, hear_from_stripe),
    Journey("", CHANGED, check_out_the_changed_cart),
    Journey("", BACK_ON_OUR_PAGE, pay_here_after_all),
    Journey("", (fill_the_cart, check_out, press_pay, cancel), cancel, paid=False),
    Journey("(of a charge without a book)", GONE, hear_from_stripe, announced=False),
    Journey("(of a refund)", REFUNDED, hear_from_stripe),
    Journey("(by command)", (*PAID, refund, compare_the_refund), refund),
    *(Journey("(of what ships later)", SHIPPED, deadly, later=True) for deadly in (come_back, capture)),
    *(Journey("(that is sent abroad)", SENT, deadly, charges=ABROAD) for deadly in (check_out, come_back)),
    Journey("", SIGNED_IN, sign_in, jobs=False),
    *(Journey("(signed in)", SIGNED_IN, deadly) for deadly in (open_the_pay_page, come_back)),
    *(Journey("(with a saved card)", WITH_A_SAVED_CARD, deadly) for deadly in (press_pay, remove_the_card)),
    Journey("(signed in)", SIGNED_IN_ON_STRIPES_PAGE, go_to_stripes_page),
    Journey("(with an e-book)", OF_A_FILE, come_back),
    Journey("", OF_A_FILE, download),
    Journey("", (*PAID, send_letters), send_letters, jobs=False),
    Journey("(a payment)", (fill_the_cart, check_out, press_pay, confirm, recover), recover, jobs=False),
    Journey("(a press that lapsed)", LAPSED, recover, paid=False, jobs=False),
    Journey("(a session that lapsed)", LAPSED_THERE, recover, paid=False, jobs=False),
    Journey("(an order that nobody pays)", (fill_the_cart, check_out, sweep), sweep, paid=False, jobs=False),
]
