"""Every word that the shop says can be translated: shown in a language that puts each sentence in brackets."""

import html
import re
from collections.abc import Iterator
from gettext import NullTranslations
from pathlib import Path

import httpx
import pytest

from shop import words
from shop.words import _, counted, number
from tests.conftest import ShopUnderTest
from tests.shopper import TAGS, Shopper
from tests.signing_in import mailed_link
from tools.messages import messages

DATABASE = "sqlite"
DREAM, EBOOK = "the-dream-machine", "the-last-page"
CATALOGUE = (Path(words.__file__).parent / "data/demo_books.csv").read_text("utf-8")
SAID = r"""(?:aria-label|placeholder|data-error)="([^"]*)\""""
# Codes, addresses, and moments by Babel.
NOBODYS = r"C-\w{4}-\w{4}|pi_\w+|[\w.]+@[\w.]+|\d+ \w+ \d{4}, \d\d:\d\d"
NAMES = {"Colophon", "PaymentIntent", "EPUB", "USD", "EB", "Garamond", "Jost"}


class Brackets(NullTranslations):
    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def gettext(self, message: str) -> str:
        self.asked.add(message)
        return f"⟦{message}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        self.asked.add(msgid1)
        return f"⟦{msgid1 if n == 1 else msgid2}⟧"


@pytest.fixture
def brackets(monkeypatch: pytest.MonkeyPatch) -> Brackets:
    made = Brackets()
    monkeypatch.setattr(words, "translations", made)
    return made


def unwrapped(page: str) -> set[str]:
    """The words outside the brackets that are neither names nor of a book."""
    shown = " ".join([TAGS.sub(" ", page), *re.findall(SAID, page)])
    shown = html.unescape(shown)
    while "⟦" in shown and shown != (less := re.sub(r"⟦[^⟦⟧]*⟧", " ", shown)):
        shown = less
    found = re.findall(r"[^\W\d_]{2,}", re.sub(NOBODYS, " ", shown))
    return set(found) - NAMES - set(re.findall(r"[^\W\d_]{2,}", CATALOGUE))


def pages_of(order: str) -> Iterator[str]:
    yield from (
        "/",
        "/?q=gutenberg+bible&format=ebook&in_stock=1",
        "/?price_from=cheap",
        "/?category=Fiction",
    )
    yield from (f"/books/{DREAM}", f"/books/{EBOOK}", "/books/the-pragmatic-programmer")
    yield from ("/help", "/find-order", "/find-order/asked", "/nothing/here", "/?page=99")
    yield from ("/sign-in", "/sign-in/asked", "/sign-in/unknown")
    yield from ("/cart", f"/cart?added={DREAM}", order, f"{order}/pay")


BACK_OFFICE = (
    "sign-in",
    "orders",
    "orders?since=x",
    "books",
    f"books/{DREAM}",
    "imports",
    "webhooks",
    "audit",
)


async def test_no_page_has_a_word_that_cannot_be_translated(
    shopper: Shopper, staff: httpx.AsyncClient, brackets: Brackets
) -> None:
    await shopper.check_out(DREAM, EBOOK)
    for path in pages_of(shopper.order):
        page = await shopper.get(path)
        assert unwrapped(page.text) == set(), path
    for path in BACK_OFFICE:
        assert unwrapped((await staff.get(f"/staff/{path}")).text) == set(), path
    for reply in (
        await shopper.post(f"/cart/items/{DREAM}", htmx=True, quantity=99),
        await shopper.post(f"/cart/items/{DREAM}", htmx=True, quantity=0),
        await shopper.post("/find-order", code="x", email=""),
        await shopper.press(email="ada"),
        await shopper.pay(),
    ):
        assert unwrapped(reply.text) == set(), reply.url
    known = messages()
    assert {asked for asked in brackets.asked if asked not in known} == set()


async def test_nor_has_one_for_who_is_signed_in(
    shopper: Shopper, shop: ShopUnderTest, brackets: Brackets
) -> None:
    order = await shopper.check_out(DREAM)
    link = await mailed_link(shopper, shop)
    pages = [await shopper.get(link)]
    await shopper.post(link)
    pages += [await shopper.get(path) for path in (link, "/account", f"{order}/pay")]
    for page in pages:
        assert unwrapped(page.text) == set(), page.url
    known = messages()
    assert {asked for asked in brackets.asked if asked not in known} == set()


def test_sentences_of_python_and_of_templates_are_collected_with_their_plurals() -> None:
    found = messages()
    for sentence in (
        "The total has changed",
        "Please try again",
        "The picture of this book is not ready yet. Try again in a moment.",
        "Thank you: your order is paid",
        "Give the %(what)s as a whole number, like 2.",
    ):
        assert sentence in found
    assert found["%(num)s book"].id == ("%(num)s book", "%(num)s books")
    assert found["Cart (%(num)s book)"].pluralizable
    assert "books@colophon.example" not in found


def test_numbers_are_written_as_people_write_them() -> None:
    assert number(1234567) == "1,234,567"
    assert counted("%(num)s book", "%(num)s books", 1000) == "1,000 books"
    assert _("100% sure") == "100% sure"
