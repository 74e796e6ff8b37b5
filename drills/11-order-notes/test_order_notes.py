"""A note with the order: kept, sent to Stripe, found by staff."""

import re
from typing import Any

import httpx

from tests.shopper import Shopper, text

DATABASE = "sqlite"
DREAM, CODE = "the-dream-machine", "the-code-book"
NOTE = "Please leave it with the neighbour at No. 7"


async def check_out(shopper: Shopper, note: str) -> httpx.Response:
    reply = await shopper.post("/checkout", note=note)
    if reply.status_code == 303:
        shopper.order = reply.headers["Location"].removesuffix("/pay")
    return reply


def said(thing: Any) -> str | None:
    """The note that Stripe keeps with an intent or a session."""
    return getattr(thing.metadata, "note", None)


async def test_the_cart_asks_for_a_note_and_stripe_gets_it_with_the_intent(shopper: Shopper) -> None:
    await shopper.add(DREAM)
    form = re.search(r'<form[^>]*action="/checkout".*?</form>', (await shopper.get("/cart")).text, re.S)
    assert form, "the cart has no form for checking out"
    assert re.search(r'<textarea[^>]*\bname="note"', form[0]), "the cart asks for no note"
    await check_out(shopper, f"  {NOTE}\r\n")
    assert said(await shopper.intent()) == NOTE, "the intent has no note"


async def test_a_note_that_is_changed_or_taken_back_changes_at_stripe(shopper: Shopper) -> None:
    await shopper.add(DREAM)
    notes, ids = [], set()
    for note in (NOTE, "Ring twice", ""):
        await check_out(shopper, note)
        intent = await shopper.intent()
        notes.append(said(intent))
        ids.add(intent.id)
    assert notes == [NOTE, "Ring twice", None], "the intent does not follow the note"
    assert len(ids) == 1


async def test_on_stripes_page_it_is_with_the_session_and_its_intent(shopper: Shopper) -> None:
    await shopper.add(DREAM)
    await check_out(shopper, NOTE)
    session_id = await shopper.open_session()
    await shopper.pay_session(session_id)
    expand: Any = {"expand": ["payment_intent"]}
    session = await shopper.stripe.v1.checkout.sessions.retrieve_async(session_id, expand)
    notes = [said(session), said(session.payment_intent)]
    assert notes == [NOTE, NOTE], "Stripe's page does not know the note"


async def test_staff_read_it_and_find_the_order_by_a_part_of_it(
    shopper: Shopper, staff: httpx.AsyncClient
) -> None:
    await shopper.add(DREAM)
    await check_out(shopper, NOTE)
    await shopper.pay()
    assert NOTE in text(await staff.get(f"/staff{shopper.order}")), "the order's page at /staff has no note"
    for part, found in (("NEIGHBOUR at no.", True), ("neighbour%7", False), ("ring twice", False)):
        page = await staff.get("/staff/orders", params={"q": part})
        assert (shopper.order in page.text) is found, f"{part} finds {'nothing' if found else 'it'}"


async def test_a_note_that_is_too_long_is_refused_and_not_lost(shopper: Shopper) -> None:
    await shopper.add(DREAM)
    long = "Dear packer, " * 39
    reply = await check_out(shopper, long)
    assert (reply.status_code, "at most 500 characters" in text(reply)) == (422, True), "it is not refused"
    assert long.strip() in reply.text
    assert not (await shopper.stripe.v1.payment_intents.list_async()).data


async def test_it_waits_in_the_cart_until_it_is_paid_and_is_for_one_order_only(shopper: Shopper) -> None:
    await shopper.add(DREAM)
    await check_out(shopper, NOTE)
    await shopper.add(CODE)
    assert NOTE in (await shopper.get("/cart")).text, "the cart has forgotten the note"
    await shopper.check_out()
    assert said(await shopper.intent()) == NOTE
    await shopper.pay()
    await shopper.add(CODE)
    assert NOTE not in (await shopper.get("/cart")).text, "the next order has the note of the last"
