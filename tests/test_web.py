"""What every answer has in common: headers, errors, and who may send a form."""

import re

import jinja2
import pytest

from shop.settings import ROOT
from tests.conftest import ShopUnderTest
from tests.shopper import Shopper, text

DATABASE = "sqlite"

DREAM = "the-dream-machine"


async def test_pages_may_load_from_the_shop_and_the_sandbox_only(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    policy = (await shopper.get("/")).headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    hosts = set(re.findall(r"https?://[^\s;]+", policy))
    assert hosts == {shop.sandbox}


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
    ],
)
async def test_a_form_of_another_site_is_refused(shopper: Shopper, headers: dict[str, str]) -> None:
    reply = await shopper.http.post("/cart/items", data={"book": DREAM}, headers=headers)
    assert reply.status_code == 403
    assert "This form was sent from another site." in text(reply)


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}])
async def test_a_form_of_our_own_is_taken(
    shopper: Shopper, shop: ShopUnderTest, headers: dict[str, str]
) -> None:
    for given in (headers, {"Origin": shop.url}):
        reply = await shopper.http.post("/cart/items", data={"book": DREAM}, headers=given)
        assert reply.status_code == 303


async def test_an_unknown_path_has_a_page_of_the_shop(shopper: Shopper) -> None:
    page = await shopper.get("/nothing/here")
    assert page.status_code == 404
    assert "Look at the books" in text(page)


async def test_a_wrong_method_says_which_is_right(shopper: Shopper) -> None:
    reply = await shopper.get("/checkout")
    assert reply.status_code == 405
    assert "POST" in reply.headers["Allow"]
    assert "Look at the books" in text(reply)


async def test_an_oversized_body_is_refused(shopper: Shopper) -> None:
    reply = await shopper.post("/cart/items", book=DREAM, note="x" * 300_000)
    assert reply.status_code == 413
    assert "larger than this shop accepts" in text(reply)


async def test_garbage_as_a_form_breaks_nothing(shopper: Shopper) -> None:
    for kind in (
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "text/plain",
    ):
        reply = await shopper.http.post(
            "/cart/items", content=b"\xff\x00--x\r\n=&=%zz", headers={"Content-Type": kind}
        )
        assert 400 <= reply.status_code < 500


async def test_htmx_is_told_in_place(shopper: Shopper) -> None:
    reply = await shopper.post("/cart/items", htmx=True, book="no-such-book")
    assert reply.status_code == 404
    assert "<html" not in reply.text
    assert reply.headers["HX-Retarget"] == "#message"


async def test_static_files_are_cached_for_ever_under_their_own_tag_only(shopper: Shopper) -> None:
    page = await shopper.get("/")
    [tagged] = re.findall(r'rel="stylesheet" href="(/static/shop.css\?v=\w+)"', page.text)
    assert "immutable" in (await shopper.get(tagged)).headers["Cache-Control"]
    for other in ("/static/shop.css", "/static/shop.css?v=0", "/static/css/base.css"):
        assert (await shopper.get(other)).headers["Cache-Control"] == "no-cache"
    assert (await shopper.get("/static/../shop/settings.py")).status_code == 404
    assert (await shopper.get("/static/%2e%2e/pyproject.toml")).status_code == 404


async def test_the_one_stylesheet_is_asked_for_again_only_when_it_has_changed(shopper: Shopper) -> None:
    sheet = await shopper.get("/static/shop.css")
    assert sheet.headers["Content-Type"].startswith("text/css")
    assert sheet.text.startswith("@layer tokens, base, components, print;")
    again = await shopper.get("/static/shop.css", **{"If-None-Match": sheet.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_the_stylesheet_names_its_fonts_by_their_content(shopper: Shopper) -> None:
    fonts = re.findall(r"url\((fonts/\w[^)]+)\)", (await shopper.get("/static/shop.css")).text)
    assert len(fonts) == 8
    for font in fonts:
        reply = await shopper.get(f"/static/{font}")
        assert (reply.status_code, reply.content[:4]) == (200, b"wOF2"), font
        assert "immutable" in reply.headers["Cache-Control"], font
    [preloaded] = re.findall(r'rel="preload" href="/static/([^"]+)"', (await shopper.get("/")).text)
    assert preloaded in fonts


async def test_static_files_carry_no_cookie(shopper: Shopper) -> None:
    await shopper.add(DREAM)
    for path in ("/static/css/base.css", "/books/flatland/cover.svg", "/", "/cart"):
        assert "Set-Cookie" not in (await shopper.get(path)).headers


async def test_an_address_that_is_too_long_is_not_found(shopper: Shopper) -> None:
    for path in ("/static/", "/books/", "/orders/"):
        assert (await shopper.get(path + "a" * 5000)).status_code == 404


def test_templates_use_nothing_that_the_content_security_policy_forbids() -> None:
    for file in (ROOT / "templates").rglob("*.html"):
        source = file.read_text()
        assert not re.search(
            r"<style|\sstyle=|\son\w+=|hx-on|javascript:|js:|hx-trigger=\"[^\"]*\[", source
        ), file
        for script in re.findall(r"<script[^>]*>", source):
            assert "src=" in script or "ld+json" in script, file  # which is no program


async def test_every_template_compiles(shop: ShopUnderTest) -> None:
    environment: jinja2.Environment = shop.app.jinja_env
    names = environment.list_templates()
    assert len(names) > 20
    for name in names:
        environment.get_template(name)


def test_templates_include_others_by_name() -> None:
    """And so are compiled as one."""
    for file in (ROOT / "templates").rglob("*.html"):
        included = re.findall(r"{%-? include (.+?) -?%}", file.read_text())
        assert [name for name in included if not re.fullmatch(r'"[\w/]+\.html"', name)] == [], file
