"""What search engines and sites that show links are told, read by the parsers that such programs use."""

import asyncio
import dataclasses
import itertools
import json
import re
import struct
from collections import defaultdict
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from playwright.async_api import Page

from shop import card, sitemap
from shop.factory import create_app
from tests.conftest import ShopUnderTest
from tests.shelving import stock
from tests.shopper import Shopper

DATABASE = "sqlite"
FLATLAND = "/books/flatland"


class Head(HTMLParser):
    """Links, metadata and data blocks of a page, by their names."""

    def __init__(self, page: httpx.Response) -> None:
        super().__init__()
        self.said: defaultdict[str, list[str]] = defaultdict(list)
        self.blocks: list[Any] = []
        self._in_block = False
        self.feed(page.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if name := found.get("property") or found.get("name") if tag == "meta" else found.get("rel"):
            self.said[name].append(found.get("content") or found.get("href") or "")
        self._in_block = found.get("type") == "application/ld+json"

    def handle_endtag(self, tag: str) -> None:
        self._in_block = False

    def handle_data(self, data: str) -> None:
        if self._in_block:
            self.blocks.append(json.loads(data))

    def __getitem__(self, name: str) -> str | None:
        [value] = self.said[name] or [None]  # type: ignore[list-item]
        return value


async def head(shopper: Shopper, path: str) -> Head:
    return Head(await shopper.get(path))


def locations(reply: httpx.Response) -> list[str]:
    assert reply.headers["Content-Type"] == "application/xml; charset=utf-8"
    return [
        element.text or ""
        for element in ElementTree.fromstring(reply.content).iter()
        if "}loc" in element.tag
    ]


async def test_a_book_is_described_with_what_it_costs(shopper: Shopper, shop: ShopUnderTest) -> None:
    [block] = (await head(shopper, "/books/godel-escher-bach")).blocks
    book, way = block["@graph"]
    assert block["@context"] == "https://schema.org"
    assert (book["@type"], book["isbn"], book["name"]) == ("Book", "9780465026562", "Gödel, Escher, Bach")
    assert book["author"] == [{"@type": "Person", "name": "Douglas R. Hofstadter"}]
    assert book["publisher"]["name"] == "Basic Books"
    assert (book["bookFormat"], book["datePublished"]) == ("https://schema.org/Paperback", "1999")
    offer = book["offers"]
    assert (offer["@type"], offer["price"], offer["priceCurrency"]) == ("Offer", "26.99", "USD")
    assert offer["availability"] == "https://schema.org/InStock"
    assert offer["url"] == book["url"] == f"{shop.url}/books/godel-escher-bach"
    assert [step["item"] for step in way["itemListElement"]][-1] == book["url"]


async def test_what_is_sold_out_and_what_costs_whole_yen_is_said_so(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await stock(shop, ",Kokoro,Natsume Soseki,1200,jpy,0")
    [block] = (await head(shopper, "/books/kokoro")).blocks
    offer = block["@graph"][0]["offers"]
    assert (offer["price"], offer["priceCurrency"]) == ("1200", "JPY")
    assert offer["availability"] == "https://schema.org/SoldOut"
    assert "isbn" not in block["@graph"][0]


EVIL = "</script><script>alert(1)</script><!-- <script> & ]]>"


async def test_no_title_breaks_out_of_what_machines_read(shop: ShopUnderTest, page: Page) -> None:
    await stock(shop, f'9780465026562,"{EVIL}","{EVIL}",100,usd,1')
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    refused = (
        "addEventListener('securitypolicyviolation', e => console.error('refused ' + e.violatedDirective))"
    )
    await page.add_init_script(refused)
    await page.goto("/books/godel-escher-bach")
    block = json.loads(await page.locator("script[type='application/ld+json']").inner_text())
    assert block["@graph"][0]["name"] == EVIL
    assert (
        await page.locator("head meta[property='og:title']").get_attribute("content") == f"{EVIL} by {EVIL}"
    )
    assert await page.locator("script:not([src])").count() == 1
    assert dialogs == []


CANONICAL = [
    ("/", "/"),
    ("/?sort=price", "/"),
    ("/?utm_source=letter", "/"),
    ("/?page=2", "/?page=2"),
    ("/?page=2&sort=price", "/"),
    ("/?category=Fiction", "/?category=Fiction"),
    ("/?category=Fiction&sort=title", "/?category=Fiction"),
    (FLATLAND, FLATLAND),
    (f"{FLATLAND}?ref=1", FLATLAND),
    ("/help", "/help"),
]


async def test_each_page_names_the_address_that_it_is_known_by(shopper: Shopper, shop: ShopUnderTest) -> None:
    for path, known_by in CANONICAL:
        found = await head(shopper, path)
        assert found["canonical"] == shop.url + known_by, path
        assert found["robots"] is None
        assert 50 <= len(found["description"] or "") <= 165


async def test_searches_and_empty_shelves_stay_out_of_indexes(shopper: Shopper) -> None:
    for query in ("q=flat", "format=ebook", "in_stock=1", "price_to=10", "category=Nothing"):
        found = await head(shopper, f"/?{query}")
        assert (found["robots"], found["canonical"]) == ("noindex", None), query


async def test_personal_pages_stay_out_of_indexes(shopper: Shopper) -> None:
    order = await shopper.check_out("flatland")
    paths = ["/cart", order, f"{order}/pay", "/find-order", "/downloads/x", "/mailbox", "/orders/x"]
    for path in paths:
        reply = await shopper.get(path)
        assert reply.headers["X-Robots-Tag"] == "noindex", path
        assert Head(reply)["canonical"] is None


async def test_a_shared_link_shows_the_cover(shopper: Shopper, shop: ShopUnderTest) -> None:
    for path, title in ((FLATLAND, "Flatland by Edwin A. Abbott"), ("/", "Books worth keeping")):
        found = await head(shopper, path)
        assert found["og:title"] == title
        assert (found["og:url"], found["twitter:card"]) == (shop.url + path, "summary_large_image")
        picture = await shopper.get(found["og:image"] or "")
        assert picture.headers["Content-Type"] == found["og:image:type"] == "image/png"
        assert picture.content[:8] == b"\x89PNG\r\n\x1a\n"
        assert struct.unpack(">II", picture.content[16:24]) == (1200, 630)
        assert "immutable" in picture.headers["Cache-Control"]
        assert picture.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


async def test_cards_are_drawn_one_at_a_time_and_a_crowd_is_asked_to_come_again(
    shopper: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(card, "LONGEST_QUEUE", 1)
    replies = await asyncio.gather(*(shopper.get(f"{FLATLAND}/card.png") for _ in range(3)))
    assert sorted(reply.status_code for reply in replies) == [200, 503, 503]
    assert {reply.headers.get("Retry-After") for reply in replies} == {None, "10"}
    assert (await shopper.get(f"{FLATLAND}/card.png")).status_code == 200


async def test_the_sitemap_lists_the_shelves_and_every_book(shopper: Shopper, shop: ShopUnderTest) -> None:
    index = locations(await shopper.get("/sitemap.xml"))
    assert index == [f"{shop.url}/sitemap-shelf.xml", f"{shop.url}/sitemap-books-1.xml"]
    shelves, books = [locations(await shopper.get(part)) for part in index]
    assert f"{shop.url}/?category=Fiction" in shelves
    assert len(books) == len(set(books)) == 35
    for address in (*shelves, books[0], books[-1]):
        assert (await head(shopper, address))["canonical"] == address


async def test_a_large_catalogue_is_listed_in_parts(
    shopper: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sitemap, "PART", 10)
    monkeypatch.setattr(sitemap, "BATCH", 3)
    _, *parts = locations(await shopper.get("/sitemap.xml"))
    books = [locations(await shopper.get(part)) for part in parts]
    assert [len(part) for part in books] == [10, 10, 10, 5]
    assert len(set(itertools.chain(*books))) == 35
    assert locations(await shopper.get("/sitemap-books-42949.xml")) == []
    assert (await shopper.get("/sitemap-books-42950.xml")).status_code == 404


async def test_robots_are_shown_the_sitemap_and_kept_from_personal_pages(shopper: Shopper) -> None:
    text = (await shopper.get("/robots.txt")).text
    assert re.findall("(?m)^User-agent: (.*)$", text) == ["*"]
    assert {"/cart", "/checkout", "/orders/", "/mailbox"} <= set(re.findall("(?m)^Disallow: (.*)$", text))


async def test_behind_a_proxy_all_addresses_are_those_that_browsers_use(shop: ShopUnderTest) -> None:
    app = create_app(dataclasses.replace(shop.settings, url="https://books.example"))
    async with app.test_app(), httpx.AsyncClient(transport=httpx.ASGITransport(app), verify=False) as robot:
        robots = await robot.get("http://inside/robots.txt")
        assert "\nSitemap: https://books.example/sitemap.xml\n" in robots.text
        page = Head(await robot.get(f"http://inside{FLATLAND}"))
        assert page["canonical"] == page["og:url"] == f"https://books.example{FLATLAND}"
        shelves = locations(await robot.get("http://inside/sitemap-shelf.xml"))
        assert shelves[0] == "https://books.example/"
