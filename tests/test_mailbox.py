"""The letters of a shop without a mail server, on a page that the banner links to."""

import dataclasses

from playwright.async_api import Page, expect

from shop.factory import create_app
from shop.mail_server import MailServer
from shop.mailing import send_due
from shop.settings import STRIPE_JS, Settings
from tests.browsing import axe_finds_nothing
from tests.conftest import ShopUnderTest
from tests.shopper import Shopper, text
from tests.test_mailing import DREAM, buy, let_it_be_due, mails

DATABASE = "sqlite"


async def letter_path(shop: ShopUnderTest) -> str:
    [mail] = await mails(shop)
    return f"/mailbox/{mail.message_id.strip('<>').split('@')[0]}"


async def test_the_banner_leads_to_the_receipt(page: Page, shopper: Shopper, shop: ShopUnderTest) -> None:
    await buy(shopper)
    await send_due(shop.db, shop.settings)
    await page.set_viewport_size({"width": 320, "height": 800})
    await page.goto("/")
    await page.get_by_role("link", name="Mailbox").click()
    await expect(page.get_by_role("heading", name="Mailbox")).to_be_visible()
    await axe_finds_nothing(page)
    await page.get_by_role("link", name=(subject := "Your receipt from Colophon: $35.00")).click()
    await expect(page.get_by_role("heading", name=subject)).to_be_visible()
    await axe_finds_nothing(page)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320
    await page.get_by_role("link", name="As HTML").click()
    await expect(page.get_by_role("heading", name="Thank you: your order is paid")).to_be_visible()
    await page.go_back()  # no script runs there, not even that of a test


async def test_it_is_empty_at_first(shopper: Shopper) -> None:
    assert "There is none yet" in text(await shopper.get("/mailbox"))


async def test_a_letter_that_comes_twice_is_there_once(shopper: Shopper, shop: ShopUnderTest) -> None:
    await buy(shopper)
    await send_due(shop.db, shop.settings)
    path = await letter_path(shop)
    [file] = (shop.settings.instance / "mailbox").iterdir()
    await shop_forgets(shop)
    assert await send_due(shop.db, shop.settings) == 1
    assert list(file.parent.iterdir()) == [file]
    assert "ada@example.com" in text(await shopper.get(path))


async def shop_forgets(shop: ShopUnderTest) -> None:
    """As a crash between sending and noting leaves it."""
    async with shop.db.write() as session:
        [mail] = await mails(shop)
        mail.sent_at = None
        await session.merge(mail)
    await let_it_be_due(shop)


async def test_a_folder_that_cannot_be_written_is_tried_again(shopper: Shopper, shop: ShopUnderTest) -> None:
    (shop.settings.instance / "mailbox").write_text("in the way")
    await buy(shopper)
    assert await send_due(shop.db, shop.settings) == 0
    (shop.settings.instance / "mailbox").unlink()
    await let_it_be_due(shop)
    assert await send_due(shop.db, shop.settings) == 1


async def test_there_is_no_way_out_of_the_folder(shopper: Shopper, shop: ShopUnderTest) -> None:
    await buy(shopper)
    await send_due(shop.db, shop.settings)
    (shop.settings.instance / "else.eml").write_text("Subject: not for you\n\n")
    for name in ("..%2Felse", "%2e%2e%2felse", "../else", "else", "%00", "*", "..", "else.eml"):
        for page in ("", "/html"):
            reply = await shopper.get(f"/mailbox/{name}{page}")
            assert reply.status_code < 500
            assert "not for you" not in reply.text


async def test_a_letter_runs_nothing_and_is_kept_nowhere(shopper: Shopper, shop: ShopUnderTest) -> None:
    await buy(shopper, DREAM)
    await send_due(shop.db, shop.settings)
    reply = await shopper.get(f"{await letter_path(shop)}/html")
    policy = reply.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none';")
    assert policy.endswith("sandbox")
    assert reply.headers["Cache-Control"] == "no-store"


async def test_with_real_keys_or_a_mail_server_there_is_none(shop: ShopUnderTest) -> None:
    real = dataclasses.replace(shop.settings, stripe_api_base=None, stripe_js_url=STRIPE_JS, sandbox_url=None)
    served = dataclasses.replace(shop.settings, mail_server=MailServer("127.0.0.1", 25))
    (shop.settings.instance / "mailbox").mkdir()
    (shop.settings.instance / "mailbox/letter.eml").write_bytes(b"To: ada@example.com\n\n")
    for settings in (real, served):
        for path in ("/mailbox", "/mailbox/letter", "/mailbox/letter/html"):
            assert await status_of(settings, path) == 404


async def status_of(settings: Settings, path: str) -> int:
    async with create_app(settings).test_app() as app:
        return (await app.test_client().get(path)).status_code
