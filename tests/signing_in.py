"""Signing in as a shopper does: by the letter."""

import re

import httpx
from sqlalchemy import select

from shop.mailbox import newest_letters
from shop.mailing import send_due
from shop.models import Customer
from tests.conftest import ShopUnderTest
from tests.shopper import Shopper, text

ADA = "ada@example.com"


async def mailed_link(shopper: Shopper, shop: ShopUnderTest, email: str = ADA) -> str:
    """The path of a link that the shopper has asked for."""
    reply = await shopper.post("/sign-in", email=email)
    assert (reply.status_code, reply.headers["Location"]) == (303, "/sign-in/asked"), text(reply)
    await send_due(shop.db, shop.settings)
    assert shop.settings.mailbox
    letters = [each for each in newest_letters(shop.settings.mailbox) if each.recipient == email.lower()]
    found = re.search(r"(/sign-in/[\w.-]+)", letters[0].text)
    assert found, letters[0].text
    return found[1]


async def sign_in(shopper: Shopper, shop: ShopUnderTest, email: str = ADA) -> httpx.Response:
    reply = await shopper.post(await mailed_link(shopper, shop, email))
    assert reply.status_code == 303, text(reply)
    return reply


async def customer_of(shop: ShopUnderTest, email: str = ADA) -> Customer:
    async with shop.db.read() as session:
        return (await session.scalars(select(Customer).where(Customer.email == email))).one()
