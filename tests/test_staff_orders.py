"""The back office's orders: found by whatever is known of them, and told whole."""

import dataclasses
import re

import httpx
import pytest
from sqlalchemy import update

from shop.db import now
from shop.factory import create_app
from shop.mailing import send_due
from shop.models import Order
from tests.conftest import ShopUnderTest
from tests.post_office import PostOffice, by, post
from tests.shopper import Shopper, text
from tests.test_payment_races import change
from tests.test_payments import send_no_webhooks

__all__ = ["post"]
DREAM, CODE = "the-dream-machine", "the-code-book"


async def bought(shopper: Shopper, *slugs: str, email: str = "ada@example.com") -> str:
    """The address of the paid order in the back office."""
    await send_no_webhooks(shopper)
    order = await shopper.check_out(*slugs or (DREAM,))
    assert "Thank you" in text(await shopper.pay(email=email))
    return f"/staff{order}"


async def test_an_order_is_found_by_code_email_stripes_id_title_and_isbn(
    shopper: Shopper, staff: httpx.AsyncClient
) -> None:
    order = await bought(shopper, email="Ada.Lovelace@example.com")
    page = text(await staff.get(order))
    code = re.findall(r"C-\w{4}-\w{4}", page)[0]
    charge = re.findall(r"ch_\w+", page)[0]
    for wanted in (code.lower(), code[2:], "lovelace@", shopper.intent_id, charge, "dream mach", order):
        assert order in (await staff.get("/staff/orders", params={"q": wanted})).text, wanted
    for other in ("C-0000-0000", "bob@", "pi_1", "%", "Ada_Lovelace", "9780262035613"):
        assert order not in (await staff.get("/staff/orders", params={"q": other})).text, other


async def test_orders_are_filtered_by_status_and_by_day(shopper: Shopper, staff: httpx.AsyncClient) -> None:
    order, today = await bought(shopper), now().date().isoformat()
    for fits in ({"status": "paid"}, {"since": today}, {"until": today}, {"since": today, "status": "paid"}):
        assert order in (await staff.get("/staff/orders", params=fits)).text, fits
    for other in ({"status": "canceled"}, {"since": "2199-01-01"}, {"until": "2020-01-01"}):
        assert "There is no such order." in text(await staff.get("/staff/orders", params=other)), other
    for wrong in ("tomorrow", "2026-13-01", "9999-12-31", "2026-11-22T00:00"):
        page = await staff.get("/staff/orders", params={"until": wrong})
        assert (page.status_code, "is no date" in text(page)) == (422, True), wrong


async def test_older_orders_are_on_the_next_page(
    shopper: Shopper, staff: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shop.staff.orders.PAGE_SIZE", 2)
    orders = [await bought(shopper) for _ in range(3)]
    first = (await staff.get("/staff/orders?status=paid")).text
    assert [order in first for order in orders] == [False, True, True]
    [older] = re.findall(r'href="(/staff/orders\?[^"]*before=[^"]*)"', first)
    second = (await staff.get(older.replace("&amp;", "&"))).text
    assert [order in second for order in orders] == [True, False, False]
    assert "Older orders" not in second


async def test_an_orders_page_tells_all_of_it_and_leads_to_stripes_things(
    shopper: Shopper, shop: ShopUnderTest, staff: httpx.AsyncClient
) -> None:
    page = await staff.get(await bought(shopper, DREAM, CODE))
    said = text(page)
    for told in ("Total $52.99", "Left to refund $52.99", "card visa 4242", "Revision 1", "Pay pressed"):
        assert told in said, told
    assert "1 × The Dream Machine: taken from the stock" in said
    assert "receipt to ada@example.com: owed since" in said
    assert f'href="{shop.sandbox}/_sandbox/workbench/{shopper.intent_id}"' in page.text


async def test_a_receipt_is_sent_a_second_time_and_pressed_twice_once(
    shopper: Shopper, shop: ShopUnderTest, staff: httpx.AsyncClient, post: PostOffice
) -> None:
    settings = by(await post.start(), shop)
    order = await bought(shopper)
    assert await send_due(shop.db, settings) == 1
    [number] = re.findall(r'name="number" value="(\d)"', (await staff.get(order)).text)
    for _ in range(2):
        assert (await staff.post(f"{order}/receipts", data={"number": number})).status_code == 303
    assert await send_due(shop.db, settings) == 1
    first, second = post.letters
    assert first["Subject"] == second["Subject"]
    assert first["Message-ID"] != second["Message-ID"]
    assert "receipt 2 to ada@example.com: sent on" in text(await staff.get(order))
    assert (await staff.post(f"{order}/receipts", data={"number": "9"})).status_code == 409


async def test_no_receipt_is_sent_for_what_is_not_paid(shopper: Shopper, staff: httpx.AsyncClient) -> None:
    order = await shopper.check_out(DREAM)
    assert (await staff.post(f"/staff{order}/receipts", data={"number": "1"})).status_code == 409
    assert "Send a receipt" not in text(await staff.get(f"/staff{order}"))


@pytest.mark.parametrize(("key", "mode"), [("sk_test_1", "/test"), ("sk_live_1", "")])
async def test_with_real_keys_stripes_things_are_in_the_dashboard(
    key: str, mode: str, shop: ShopUnderTest
) -> None:
    real = dataclasses.replace(shop.settings, stripe_secret_key=key, sandbox_url=None)
    at_stripe = create_app(real).jinja_env.globals["at_stripe"]
    assert at_stripe("pi_1") == f"https://dashboard.stripe.com{mode}/payments/pi_1"
    assert at_stripe("re_1") == f"https://dashboard.stripe.com{mode}/search?query=re_1"


async def test_an_unpaid_and_a_parked_order_have_their_page(
    shopper: Shopper, shop: ShopUnderTest, staff: httpx.AsyncClient
) -> None:
    order = await shopper.check_out(DREAM)
    assert "Status not paid" in text(await staff.get(f"/staff{order}"))
    await change(shop, update(Order).values(status="review", email=None))
    assert "Status to be looked at" in text(await staff.get(f"/staff{order}"))
    assert (await staff.get("/staff/orders/nowhere")).status_code == 404
