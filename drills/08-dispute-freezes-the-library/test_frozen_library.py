"""While a payment is disputed, all e-books of that customer wait; staff see until when the bank takes evidence."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import stripe

from shop.mailing import send_due
from shop.moments import moment
from tests.conftest import NewShopper, ShopUnderTest
from tests.shopper import Shopper, text
from tests.test_downloads import EPUB, buy, link_on
from tests.test_payments import send_no_webhooks
from tests.test_promotion_codes import plain
from tests.test_webhooks import deliver, event

DATABASE = "sqlite"
DREAM, LAST = "the-dream-machine", "the-last-page"
OPEN = "an e-book of the same customer can still be fetched"
WAITS = "Until that is settled, The Last Page has to wait."
SHOUTED = "ADA@example.com"


class Case:
    """An e-book that was paid by ada@example.com, and another order of hers that her bank disputes."""

    def __init__(self, shopper: Shopper, shop: ShopUnderTest) -> None:
        self.shopper, self.shop = shopper, shop
        self.told = 0

    async def begin(self, card: str = "pm_card_createDispute") -> None:
        await send_no_webhooks(self.shopper)
        self.link = await buy(self.shopper, LAST)
        self.with_file = self.shopper.order
        await self.shopper.check_out(DREAM)
        assert "Thank you: your order is paid" in text(await self.shopper.pay(card, SHOUTED))
        self.disputed = self.shopper.order

    async def dispute(self) -> stripe.Dispute:
        [found] = (await self.shopper.stripe.v1.disputes.list_async()).data
        return found

    async def hear(self, kind: str) -> None:
        self.told += 1
        thing = {"id": "dp_1", "object": "dispute", "payment_intent": (await self.dispute()).payment_intent}
        reply = await deliver(self.shopper, event(f"charge.dispute.{kind}", thing, f"evt_{self.told}"))
        assert reply.status_code == 204

    async def answer(self, evidence: str) -> None:
        """The bank gets the evidence; the shop is told."""
        sent: Any = {"evidence": {"uncategorized_text": evidence}}
        await self.shopper.stripe.v1.disputes.update_async((await self.dispute()).id, sent)
        await self.hear("updated")

    async def decide(self) -> None:
        await self.shopper.http.post(f"{self.shop.sandbox}/_sandbox/settle")
        await self.hear("closed")

    async def assert_waits(self) -> None:
        assert (await self.shopper.post(self.link)).status_code == 403, OPEN
        page = await self.shopper.get(self.with_file)
        assert WAITS in text(page)
        assert "/downloads/" not in page.text


@pytest.fixture
def case(shopper: Shopper, shop: ShopUnderTest) -> Case:
    return Case(shopper, shop)


async def test_the_e_books_of_other_orders_wait_for_the_bank_and_open_when_it_is_won(case: Case) -> None:
    await case.begin()
    await case.assert_waits()
    await case.answer("winning_evidence")
    await case.assert_waits()
    await case.decide()
    assert (await case.shopper.post(case.link)).content == EPUB
    assert "4 of 5 downloads left" in text(await case.shopper.get(case.with_file))


async def test_a_lost_dispute_keeps_them_waiting_also_those_that_are_bought_later(case: Case) -> None:
    await case.begin()
    await case.answer("losing_evidence")
    await case.decide()
    await case.assert_waits()
    await case.shopper.check_out(LAST)
    page = await case.shopper.pay(email="Ada@example.com")
    assert WAITS in text(page)
    await send_due(case.shop.db, case.shop.settings)
    letters = [plain(file) for file in (case.shop.settings.instance / "mailbox").iterdir()]
    assert len(letters) == 3
    assert not [letter for letter in letters if "/downloads/" in letter]


async def test_nobody_elses_e_books_wait(case: Case, new_shopper: NewShopper) -> None:
    other = new_shopper()
    await other.check_out(LAST)
    link = link_on(await other.pay(email="grace@example.com"))
    await case.begin()
    await case.assert_waits()
    assert (await other.post(link)).content == EPUB


async def test_a_question_of_the_bank_stops_nothing_until_it_becomes_a_dispute(case: Case) -> None:
    await case.begin("pm_card_createDisputeInquiry")
    assert (await case.shopper.post(case.link)).content == EPUB
    await case.answer("escalate_inquiry_evidence")
    await case.decide()
    await case.assert_waits()


async def test_staff_see_until_when_evidence_is_taken(case: Case, staff: httpx.AsyncClient) -> None:
    await case.begin()
    due_by = (await case.dispute()).evidence_details.due_by
    assert due_by
    told = f"Evidence due by {moment(datetime.fromtimestamp(due_by, UTC))}"
    page = text(await staff.get(f"/staff{case.disputed}"))
    assert told in page, "staff do not see when evidence is due"
    assert "Evidence due by" not in text(await staff.get(f"/staff{case.with_file}"))
    await case.answer("winning_evidence")
    assert "Evidence due by" not in text(await staff.get(f"/staff{case.disputed}"))
