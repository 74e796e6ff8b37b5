"""What browsers are told: the same on every answer, and of Stripe's hosts no more than a page needs."""

import re
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, expect

from shop.factory import create_app
from shop.settings import Settings
from tests.browsing import VISA, check_out_from_the_shelf, press_pay, sees_heading
from tests.conftest import ShopUnderTest
from tests.security.conftest import Reopen
from tests.shopper import Shopper

DATABASE = "sqlite"
DREAM = "the-dream-machine"
REAL = {
    "STRIPE_SECRET_KEY": "sk_test_1",
    "STRIPE_PUBLISHABLE_KEY": "pk_test_1",
    "SECRET_KEY": "s" * 32,
    "STRIPE_API_BASE": "",
}
EVERYWHERE = [
    "/",
    "/help",
    "/cart",
    "/books/flatland",
    "/books/flatland/cover.svg",
    "/books/nowhere",
    "/orders/x",
    "/orders/x/pay",
    "/orders/x/status",
    "/downloads/x",
    "/find-order",
    "/find-order/asked",
    "/account",
    "/sign-in",
    "/sign-in/x",
    "/staff",
    "/staff/sign-in",
    "/staff/orders/x",
    "/robots.txt",
    "/sitemap.xml",
    "/nothing/here",
    "/?page=x",
    "/checkout",
    "/static/css/base.css",
    "/static/nothing.css",
    "/static/../shop/settings.py",
]


def sources(reply: httpx.Response) -> dict[str, set[str]]:
    """What the policy allows, by directive."""
    policy = reply.headers["Content-Security-Policy"]
    return {name: set(rest) for name, *rest in (part.split() for part in policy.split(";"))}


async def test_every_answer_has_the_headers_that_scanners_ask_for(shopper: Shopper) -> None:
    for path in EVERYWHERE:
        headers = (await shopper.get(path)).headers
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["X-Frame-Options"] == "DENY", path
        assert headers["Referrer-Policy"] == "same-origin", path
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin", path
        assert headers["Cross-Origin-Opener-Policy"].startswith("same-origin"), path
        assert "camera=()" in headers["Permissions-Policy"], path


async def test_no_cache_in_between_keeps_what_shows_a_visitors_cart(shopper: Shopper) -> None:
    await shopper.add("flatland")
    for path in ("/", "/books/flatland", "/help", "/nothing/here", "/?page=99"):
        headers = (await shopper.get(path)).headers
        assert headers["Cache-Control"] == "private, no-cache", path
        assert "Cookie" in headers["Vary"], path


async def test_no_policy_has_a_loophole(shopper: Shopper) -> None:
    for path in EVERYWHERE:
        allowed = sources(await shopper.get(path))
        assert not {"*", "https:", "http:", "blob:"} & set.union(*allowed.values()), path
        assert "unsafe" not in repr(allowed), path
        for name in ("default-src", "base-uri", "object-src", "frame-ancestors"):
            assert allowed[name] == {"'none'"}, path
        for name in ("script-src", "style-src", "connect-src", "form-action"):
            assert "'self'" in allowed[name], path


async def test_a_crash_and_a_refusal_have_the_headers_too(shopper: Shopper, shop: ShopUnderTest) -> None:
    refused = await shopper.http.post("/cart/items", headers={"Sec-Fetch-Site": "cross-site"})
    shop.app.jinja_env.globals.pop("hyphens")  # a template that uses it breaks
    crashed = await shopper.get("/books/flatland")
    assert (refused.status_code, crashed.status_code) == (403, 500)
    for reply in (refused, crashed):
        assert sources(reply)["default-src"] == {"'none'"}
        assert reply.headers["X-Content-Type-Options"] == "nosniff"


async def real_shop(tmp_path: Path, database_url: str, path: str, **env: str) -> httpx.Response:
    """The answer of a shop with real keys, which never gets to ask Stripe here."""
    env = {**REAL, "INSTANCE_PATH": str(tmp_path), "DATABASE_URL": database_url, **env}
    app = create_app(Settings.from_env(env))
    async with app.test_app(), httpx.AsyncClient(transport=httpx.ASGITransport(app), verify=False) as visitor:
        return await visitor.get(f"http://shop.example{path}")


async def test_with_real_keys_the_pay_page_may_use_what_stripe_documents(
    tmp_path: Path, database_url: str
) -> None:
    allowed = sources(await real_shop(tmp_path, database_url, "/orders/x/pay"))
    scripts = {"https://js.stripe.com", "https://*.js.stripe.com"}
    assert allowed["script-src"] == {"'self'", *scripts}
    link = {"https://link.com", "https://*.link.com"}
    assert allowed["frame-src"] == {*scripts, "https://hooks.stripe.com", *link}
    assert allowed["connect-src"] == {"'self'", "https://api.stripe.com", *link}
    assert allowed["form-action"] == {"'self'", "https://checkout.stripe.com"}


