"""One cart on several pages: an older page is told, and overwrites nothing."""

import asyncio
import re

import pytest

from tests.shopper import Shopper, text
from tests.test_undo import CODE, DREAM, FLATLAND, lines

DATABASE = "sqlite"
TOLD = "Your cart was changed in another tab, so this was not done."


async def open_tab(shopper: Shopper) -> str:
    """What the forms of a freshly opened cart page send along."""
    found = re.search(r'name="seen" value="([^"]+)"', (await shopper.get("/cart")).text)
    assert found
    return found[1]


@pytest.mark.parametrize("htmx", [False, True])
async def test_an_older_page_is_told_and_overwrites_nothing(shopper: Shopper, htmx: bool) -> None:
    await shopper.add(DREAM, 2)
    older, newer = await open_tab(shopper), await open_tab(shopper)
    await shopper.post(f"/cart/items/{DREAM}", quantity=5, seen=newer)
    reply = await shopper.post(f"/cart/items/{DREAM}", htmx=htmx, quantity=3, seen=older)
    assert reply.status_code == 409
    assert TOLD in text(reply)
    assert 'name="quantity" value="5"' in reply.text
    assert await lines(shopper) == [(DREAM, 5)]


async def test_the_page_that_was_told_goes_on_with_the_cart_that_it_was_shown(shopper: Shopper) -> None:
    await shopper.add(DREAM)
    older = await open_tab(shopper)
    await shopper.add(DREAM)
    told = await shopper.post(f"/cart/items/{DREAM}", htmx=True, quantity=0, seen=older)
    found = re.search(r'name="seen" value="([^"]+)"', told.text)
    assert found
    assert found[1].partition(".")[2] == older.partition(".")[2]
    assert (await shopper.post(f"/cart/items/{DREAM}", quantity=0, seen=found[1])).status_code == 303


async def test_another_line_of_an_older_page_can_be_changed(shopper: Shopper) -> None:
    await shopper.add(DREAM)
    older = await open_tab(shopper)
    await shopper.add(CODE)
    reply = await shopper.post(f"/cart/items/{DREAM}", htmx=True, quantity=2, seen=older)
    assert reply.status_code == 200
    assert "The Code Book" in text(reply)


@pytest.mark.both_databases
async def test_changes_that_one_page_sends_at_once_all_count(shopper: Shopper) -> None:
    for slug in (DREAM, CODE, FLATLAND):
        await shopper.add(slug)
    page = await open_tab(shopper)
    posts = [shopper.post(f"/cart/items/{slug}", quantity=4, seen=page) for slug in (DREAM, CODE, FLATLAND)]
    assert {reply.status_code for reply in await asyncio.gather(*posts)} == {303}
    assert (await shopper.post(f"/cart/items/{DREAM}", quantity=5, seen=page)).status_code == 303
    assert await lines(shopper) == [(DREAM, 5), (CODE, 4), (FLATLAND, 4)]


async def test_a_page_from_before_a_purchase_is_told(shopper: Shopper) -> None:
    await shopper.check_out(DREAM)
    await shopper.add(DREAM, 3)  # while the first is being paid
    older = await open_tab(shopper)
    await shopper.pay()
    assert await lines(shopper) == [(DREAM, 3)]
    assert TOLD in text(await shopper.post(f"/cart/items/{DREAM}", quantity=5, seen=older))


async def test_a_page_that_is_older_than_what_is_remembered_is_told(shopper: Shopper) -> None:
    await shopper.add(DREAM)
    older = await open_tab(shopper)
    await shopper.add(FLATLAND)
    for quantity in range(2, 13):
        await shopper.post(f"/cart/items/{FLATLAND}", quantity=quantity)
    assert TOLD in text(await shopper.post(f"/cart/items/{DREAM}", quantity=2, seen=older))


@pytest.mark.parametrize("seen", ["", "x", "7.page", "-1.page", "1", "1.", "1." + "a" * 33])
async def test_a_page_that_is_none_of_ours_is_told(shopper: Shopper, seen: str) -> None:
    await shopper.add(DREAM)
    assert TOLD in text(await shopper.post(f"/cart/items/{DREAM}", quantity=2, seen=seen))


async def test_undo_of_an_older_page_is_told(shopper: Shopper) -> None:
    await shopper.add(DREAM, 2)
    older = await open_tab(shopper)
    await shopper.post(f"/cart/items/{DREAM}", quantity=7, seen=await open_tab(shopper))
    reply = await shopper.post("/cart/undo", change=1, seen=older)
    assert TOLD in text(reply)
    assert await lines(shopper) == [(DREAM, 7)]


async def test_a_cart_whose_cookie_is_gone_is_told_in_its_place(shopper: Shopper) -> None:
    await shopper.add(DREAM)
    page = await open_tab(shopper)
    shopper.http.cookies.clear()
    reply = await shopper.post(f"/cart/items/{DREAM}", htmx=True, quantity=2, seen=page)
    assert reply.status_code == 409
    assert "The Dream Machine is not in your cart any more." in text(reply)
    assert "<html" not in reply.text
