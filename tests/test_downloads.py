"""E-books: one copy of a file that is never sold out, fetched by links that are signed, run out and are counted."""

import asyncio
import re
from typing import Any

import httpx
import pytest
from itsdangerous import TimestampSigner, URLSafeTimedSerializer
from sqlalchemy import func, select, update

from shop.files import DEMO
from shop.mailing import send_due
from shop.models import Book, Download, Order, Payment, StockHold
from shop.refunding import Wish, refund_order
from tests.conftest import ShopUnderTest
from tests.post_office import PostOffice, by, post, text_of
from tests.security.conftest import Reopen, reopen
from tests.shopper import Shopper, text
from tests.terminal import Run, run
from tests.test_payment_races import change

__all__ = ["post", "reopen", "run"]
DREAM, LAST = "the-dream-machine", "the-last-page"
EPUB = (DEMO / "the-last-page.epub").read_bytes()
KEY = "signs the cookies of the tests"


async def buy(shopper: Shopper, *slugs: str) -> str:
    """The path of the e-book's link on the order's page."""
    await shopper.check_out(*slugs or (LAST,))
    return link_on(await shopper.pay())


def link_on(page: httpx.Response) -> str:
    found = re.search(r'action="(/downloads/[^"]+)"', page.text)
    assert found, text(page)
    return found[1]


async def used(shop: ShopUnderTest) -> int:
    async with shop.db.read() as session:
        return (await session.scalars(select(Download.used))).one()


async def refund(shop: ShopUnderTest, shopper: Shopper, wish: Wish) -> None:
    order = shopper.order.removeprefix("/orders/")
    await refund_order(shop.db, shop.app.extensions["gateway"], order, wish)


class Yesterweek(TimestampSigner):
    def get_timestamp(self) -> int:
        return super().get_timestamp() - 7 * 24 * 3600 - 1


async def signed_by(shop: ShopUnderTest, key: str = KEY, signer: type = TimestampSigner) -> str:
    """A link to the one download that there is."""
    async with shop.db.read() as session:
        public_id = (await session.scalars(select(Download.public_id))).one()
    return f"/downloads/{URLSafeTimedSerializer(key, salt='download', signer=signer).dumps(public_id)}"


async def test_the_order_page_hands_over_the_file_and_counts(shopper: Shopper, shop: ShopUnderTest) -> None:
    link = await buy(shopper, DREAM, LAST)
    assert "EPUB. 5 of 5 downloads left. This button works until" in text(await shopper.look())
    reply = await shopper.post(link)
    assert (reply.status_code, reply.content) == (200, EPUB)
    assert reply.headers["Content-Type"] == "application/epub+zip"
    assert reply.headers["Content-Disposition"] == "attachment; filename=the-last-page.epub"
    assert (reply.headers["Cache-Control"], reply.headers["X-Robots-Tag"]) == ("no-store", "noindex")
    page = text(await shopper.look())
    assert "4 of 5 downloads left" in page
    assert "Downloaded" in page  # in the history


async def test_who_only_looks_at_a_link_uses_up_nothing(shopper: Shopper, shop: ShopUnderTest) -> None:
    link = await buy(shopper)
    for method in ("HEAD", "OPTIONS", "GET", "GET"):
        await shopper.http.request(method, link)
    page = await shopper.get(link)
    assert "5 of 5 downloads left" in text(page)
    assert (page.headers["Cache-Control"], page.headers["X-Robots-Tag"]) == ("no-store", "noindex")
    assert await used(shop) == 0
    assert (await shopper.post(link_on(page))).content == EPUB