@pytest.mark.parametrize("train", ["https://js.stripe.com/v3", "https://js.stripe.com/acacia/stripe.js"])
async def test_with_another_train_of_stripe_js_the_policy_is_the_same(
    tmp_path: Path, database_url: str, train: str
) -> None:
    allowed = sources(await real_shop(tmp_path, database_url, "/orders/x/pay", STRIPE_JS_URL=train))
    assert "https://api.stripe.com" in allowed["connect-src"]


@pytest.mark.parametrize("path", ["/", "/help", "/books/flatland", "/nothing", "/static/css/base.css"])
async def test_pages_that_take_no_payment_name_none_of_stripes_hosts(
    tmp_path: Path, database_url: str, path: str
) -> None:
    page = await real_shop(tmp_path, database_url, path)
    headers = page.headers
    assert not re.search("stripe|sandbox", f"{headers} {page.text}".lower())
    assert "payment=()" in headers["Permissions-Policy"]
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/cart", "/orders/x"])
async def test_cart_and_order_may_lead_to_stripes_page_and_load_nothing_from_it(
    tmp_path: Path, database_url: str, path: str
) -> None:
    allowed = sources(await real_shop(tmp_path, database_url, path))
    assert {name for name, hosts in allowed.items() if "stripe" in repr(hosts)} == {"form-action"}


async def test_where_buy_now_leads_to_stripes_page_a_books_page_may_lead_there(
    tmp_path: Path, database_url: str
) -> None:
    page = await real_shop(tmp_path, database_url, "/books/flatland", CHECKOUT_UI_MODE="hosted_page")
    assert sources(page)["form-action"] == {"'self'", "https://checkout.stripe.com"}


async def test_the_pay_page_lets_stripes_frames_ask_the_browser_to_pay(
    tmp_path: Path, database_url: str
) -> None:
    headers = (await real_shop(tmp_path, database_url, "/orders/x/pay")).headers
    assert 'payment=(self "https://js.stripe.com" "https://*.js.stripe.com")' in headers["Permissions-Policy"]
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin-allow-popups"


async def test_https_is_insisted_on_over_https_only(shopper: Shopper, reopen: Reopen) -> None:
    assert "Strict-Transport-Security" not in (await shopper.get("/")).headers
    https = {"X-Forwarded-Proto": "https"}  # as a proxy on this machine says it
    assert "Strict-Transport-Security" not in (await shopper.get("/", **https)).headers  # anybody can say so
    proxied = await reopen(trusted_proxies=1)
    assert (await proxied.get("/", headers=https)).headers["Strict-Transport-Security"] == "max-age=31536000"
    behind_a_proxy = await reopen(url="https://books.example")
    assert "Strict-Transport-Security" in (await behind_a_proxy.get("/static/css/base.css")).headers


async def test_personal_pages_are_neither_kept_nor_indexed(shopper: Shopper) -> None:
    order = await shopper.check_out(DREAM)
    for path in ("/cart", order, f"{order}/pay", f"{order}/status", f"{order}/", "/orders/x"):
        headers = (await shopper.get(path)).headers
        assert headers["Cache-Control"] == "no-store", path
        assert headers["X-Robots-Tag"] == "noindex", path


async def test_the_whole_purchase_keeps_to_the_policy_in_a_browser(
    browser: Browser, shop: ShopUnderTest
) -> None:
    page = await browser.new_page(base_url=shop.url)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    await page.add_init_script(
        "addEventListener('securitypolicyviolation', e => console.log('refused: ' + e.violatedDirective))"
    )
    await check_out_from_the_shelf(page, "The Dream Machine")
    await press_pay(page, VISA)
    await sees_heading(page, "Thank you: your order is paid")
    assert not [line for line in said if re.search("refused|Policy|Unrecognized", line)]
    await page.close()


async def test_a_form_may_lead_to_stripes_page_and_back_in_a_browser(
    browser: Browser, shop: ShopUnderTest
) -> None:
    page = await browser.new_page(base_url=shop.url)
    await check_out_from_the_shelf(page, "The Dream Machine")
    await page.get_by_role("button", name="Pay on Stripe").click()
    await expect(page).to_have_url(re.compile(re.escape(shop.sandbox)))
    await page.close()
