"""Cards that Stripe keeps for who is signed in: saved while paying, shown to nobody else, removed at once."""

import asyncio
import re
from typing import Any

import httpx
import stripe
from sqlalchemy import select, update

from shop.models import Customer, Payment
from tests.conftest import NewShopper, ShopUnderTest
from tests.shopper import CHALLENGE, VISA, Shopper, text
from tests.signing_in import ADA, customer_of, sign_in
from tests.test_payment_races import change
from tests.test_payments import fail_next

DREAM, CODE = "the-dream-machine", "the-code-book"


async def cards_secret(shopper: Shopper) -> str | None:
    """By which the pay page's form may show cards; None where it may not."""
    page = await shopper.get(f"{shopper.order}/pay")
    found = re.search(r'data-cards="([^"]+)"', page.text)
    return found[1] if found else None


async def shown_cards(shopper: Shopper, sandbox: str) -> list[dict[str, Any]]:
    """What the form on the pay page shows, by the secret that the page has."""
    params = {"key": "pk_test_sandbox", "client_secret": await cards_secret(shopper)}
    async with httpx.AsyncClient() as browser:
        reply = await browser.get(f"{sandbox}/v1/customer_sessions/payment_methods", params=params)
    assert reply.status_code == 200, reply.text
    cards: list[dict[str, Any]] = reply.json()["data"]
    return cards


async def save(shopper: Shopper, card: str = VISA) -> stripe.PaymentIntent:
    """Pay as the form does where its box is ticked."""
    await shopper.check_out(DREAM)
    assert (await shopper.press()).status_code == 204
    method = await shopper.stripe.v1.payment_methods.create_async(
        {"type": "card", "card": {"token": card.replace("pm_card", "tok")}, "allow_redisplay": "always"}
    )
    saving: Any = {"payment_method": method.id, "setup_future_usage": "on_session"}
    back = {"return_url": "https://example.com/"}
    intent = await shopper.stripe.v1.payment_intents.confirm_async(shopper.intent_id, {**saving, **back})
    await shopper.look()
    return intent


async def kept(shopper: Shopper, shop: ShopUnderTest) -> list[str]:
    """The ids of the cards at Stripe."""
    stripe_id = (await customer_of(shop)).stripe_id
    assert stripe_id
    return [
        card.id for card in (await shopper.stripe.v1.customers.payment_methods.list_async(stripe_id)).data
    ]


async def customers(shopper: Shopper) -> list[stripe.Customer]:
    return (await shopper.stripe.v1.customers.list_async()).data


async def test_a_card_that_was_saved_pays_the_next_time(shopper: Shopper, shop: ShopUnderTest) -> None:
    await sign_in(shopper, shop)
    await save(shopper)
    await shopper.check_out(CODE)
    [card] = await shown_cards(shopper, shop.sandbox)
    assert card["card"]["last4"] == "4242"
    assert "Thank you" in text(await shopper.pay(card["id"]))
    assert len(await customers(shopper)) == 1


async def test_nothing_changes_for_a_guest_but_a_link(shopper: Shopper) -> None:
    await shopper.check_out(DREAM)
    page = await shopper.get(f"{shopper.order}/pay")
    assert "Sign in to pay with a saved card, or to save this one." in text(page)
    await shopper.pay()
    assert (await shopper.intent_now()).customer is None
    assert await customers(shopper) == []


async def test_nothing_is_saved_unless_the_box_is_ticked(shopper: Shopper, shop: ShopUnderTest) -> None:
    await sign_in(shopper, shop)
    await shopper.check_out(DREAM)
    await shopper.pay()
    assert (await shopper.intent_now()).setup_future_usage is None
    assert await kept(shopper, shop) == []