async def test_of_many_at_once_no_more_are_let_through_than_are_left(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    link = await buy(shopper)
    replies = await asyncio.gather(*(shopper.post(link) for _ in range(8)))
    assert sorted(reply.status_code for reply in replies) == [200] * 5 + [410] * 3
    assert "The Last Page has been downloaded 5 times." in text(await shopper.get(link))
    assert await used(shop) == 5
    page = await shopper.look()
    assert "downloaded 5 times, which is all there are" in text(page)
    assert "/downloads/" not in page.text


async def test_an_operator_lets_who_has_lost_the_file_fetch_it_again(
    shopper: Shopper, shop: ShopUnderTest, run: Run
) -> None:
    link = await buy(shopper)
    await change(shop, update(Download).values(used=5))
    assert (await shopper.post(link)).status_code == 410
    assert await run("downloads", shop.url + shopper.order) == (0, "The Last Page: five downloads left.\n")
    assert "5 of 10 downloads left" in text(await shopper.look())
    assert (await shopper.post(link)).content == EPUB
    assert (await run("downloads", "C-0000-0000"))[0] == 1


async def test_an_e_book_that_costs_nothing_is_fetched_too(shopper: Shopper, shop: ShopUnderTest) -> None:
    await change(shop, update(Book).where(Book.slug == LAST).values(price=0))
    await shopper.check_out(LAST)
    assert (await shopper.post(link_on(await shopper.look()))).content == EPUB


async def test_a_link_runs_out_and_the_order_page_has_a_new_one(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await buy(shopper)
    old = await signed_by(shop, signer=Yesterweek)
    for reply in (await shopper.get(old), await shopper.post(old)):
        assert reply.status_code == 410
        assert "It was good for 7 days. Your order’s page has a new one" in text(reply)
    assert await used(shop) == 0
    assert (await shopper.post(link_on(await shopper.look()))).status_code == 200


async def test_a_link_that_is_changed_by_a_letter_or_made_by_others_leads_nowhere(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    link = await buy(shopper)
    forged = [link[:n] + ("A" if link[n] != "A" else "B") + link[n + 1 :] for n in (12, len(link) // 2, -5)]
    forged += [
        await signed_by(shop, "another key"),
        f"{link}x",
        "/downloads/x",
        "/downloads/1",
        f"{link}/../1",
    ]
    for path in forged:
        assert {(await shopper.get(path)).status_code, (await shopper.post(path)).status_code} <= {404, 405}
    assert await used(shop) == 0


async def test_a_link_outlives_the_change_of_the_key(shopper: Shopper, reopen: Reopen) -> None:
    link = await buy(shopper)
    visitor = await reopen(secret_key="a new key", old_secret_keys=("one before", KEY))
    assert (await visitor.post(link)).status_code == 200
    made = link_on(await visitor.get(shopper.order))
    assert (await shopper.get(made)).status_code == 404  # it is the new key that signs
    assert (await (await reopen(secret_key="a new key")).get(link)).status_code == 404


async def test_the_letter_brings_a_link_that_waits_for_a_press(
    shopper: Shopper, shop: ShopUnderTest, post: PostOffice
) -> None:
    await buy(shopper, DREAM, LAST)
    await send_due(shop.db, by(await post.start(), shop))
    for kind in ("plain", "html"):
        said = text_of(post.letters[0], kind)
        assert "Download The Last Page (EPUB), until" in said
        found = re.search(r"https://shop\.example(/downloads/[\w.-]+)", said)
        assert found
        assert "Download The Last Page" in text(await shopper.get(found[1]))
    assert "Download The Dream Machine" not in said


@pytest.mark.parametrize("wish", [Wish(), Wish(lines={LAST: 1}), Wish(amount="41.00")])
async def test_what_has_gone_back_cannot_be_fetched(
    shopper: Shopper, shop: ShopUnderTest, wish: Wish
) -> None:
    link = await buy(shopper, DREAM, LAST)
    await refund(shop, shopper, wish)
    for reply in (await shopper.get(link), await shopper.post(link)):
        assert reply.status_code == 403
        assert "What you paid for The Last Page goes back to you" in text(reply)
    page = await shopper.look()
    assert "so it cannot be downloaded any more" in text(page)
    assert "/downloads/" not in page.text


async def answer_the_bank(shopper: Shopper, shop: ShopUnderTest, evidence: str) -> None:
    """And wait until it has decided and the shop has heard."""
    [dispute] = (await shopper.stripe.v1.disputes.list_async()).data
    sent: Any = {"evidence": {"uncategorized_text": evidence}}
    await shopper.stripe.v1.disputes.update_async(dispute.id, sent)
    await shopper.http.post(f"{shop.sandbox}/_sandbox/settle")
    decided = (await shopper.stripe.v1.disputes.retrieve_async(dispute.id)).status
    async with asyncio.timeout(10):
        while await dispute_of(shop) != decided:  # noqa: ASYNC110 (nobody tells us)
            await asyncio.sleep(0.02)


async def dispute_of(shop: ShopUnderTest) -> str | None:
    async with shop.db.read() as session:
        return (await session.scalars(select(Payment.dispute))).one()


@pytest.mark.parametrize(
    ("evidence", "status", "says"),
    [
        ("winning_evidence", 200, "5 of 5 downloads left"),
        (
            "losing_evidence",
            403,
            "Your bank has taken this payment back, so The Last Page cannot be downloaded",
        ),
    ],
)
async def test_a_dispute_stops_the_links_until_it_is_won(
    shopper: Shopper, shop: ShopUnderTest, evidence: str, status: int, says: str
) -> None:
    await shopper.check_out(LAST)
    await shopper.pay("pm_card_createDispute")
    assert "Until that is settled, The Last Page has to wait." in text(await shopper.look())
    link = await signed_by(shop)
    assert "Your bank is looking into this payment." in text(refused := await shopper.post(link))
    assert refused.status_code == 403
    await answer_the_bank(shopper, shop, evidence)
    assert says in text(await shopper.look())
    assert (await shopper.post(link)).status_code == status


async def test_a_question_of_the_bank_stops_nothing_until_it_becomes_a_dispute(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await shopper.check_out(LAST)
    link = link_on(await shopper.pay("pm_card_createDisputeInquiry"))
    assert (await shopper.post(link)).content == EPUB
    await answer_the_bank(shopper, shop, "escalate_inquiry_evidence")
    assert (await shopper.post(link)).status_code == 403


@pytest.mark.parametrize("wish", [Wish(lines={DREAM: 1}), Wish(amount="6.00")])
async def test_another_line_or_a_part_that_goes_back_stops_nothing(
    shopper: Shopper, shop: ShopUnderTest, wish: Wish
) -> None:
    link = await buy(shopper, DREAM, LAST)
    await refund(shop, shopper, wish)
    assert (await shopper.post(link)).content == EPUB


async def test_before_it_is_paid_nothing_can_be_fetched(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.check_out(LAST)
    assert "/downloads/" not in (await shopper.look()).text
    async with shop.db.write() as session:
        assert await session.scalar(select(func.count(Download.id))) == 0
        order = (await session.scalars(select(Order.id))).one()
        book = (await session.scalars(select(Book.id).where(Book.slug == LAST))).one()
        session.add(Download(order_id=order, book_id=book))  # somebody's mistake
    reply = await shopper.post(await signed_by(shop))
    assert (reply.status_code, "has not been paid" in text(reply)) == (403, True)


async def test_a_file_is_never_sold_out_and_nobody_holds_a_copy(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await change(shop, update(Book).where(Book.slug == LAST).values(stock=0))
    page = text(await shopper.get(f"/books/{LAST}"))
    assert "Sold out" not in page
    assert "A file to download after you have paid" in page
    assert "Format E-book" in page
    await buy(shopper)
    async with shop.db.read() as session:
        book = (await session.scalars(select(Book).where(Book.slug == LAST))).one()
        assert (book.stock, book.held) == (0, 0)
        assert await session.scalar(select(func.count(StockHold.id))) == 0


async def test_one_copy_of_a_file_is_enough(shopper: Shopper) -> None:
    await shopper.add(LAST)
    for reply in (await shopper.add(LAST), await shopper.post(f"/cart/items/{LAST}", quantity=2)):
        assert reply.status_code == 409
        assert "The Last Page is a file: one copy is enough for all your devices." in text(reply)
    assert 'data-most="1"' in (await shopper.get("/cart")).text


async def test_a_file_that_is_away_is_told_and_not_counted(shopper: Shopper, shop: ShopUnderTest) -> None:
    link = await buy(shopper)
    await change(shop, update(Book).where(Book.slug == LAST).values(file="0000.epub"))
    reply = await shopper.post(link)
    assert reply.status_code == 503
    assert "This download has not been counted." in text(reply)
    assert await used(shop) == 0
