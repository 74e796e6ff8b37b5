"""Refunds from the back office: chosen, looked over, and made once."""

import asyncio
import html
import re
from typing import Any

import httpx

from tests.conftest import ShopUnderTest
from tests.refunding import CODE, DREAM, Paid, bought
from tests.shopper import Shopper, text
from tests.test_payments import fail_next
from tests.test_promotion_codes import make_code, with_code
from tests.test_stock import stock_and_held

NOTHING = {"what": "lines", "line": [DREAM, CODE], "copies": ["0", "0"]}
ONE_COPY = {"what": "lines", "line": [DREAM, CODE], "copies": ["1", "0"]}


WRONG: list[tuple[dict[str, Any], str]] = [
    (NOTHING, "Say what is to be refunded"),
    ({"what": "everything"}, "Say what is to be refunded"),
    ({**NOTHING, "copies": ["2", "0"]}, "1 of 1 are left to refund"),
    ({**NOTHING, "copies": ["x", "0"]}, "as a whole number"),
    ({"what": "amount", "amount": "5,00"}, "is not an amount in USD"),
    ({"what": "amount", "amount": "53"}, "is more than the $52.99"),
    ({"what": "whole", "reason": "x" * 201}, "at most 200 letters"),
]


async def look_over(staff: httpx.AsyncClient, paid: Paid, **choice: Any) -> dict[str, list[str]]:
    """The hidden fields of the page that asks whether to go on."""
    page = await staff.get(f"/staff/orders/{paid.order}/refunds/new", params=choice)
    assert page.status_code == 200, text(page)
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text):
        fields.setdefault(name, []).append(html.unescape(value))
    return fields


async def send(staff: httpx.AsyncClient, paid: Paid, fields: dict[str, Any]) -> httpx.Response:
    return await staff.post(f"/staff/orders/{paid.order}/refunds", data=fields)


async def test_a_copy_is_refunded_and_goes_back_on_the_shelf(
    shopper: Shopper, shop: ShopUnderTest, staff: httpx.AsyncClient
) -> None:
    paid = await bought(shopper, shop)
    before = await stock_and_held(shop, DREAM)
    fields = await look_over(staff, paid, **ONE_COPY, restock="1", reason="came <back>")
    reply = await send(staff, paid, fields)
    assert (reply.status_code, reply.headers["Location"]) == (303, f"/staff/orders/{paid.order}#refunds")
    assert (await paid.rows(), await paid.amount_refunded()) == ([(3500, "succeeded")], 3500)
    assert (await stock_and_held(shop, DREAM))[0] == before[0] + 1
    page = text(await staff.get(f"/staff/orders/{paid.order}"))
    for told in ("Left to refund $17.99", "1 × The Dream Machine (came <back>) Back on the shelf.", "re_"):
        assert told in page, told


async def test_each_book_tells_what_was_paid_for_the_copies_that_are_left(
    shopper: Shopper, staff: httpx.AsyncClient
) -> None:
    await make_code(shopper.stripe)  # ten percent
    await with_code(shopper, DREAM, DREAM)
    await shopper.check_out()
    await shopper.pay()
    form = text(await staff.get(f"/staff{shopper.order}/refunds/new"))
    assert "of The Dream Machine (2 of 2 left, $63.00 in all)" in form


async def test_however_often_the_button_is_pressed_there_is_one_refund(
    shopper: Shopper, shop: ShopUnderTest, staff: httpx.AsyncClient
) -> None:
    paid = await bought(shopper, shop)
    fields = await look_over(staff, paid, what="amount", amount="5.00")
    replies = await asyncio.gather(*(send(staff, paid, fields) for _ in range(3)))
    assert [reply.status_code for reply in replies] == [303, 303, 303]
    assert await paid.rows() == [(500, "succeeded")]
    again = await look_over(staff, paid, what="amount", amount="5.00")  # another page is another wish
    assert (await send(staff, paid, again)).status_code == 303
    assert (await paid.rows(), await paid.amount_refunded()) == ([(500, "succeeded")] * 2, 1000)


async def test_a_page_that_was_made_before_another_refund_refunds_nothing(
    shopper: Shopper, shop: ShopUnderTest, staff: httpx.AsyncClient
) -> None:
    paid = await bought(shopper, shop)
    stale = await look_over(staff, paid, what="whole")
    await paid.in_dashboard(1000)
    reply = await send(staff, paid, stale)
    assert (reply.status_code, "Something else was refunded" in text(reply)) == (409, True)
    assert await paid.rows() == [(1000, "succeeded")]
    assert (await send(staff, paid, await look_over(staff, paid, what="whole"))).status_code == 303
    assert await paid.amount_refunded() == 5299
    page = await staff.get(f"/staff/orders/{paid.order}/refunds/new")
    assert "There is nothing left to refund." in text(page)


async def test_a_choice_that_cannot_be_is_told_on_the_form(
    shopper: Shopper, shop: ShopUnderTest, staff: httpx.AsyncClient
) -> None:
    paid = await bought(shopper, shop)
    for choice, why in WRONG:
        page = await staff.get(f"/staff/orders/{paid.order}/refunds/new", params=choice)
        assert (page.status_code >= 400, why in text(page)) == (True, True), choice
        reply = await send(staff, paid, {**choice, "refund": "A" * 22, "left": "5299"})
        assert (reply.status_code >= 400, why in text(reply)) == (True, True), choice
    assert await paid.rows() == []


async def test_a_forged_form_refunds_nothing(
    shopper: Shopper, shop: ShopUnderTest, staff: httpx.AsyncClient
) -> None:
    paid = await bought(shopper, shop)
    for forged in ({"refund": "1"}, {"refund": "x" * 23}, {"left": "1"}, {"left": ""}, {"left": "x"}):
        fields = await look_over(staff, paid, what="whole")
        reply = await send(staff, paid, fields | {name: [value] for name, value in forged.items()})
        assert reply.status_code in (409, 422), forged
    assert await paid.rows() == []


async def test_where_stripe_does_not_answer_it_is_written_down_and_made_later(
    shopper: Shopper, shop: ShopUnderTest, staff: httpx.AsyncClient
) -> None:
    paid = await bought(shopper, shop)
    fields = await look_over(staff, paid, what="whole")
    await fail_next(shopper, shop, method="POST", path="/v1/refunds", times=3, drop=True)
    assert (await send(staff, paid, fields)).status_code == 303
    assert await paid.rows() == [(5299, "requested")]
    assert "not yet" in text(await staff.get(f"/staff/orders/{paid.order}"))
    assert (await send(staff, paid, fields)).status_code == 303
    assert await paid.rows() == [(5299, "succeeded")]
