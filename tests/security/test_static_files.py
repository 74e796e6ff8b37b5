"""Path tricks on static files: nothing outside the folder is read, whatever the spelling."""

import itertools

from shop.settings import ROOT
from tests.conftest import ShopUnderTest
from tests.security.test_raw_requests import answer
from tests.shopper import Shopper

DATABASE = "sqlite"
UP = ["..", "%2e%2e", "%2e.", "%252e%252e", "..%2f..", "..%5c..", "..\\..", "....//", "..;", "../", "%uff0e"]
UP += ["%c0%ae%c0%ae"]
WANTED = ["pyproject.toml", "shop/settings.py", ".env.example", "etc/passwd", "instance/secret_key"]


async def test_a_way_up_out_of_the_folder_leads_nowhere(shop: ShopUnderTest) -> None:
    for up, wanted in itertools.product(UP, WANTED):
        for path in (f"/static/{up}/{wanted}", f"/static/css/{up}/{up}/{wanted}"):
            said = await answer(shop.url, f"GET {path} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n")
            assert said.split(b" ")[1] in (b"404", b"400"), path


SPELLINGS = [
    f"/static/{ROOT}/pyproject.toml",
    f"/static//{ROOT}/pyproject.toml",
    "/static/%2fetc%2fpasswd",
    "/static/file:///etc/passwd",
    "/static/css/base.css%00.png",
    "/static/%00",
    "/static/css",
    "/static/css/",
    "/static/",
    "/static/.",
    "/static/con",
    "/static/css/base.css::$DATA",
    "/templates/base.html",
    "/.env",
    "/.git/config",
    "/shop/settings.py",
    "/instance/secret_key",
    "/robots.txt/../.env",
]


async def test_no_other_spelling_finds_a_file_or_lists_a_folder(shopper: Shopper) -> None:
    for path in SPELLINGS:
        assert (await shopper.get(path)).status_code == 404, path


async def test_a_link_in_the_folder_is_no_way_out_unless_we_put_it_there(shopper: Shopper) -> None:
    links = [file for file in (ROOT / "static").rglob("*") if file.is_symlink()]
    assert links == []
    assert (await shopper.get("/static/css/base.css")).status_code == 200


RANGES = [
    "bytes=0-1",
    "bytes=-1",
    "bytes=9999999-",
    "bytes=" + ",".join(["0-"] * 500),
    "bytes=a-b",
    "bytes=0-0,1-1",
]


async def test_a_part_of_a_file_is_never_sent_and_breaks_nothing(shopper: Shopper) -> None:
    for path in ("/static/css/base.css", "/books/flatland/cover.svg"):
        whole = (await shopper.get(path)).content
        for part in RANGES:
            reply = await shopper.get(path, Range=part)
            assert (reply.status_code, reply.content) == (200, whole), part