async def test_who_signs_in_while_paying_goes_on_with_the_same_intent(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await shopper.check_out(DREAM)
    before = (await shopper.intent()).id
    await sign_in(shopper, shop)
    assert await shown_cards(shopper, shop.sandbox) == []
    intent = await shopper.intent()
    assert (intent.id, intent.customer) == (before, (await customer_of(shop)).stripe_id)


async def test_a_changed_cart_keeps_the_intents_customer(shopper: Shopper, shop: ShopUnderTest) -> None:
    await sign_in(shopper, shop)
    await shopper.check_out(DREAM)
    assert await cards_secret(shopper)
    await shopper.check_out(CODE)
    intent = await shopper.intent()
    assert (intent.amount, intent.customer) == (5299, (await customer_of(shop)).stripe_id)


async def test_to_type_an_address_shows_nobodys_cards(
    shopper: Shopper, shop: ShopUnderTest, new_shopper: NewShopper
) -> None:
    await sign_in(shopper, shop)
    await save(shopper)
    other = new_shopper()
    await other.check_out(DREAM)
    await other.press(ADA)
    assert await cards_secret(other) is None
    assert (await other.intent()).customer is None


async def test_the_link_to_an_order_shows_no_cards_to_who_has_only_that(
    shopper: Shopper, shop: ShopUnderTest, new_shopper: NewShopper
) -> None:
    await sign_in(shopper, shop)
    await save(shopper)
    order = await shopper.check_out(CODE)
    assert await cards_secret(shopper)
    guest, eve = new_shopper(), new_shopper()
    guest.order = eve.order = order
    assert await cards_secret(guest) is None
    await sign_in(eve, shop, "eve@example.com")
    assert await cards_secret(eve) is None
    assert "your saved cards cannot be used for this order" in text(await eve.get(f"{order}/pay"))
    assert "Thank you" in text(await guest.pay())


async def test_after_another_has_signed_in_here_the_first_ones_cards_are_not_shown(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await sign_in(shopper, shop)
    await save(shopper)
    await shopper.check_out(CODE)
    assert await cards_secret(shopper)
    await sign_in(shopper, shop, "eve@example.com")
    assert await cards_secret(shopper) is None
    await shopper.post("/account/sign-out")
    assert await cards_secret(shopper) is None


async def test_two_tabs_make_one_customer(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.check_out(DREAM)
    await sign_in(shopper, shop)
    assert all(await asyncio.gather(*(cards_secret(shopper) for _ in range(4))))
    assert len(await customers(shopper)) == 1


async def test_a_lost_answer_makes_no_second_customer(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.check_out(DREAM)
    await sign_in(shopper, shop)
    await fail_next(shopper, shop, path="/v1/customers", status=500, after_effect=True, times=3)
    assert await cards_secret(shopper) is None  # and pays without
    assert await cards_secret(shopper)
    assert len(await customers(shopper)) == 1


async def test_when_stripe_has_forgotten_the_key_it_is_looked_for(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await shopper.check_out(DREAM)
    await sign_in(shopper, shop)
    assert await cards_secret(shopper)
    [known] = await customers(shopper)
    await change(shop, update(Customer).values(stripe_id=None, attempt_failed=True))
    assert await cards_secret(shopper)
    assert ((await customer_of(shop)).stripe_id, len(await customers(shopper))) == (known.id, 1)


async def test_while_stripe_makes_no_customer_everybody_can_pay(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await sign_in(shopper, shop)
    await shopper.check_out(DREAM)
    await fail_next(shopper, shop, path="/v1/customers", status=500, times=3)
    assert "Thank you" in text(await shopper.pay())


async def test_a_customer_that_was_deleted_at_stripe_is_made_again(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await sign_in(shopper, shop)
    await save(shopper)
    await shopper.stripe.v1.customers.delete_async(str((await customer_of(shop)).stripe_id))
    await shopper.check_out(CODE)
    assert (await session_of(shopper)).customer is None  # this once without
    await shopper.post(f"{shopper.order}/intent")
    assert await cards_secret(shopper)
    assert await kept(shopper, shop) == []


async def test_a_saved_card_of_which_the_bank_asks_pays_after_its_challenge(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await sign_in(shopper, shop)
    await shopper.check_out(DREAM)
    await shopper.press()
    stripe_id = str((await customer_of(shop)).stripe_id)
    card = await shopper.stripe.v1.payment_methods.attach_async(CHALLENGE, {"customer": stripe_id})
    asked: Any = {"payment_method": card.id, "use_stripe_sdk": True}
    intent = await shopper.stripe.v1.payment_intents.confirm_async(shopper.intent_id, asked)
    assert intent.status == "requires_action"
    answer = {"source": intent.next_action.use_stripe_sdk["source"], "client_secret": intent.client_secret}
    await shopper.stripe.raw_request_async("post", "/v1/3ds2/authenticate", outcome="complete", **answer)
    assert "Thank you" in text(await shopper.look())


async def test_the_account_lists_the_cards_and_a_removed_one_is_gone(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await sign_in(shopper, shop)
    await save(shopper)
    page = await shopper.get("/account")
    assert re.search(r"Visa ending in 4242, valid until \d\d/\d{4} Remove", text(page))
    [card] = await kept(shopper, shop)
    for status in (303, 404):
        assert (await shopper.post(f"/account/cards/{card}/removal")).status_code == status
    assert "You have saved no card." in text(await shopper.get("/account"))
    await shopper.check_out(CODE)
    assert await shown_cards(shopper, shop.sandbox) == []


async def test_nobody_removes_a_card_of_somebody_else(
    shopper: Shopper, shop: ShopUnderTest, new_shopper: NewShopper
) -> None:
    await sign_in(shopper, shop)
    await save(shopper)
    [card] = await kept(shopper, shop)
    guest, eve = new_shopper(), new_shopper()
    assert (await guest.post(f"/account/cards/{card}/removal")).headers["Location"] == "/account"
    for _ in range(2):  # the second time Stripe knows her
        await sign_in(eve, shop, "eve@example.com")
        assert (await eve.post(f"/account/cards/{card}/removal")).status_code == 404
        await eve.check_out(DREAM)
        assert await cards_secret(eve)
    assert await kept(shopper, shop) == [card]


async def test_the_payment_remembers_whose_cards_may_pay(shopper: Shopper, shop: ShopUnderTest) -> None:
    await sign_in(shopper, shop)
    await save(shopper)
    async with shop.db.read() as session:
        assert await session.scalar(select(Payment.customer)) == (await customer_of(shop)).stripe_id


async def session_of(shopper: Shopper) -> stripe.checkout.Session:
    return await shopper.stripe.v1.checkout.sessions.retrieve_async(await shopper.open_session())


async def test_on_stripes_page_a_saved_card_pays_too_and_another_can_be_saved(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await sign_in(shopper, shop)
    await save(shopper)
    await shopper.check_out(CODE)
    session = await session_of(shopper)
    assert (session.customer, session.customer_email) == ((await customer_of(shop)).stripe_id, None)
    assert session.saved_payment_method_options.payment_method_save == "enabled"
    [card] = await kept(shopper, shop)
    await shopper.pay_session(session.id, card)
    assert "Thank you" in text(await shopper.look())


async def test_nobody_is_led_to_a_page_of_stripe_that_shows_anothers_cards(
    shopper: Shopper, shop: ShopUnderTest, new_shopper: NewShopper
) -> None:
    await sign_in(shopper, shop)
    await shopper.check_out(DREAM)
    hers = await session_of(shopper)
    assert (await session_of(shopper)).id == hers.id
    guest, eve = new_shopper(), new_shopper()
    guest.order = eve.order = shopper.order
    await sign_in(eve, shop, "eve@example.com")
    for other in (guest, eve, guest, shopper):
        before, session = hers, await session_of(other)
        assert (await other.stripe.v1.checkout.sessions.retrieve_async(before.id)).status == "expired"
        theirs = (
            None
            if other is guest
            else await customer_of(shop, ADA if other is shopper else "eve@example.com")
        )
        assert session.customer == (theirs and theirs.stripe_id)
        hers = session


async def test_the_form_of_a_customer_that_was_deleted_at_stripe_pays_without_cards(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await sign_in(shopper, shop)
    await save(shopper)
    await shopper.stripe.v1.customers.delete_async(str((await customer_of(shop)).stripe_id))
    assert "You have saved no card." in text(await shopper.get("/account"))
    await shopper.check_out(CODE)
    assert "Thank you" in text(await shopper.pay())


async def test_a_removal_that_failed_can_be_pressed_again(shopper: Shopper, shop: ShopUnderTest) -> None:
    await sign_in(shopper, shop)
    await save(shopper)
    [card] = await kept(shopper, shop)
    await fail_next(shopper, shop, path="/v1/payment_methods", status=500, times=3)
    for status in (502, 303):
        assert (await shopper.post(f"/account/cards/{card}/removal")).status_code == status
    assert await kept(shopper, shop) == []


async def test_while_nobody_knows_whether_the_customer_is_there_everybody_can_pay(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await sign_in(shopper, shop)
    await change(shop, update(Customer).values(stripe_id="cus_of_another_account"))
    await shopper.check_out(DREAM)
    await fail_next(shopper, shop, path="/v1/customers", status=500, times=3)
    assert await cards_secret(shopper) is None
    assert "Thank you" in text(await shopper.pay())
