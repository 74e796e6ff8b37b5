"""The pages of the shop in every state that a shopper can meet, by name: what `make screenshots` takes pictures of."""

from tools import states_of_orders as orders
from tools import states_of_people as people
from tools.visits import DREAM, EBOOK, ESCHER, LONG, MANY, State, Visit, at, cart


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


async def cart_older(visit: Visit) -> None:
    await cart(ESCHER, DREAM)(visit)
    await visit.page.request.post(f"/cart/items/{ESCHER}", form={"quantity": "2"})
    await visit.page.get_by_role("button", name="One more of Gödel").click()
    await visit.page.get_by_role("status").get_by_text("another tab").wait_for()


async def find_order_wrong(visit: Visit) -> None:
    await visit.page.goto("/find-order")
    await visit.page.get_by_label("Order code").fill("C-7K3")
    await visit.page.get_by_role("button", name="Send me the link").click()


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
    "cart-older": cart_older,
    "pay": orders.pay,
    "pay-now": orders.pay_now,
    "pay-without-wallets": orders.pay_without_wallets,
    "pay-without-scripts": orders.pay_without_scripts,
    "pay-unloaded": orders.pay_unloaded,
    "pay-another-total": orders.pay_another_total,
    "pay-without-email": orders.pay_without_email,
    "pay-declined": orders.pay_declined,
    "pay-bank-asks": orders.pay_bank_asks,
    "pay-underway": orders.pay_underway,
    "pay-elsewhere": orders.pay_elsewhere,
    "order-paid": orders.order("pm_card_visa"),
    "order-ebook": orders.order_ebook,
    "order-printed": orders.order_printed,
    "download": orders.download,
    "order-declined": orders.order_declined,
    "order-unpaid": orders.order(),
    "order-bank-waits": orders.order("pm_card_threeDSecure2Required"),
    "order-processing": orders.order("pm_usBankAccount_processing"),
    "order-authorised": orders.order_authorised,
    "order-cancelled": orders.order_cancelled,
    "order-review": orders.order_review,
    "order-refunded": orders.order_refunded,
    "find-order": at("/find-order"),
    "find-order-wrong": find_order_wrong,
    "find-order-asked": at("/find-order/asked"),
    "sign-in": at("/sign-in"),
    "sign-in-refused": people.refused,
    "sign-in-asked": people.asked,
    "sign-in-link": people.link,
    "account": people.account,
    "staff-sign-in": at("/staff"),
    "staff-refused": people.staff_refused,
    "staff-orders": people.staff("orders"),
    "staff-order": people.staff_order,
    "staff-refund": people.staff_refund,
    "staff-refund-asked": people.staff_refund_asked,
    "staff-books": people.staff("books"),
    "staff-book": people.staff(f"books/{DREAM}"),
    "staff-imports": people.staff("imports"),
    "staff-import": people.staff_import,
    "staff-webhooks": people.staff("webhooks"),
    "staff-audit": people.staff("audit"),
    "mailbox-letter": orders.letter,
    "mailbox": at("/mailbox"),
    "help": at("/help"),
    "not-found": at("/nothing/here"),
    "garbled": at("/?page=x"),
    "unreachable": orders.unreachable,
}
