"""The states of whoever signs in: shoppers at their account, and staff at the back office."""

from urllib.parse import urlsplit

from tests.conftest import STAFF_PASSWORD
from tools.states_of_orders import order
from tools.visits import State, Visit

EMAIL = "ada@example.com"


async def asked(visit: Visit) -> None:
    await send(visit, "/sign-in", "Your email", EMAIL, "Email me a link")
    await visit.page.get_by_role("heading", name="Check your email").wait_for()


async def refused(visit: Visit) -> None:
    await send(visit, "/sign-in", "Your email", "ada", "Email me a link")
    await visit.page.get_by_role("alert").wait_for()


async def send(visit: Visit, path: str, field: str, typed: str, button: str) -> None:
    """A form of one field."""
    await visit.page.goto(path)
    await visit.page.get_by_label(field).fill(typed)
    await visit.page.get_by_role("button", name=button).click()


async def link(visit: Visit) -> None:
    await asked(visit)
    letter = visit.page.get_by_role("link", name="Sign in to Colophon").first
    await visit.page.goto("/mailbox")
    while not await letter.count():
        await visit.page.reload()
    await letter.click()
    href = await visit.page.get_by_role("link", name="/sign-in/").get_attribute("href")
    await visit.page.goto(urlsplit(href or "").path)


async def account(visit: Visit) -> None:
    await link(visit)
    await visit.page.get_by_role("button", name="Sign in").click()
    await visit.page.get_by_role("heading", name="Saved cards").wait_for()


def staff(path: str) -> State:
    async def state(visit: Visit) -> None:
        await send(visit, "/staff", "Password", STAFF_PASSWORD, "Sign in")
        await visit.page.get_by_role("heading", name="Orders").wait_for()
        await visit.page.goto(f"/staff/{path}")

    return state


async def staff_refused(visit: Visit) -> None:
    await send(visit, "/staff", "Password", "open sesame", "Sign in")
    await visit.page.get_by_role("alert").wait_for()


async def staff_order(visit: Visit) -> None:
    await order("pm_card_visa")(visit)
    await staff(visit.shopper.order.lstrip("/"))(visit)


async def staff_refund(visit: Visit) -> None:
    await staff_order(visit)
    await visit.page.get_by_role("link", name="Refund", exact=True).click()


async def staff_refund_asked(visit: Visit) -> None:
    await staff_refund(visit)
    await visit.page.get_by_role("spinbutton").first.fill("1")
    await visit.page.keyboard.press("Enter")
    await visit.page.get_by_role("heading", name="Refund $").wait_for()


async def staff_import(visit: Visit) -> None:
    await staff("imports")(visit)
    rows = "title,authors,price_cents,currency,stock\nA New Book,Ada,1250,usd,3\nAnother,Bob,much,usd,1\n"
    file = {"name": "autumn.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    await visit.page.get_by_label("File").set_input_files(file)
    await visit.page.get_by_role("button", name="Try it out").click()
    await visit.page.get_by_role("heading", level=1).get_by_text("dry run").wait_for()
