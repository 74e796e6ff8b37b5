"""Changing a secret: the new one stands before the old, and nobody notices."""

import time

import httpx
import pytest

from tests.conftest import ShopUnderTest
from tests.security.conftest import Reopen
from tests.shopper import Shopper, text
from tests.test_webhooks import event, signed

DATABASE = "sqlite"
DREAM = "the-dream-machine"
NEW, OLD = "a new key that signs the cookies", "signs the cookies of the tests"


async def cart_of(visitor: httpx.AsyncClient, cookie: str) -> str:
    return text(await visitor.get("/cart", headers={"Cookie": f"colophon={cookie}"}))


async def test_a_cart_outlives_the_change_of_the_key(shopper: Shopper, reopen: Reopen) -> None:
    await shopper.add(DREAM)
    visitor = await reopen(secret_key=NEW, old_secret_keys=(OLD,))
    assert "The Dream Machine" in await cart_of(visitor, shopper.http.cookies["colophon"])


async def test_a_new_cookie_is_signed_by_the_new_key(reopen: Reopen) -> None:
    visitor = await reopen(secret_key=NEW, old_secret_keys=(OLD,))
    await visitor.post("/cart/items", data={"book": DREAM})
    later = await reopen(secret_key=NEW)
    assert "The Dream Machine" in await cart_of(later, visitor.cookies["colophon"])


async def test_a_key_that_was_taken_away_opens_no_cart(shopper: Shopper, reopen: Reopen) -> None:
    await shopper.add(DREAM)
    visitor = await reopen(secret_key=NEW)
    assert "There is nothing in it yet." in await cart_of(visitor, shopper.http.cookies["colophon"])


@pytest.mark.parametrize(
    ("secret", "status"), [("whsec_new", 204), ("whsec_old", 204), ("whsec_gone", 400), ("", 400)]
)
async def test_each_webhook_secret_that_is_named_is_taken_and_no_other(
    shop: ShopUnderTest, reopen: Reopen, secret: str, status: int
) -> None:
    visitor = await reopen(stripe_webhook_secret="whsec_new", old_webhook_secrets=("whsec_old",))
    body = event("customer.created", {"id": "cus_1"})
    reply = await visitor.post(
        "/webhooks/stripe", content=body, headers={"Stripe-Signature": signed(body, secret, time.time())}
    )
    assert reply.status_code == status


async def test_without_a_webhook_secret_nothing_is_taken_not_even_what_is_signed_with_nothing(
    shop: ShopUnderTest, reopen: Reopen
) -> None:
    visitor = await reopen(stripe_webhook_secret="")
    body = event("customer.created", {"id": "cus_1"})
    headers = {"Stripe-Signature": signed(body, "", time.time())}
    assert (await visitor.post("/webhooks/stripe", content=body, headers=headers)).status_code == 400
