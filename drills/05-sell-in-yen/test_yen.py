"""Books that are priced in yen: sent for yen, in a shop whose shipping costs dollars."""

from collections.abc import AsyncIterator

import httpx
import pytest_asyncio
from sqlalchemy import update

from shop.checks import ConfigurationError
from shop.factory import create_app
from shop.models import Book
from shop.settings import Settings
from tests.conftest import STAFF_PASSWORD, STAFF_PASSWORD_HASH, Serve, ShopUnderTest
from tests.shopper import Shopper, text

DATABASE = "sqlite"
DREAM, CODE, EBOOK = "the-dream-machine", "the-code-book", "the-last-page"  # ¥2,400, ¥8,000, ¥600
CODERS = "coders-at-work"  # $29.99
RATES = {
    "SHIPPING_RATES": "US=4.99, CA=9.99",
    "SHIPPING_FREE_FROM": "70.00",
    "SHIPPING_RATES_YEN": "JP=500, US=1500, *=2800",
    "SHIPPING_FREE_FROM_YEN": "10000",
}
UNSENT = "a book in yen is not sent for yen"


@pytest_asyncio.fixture
async def reader(
    shop: ShopUnderTest, shopper: Shopper, serve: Serve, database_url: str
) -> AsyncIterator[Shopper]:
    """A shopper in a shop that is configured by its environment, with three books in yen."""
    env = {
        "DATABASE_URL": database_url,
        "INSTANCE_PATH": str(shop.settings.instance),
        "JOBS": "0",
        "STAFF_PASSWORD_HASH": STAFF_PASSWORD_HASH,
        "STRIPE_API_BASE": shop.sandbox,
    }
    url = await serve(create_app(Settings.from_env(env | RATES)))
    async with shop.db.write() as session:
        for slug, price in ((DREAM, 2400), (CODE, 8000), (EBOOK, 600)):
            yen = {"price": price, "currency": "jpy"}
            await session.execute(update(Book).where(Book.slug == slug).values(**yen))
    async with httpx.AsyncClient(base_url=url, timeout=20) as http:
        yield Shopper(http, shopper.stripe)


async def test_the_yen_on_the_cart_are_the_yen_at_stripe(reader: Shopper) -> None:
    await reader.add(DREAM)
    page = text(await reader.get("/cart"))
    assert "Shipping to Japan ¥500 Tax included Total ¥2,900" in page, UNSENT
    await reader.post("/cart/country", country="DE")
    await reader.check_out()
    for path in ("/cart", f"{reader.order}/pay"):
        assert "Shipping to Germany ¥2,800 Tax included Total ¥5,200" in text(await reader.get(path))
    intent = await reader.intent()
    assert (intent.amount, intent.currency) == (5200, "jpy")
    assert "Charged ¥5,200" in text(await reader.pay())


async def test_each_currency_is_free_from_its_own_amount_and_dollars_stay_as_they_are(
    reader: Shopper,
) -> None:
    for slug in (DREAM, CODE):
        await reader.add(slug)
    page = text(await reader.get("/cart"))
    assert "Shipping to Japan free Tax included Total ¥10,400" in page, UNSENT
    for slug in (DREAM, CODE):
        await reader.post(f"/cart/items/{slug}", quantity=0)
    await reader.add(CODERS)
    assert "Shipping to United States $4.99 Tax included Total $34.98" in text(await reader.get("/cart"))
    await reader.add(CODERS, 2)
    assert "Shipping to United States free" in text(await reader.get("/cart"))
    told = text(await reader.get("/help"))
    for rate in (
        "United States $4.99",
        "From $70.00",
        "Japan ¥500",
        "Everywhere else ¥2,800",
        "From ¥10,000",
    ):
        assert rate in told


async def test_stripes_page_charges_the_same_yen(reader: Shopper) -> None:
    await reader.add(DREAM)
    assert "Shipping to Japan ¥500" in text(await reader.get("/cart")), UNSENT
    await reader.check_out()
    session_id = await reader.open_session()
    session = await reader.stripe.v1.checkout.sessions.retrieve_async(session_id)
    assert (session.amount_total, session.currency) == (2900, "jpy")
    assert session.shipping_cost
    assert session.shipping_cost.amount_total == 500
    assert session.shipping_address_collection
    assert session.shipping_address_collection.allowed_countries == ["JP"]


async def test_what_is_bought_now_asks_where_it_goes(reader: Shopper) -> None:
    assert (await reader.post(f"/books/{DREAM}/checkout")).status_code == 303, UNSENT
    await reader.buy_now(DREAM)
    page = await reader.get(f"{reader.order}/pay")
    assert "Shipping to Japan ¥500" in text(page)
    assert '<option value="JP"' in page.text
    await reader.post(f"/books/{DREAM}/checkout", country="US")
    assert "Shipping to United States ¥1,500 Tax included Total ¥3,900" in text(
        await reader.get(f"{reader.order}/pay")
    )


def test_yen_have_no_decimals_in_the_configuration() -> None:
    for setting, value in (("SHIPPING_RATES_YEN", "JP=4.99"), ("SHIPPING_FREE_FROM_YEN", "99.50")):
        said = complaint({**RATES, setting: value})
        assert f"{value.removeprefix('JP=')} is not an amount in JPY" in said, "rates in yen are not read"
        assert "SHIPPING_RATES_YEN" in said


def complaint(env: dict[str, str]) -> str:
    try:
        Settings.from_env({"SECRET_KEY": "x", **env})
    except ConfigurationError as error:
        return str(error)
    return ""


async def test_a_refund_in_yen_is_asked_for_in_yen(reader: Shopper) -> None:
    await reader.check_out(EBOOK)
    await reader.pay()
    await reader.http.post("/staff/sign-in", data={"password": STAFF_PASSWORD})
    page = f"/staff{reader.order}/refunds/new"
    assert "Like 500." in text(await reader.get(page)), "the form for refunds shows yen with decimals"
    assert "write it like 500." in text(await reader.get(f"{page}?what=amount&amount=5.00"))
    assert "¥500" in text(await reader.get(f"{page}?what=amount&amount=500"))
