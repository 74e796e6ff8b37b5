"""Finding books by words and ISBN, with suggestions: the same on both databases."""

import re
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, insert

from shop.models import Book, BookFormat
from tests.conftest import ShopUnderTest
from tests.shelving import search, stock, titles
from tests.shopper import Shopper, text


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("gödel", "Gödel, Escher, Bach"),
        ("GODEL Esch", "Gödel, Escher, Bach"),
        ("bach eternal hofst", "Gödel, Escher, Bach"),
        ("kernighan", "The C Programming Language"),
        ("charlie’s", "Poor Charlie's Almanack"),
        ("charlies", "Poor Charlie's Almanack"),
        ("flatland fiction", "Flatland"),
        ("feynman!", "Surely You're Joking, Mr. Feynman!"),
        ("97804650265", "Gödel, Escher, Bach"),
        ("the the the dream, machine", "The Dream Machine"),
    ],
)
async def test_words_are_found_without_accents_case_and_endings(
    shopper: Shopper, words: str, found: str
) -> None:
    assert titles(await search(shopper, words)) == [found]


async def test_words_of_any_script_are_found(shopper: Shopper, shop: ShopUnderTest) -> None:
    await stock(shop, ",戦争と平和,Лев Толстой,900,usd,1", ",Søren’s Ærø,Đặng O'Grady-Łuk,900,usd,1")
    for words in ("平和", "戦争", "толст", "ТОЛСТОЙ 戦"):
        assert titles(await search(shopper, words)) == ["戦争と平和"], words
    for words in ("soren", "sorens aero", "SØREN", "dang", "ogrady luk", "grady", "o'grady-łuk"):
        assert titles(await search(shopper, words)) == ["Søren’s Ærø"], words


@pytest.mark.parametrize(
    "typed", ["978-0-201-83595-3", "9780201835953", " 978 0 201 83595 3", "0201835959", "ISBN: 0-201-83595-9"]
)
async def test_an_isbn_leads_to_its_book(shopper: Shopper, typed: str) -> None:
    reply = await search(shopper, typed, category="Design")
    assert (reply.status_code, reply.headers["Location"]) == (303, "/books/the-mythical-man-month")


@pytest.mark.parametrize("typed", ["978-0-201-83595-4", "978-0-14-143946-4", "978020183"])
async def test_an_isbn_that_is_wrong_unknown_or_cut_off_is_searched_for(shopper: Shopper, typed: str) -> None:
    page = await search(shopper, typed)
    assert page.status_code == 200
    assert f'value="{typed}"' in page.text


STRANGE = ["%", "'; drop table books;--", "a" * 200, '"', "<script>", "NEAR(", "zz AND", "zz:*&", "📚", "\\"]
STRANGE += ["NOT zz", "search_text : zz", "!zz", "zz OR dream"]


async def test_strange_words_find_nothing_and_break_nothing(shopper: Shopper) -> None:
    for words in STRANGE:
        page = await search(shopper, words)
        assert (page.status_code, titles(page)) == (200, []), words
        assert "No book matches" in text(page)
        assert "<script>" not in page.text
    assert (await search(shopper, "a" * 201)).status_code == 422


@given(words=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30))
@settings(
    max_examples=8, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
async def test_any_text_gets_a_page_and_a_fragment(shopper: Shopper, words: str) -> None:
    assert (await search(shopper, words)).status_code in (200, 303)
    page = await shopper.get(f"/suggestions?q={quote(words)}", **{"HX-Request-Type": "partial"})
    assert page.status_code == 200


async def test_titles_that_begin_so_come_first_then_titles_then_authors(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    rows = ("Novels,Zoë Quill", "My Zoë Quilt,Ann", "Zoé Quiz,Ann", "A Zoe Quiche,Ann")
    await stock(shop, *(f",{row},900,usd,1" for row in rows))
    expected = ["Zoé Quiz", "A Zoe Quiche", "My Zoë Quilt", "Novels"]
    assert titles(await search(shopper, "zoe qui")) == expected
    assert titles(await search(shopper, "zoe qui", sort="title"))[-1] == "Zoé Quiz"


async def test_the_words_of_a_book_stand_on_its_card_as_they_are(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await stock(shop, ",100% <b> %(tag)s quilt,A & B; C%s,900,usd,1", ",Plain quilt,Ann,900,usd,1")
    page = await search(shopper, "quilt")
    assert titles(page) == ["100% <b> %(tag)s quilt", "Plain quilt"]
    assert "A & B, C%s $9.00 paperback" in text(page)
    assert len(set(re.findall(r"cover\.svg\?v=([0-9a-f]{12})", page.text))) == 2


async def test_a_book_is_found_by_its_new_title_and_not_by_the_old(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await stock(shop, "9780486272634,Spaceland,E. A. Abbott,600,usd,3")
    assert titles(await search(shopper, "spaceland")) == ["Spaceland"]
    assert titles(await search(shopper, "flatland")) == []


async def test_where_nothing_matches_there_are_ways_out(shopper: Shopper) -> None:
    page = await search(shopper, "kernigan", format="ebook", price_to="5")
    assert "No book matches “kernigan” with these filters: e-books, up to 5." in text(page)
    assert 'value="kernigan"' in page.text
    assert '<a href="/books/the-c-programming-language">The C Programming Language</a>' in page.text
    assert 'href="/?q=kernigan&amp;price_to=5">Search without “e-books”' in page.text
    assert 'aria-label="Categories"' in page.text


@pytest.mark.parametrize("typed", ["th", "the", "the c"])
async def test_at_most_six_titles_are_suggested(shopper: Shopper, typed: str) -> None:
    page = await shopper.get(f"/suggestions?q={quote(typed)}", **{"HX-Request-Type": "partial"})
    suggested = re.findall(r'<a href="/books/[^"]+">([^<]+) <span>', page.text)
    assert 1 <= len(suggested) <= 6
    assert suggested[0].lower().startswith(typed)
    assert f'<a href="/?q={typed.replace(" ", "+")}">All books for “{typed}”</a>' in page.text
    assert f"{len(suggested)} suggestion" in text(page)


@pytest.mark.parametrize("typed", ["", "t", "zzz"])
async def test_too_little_or_nothing_known_suggests_nothing(shopper: Shopper, typed: str) -> None:
    page = await shopper.get(f"/suggestions?q={typed}", **{"HX-Request-Type": "partial"})
    assert '<div id="suggestions"' in page.text
    assert "<li" not in page.text


async def test_without_htmx_the_address_of_suggestions_leads_to_the_shelf(shopper: Shopper) -> None:
    reply = await shopper.get("/suggestions?q=dream")
    assert (reply.status_code, reply.headers["Location"]) == (303, "/?q=dream")


async def test_of_very_many_a_thousand_are_ranked_by_as_many_queries(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    asked: list[str] = []
    event.listen(shop.db.engine.sync_engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    assert "1 book" in text(await search(shopper, "dream"))
    few = len(asked)
    async with shop.db.write() as session:
        await session.execute(insert(Book), [many(number) for number in range(1100)])
    asked.clear()
    page = await search(shopper, "pulp", page="42", price_from="1", in_stock="1")
    assert "1,000+ books" in text(page)
    assert re.findall(r"[?&;]page=(\d+)", page.text) == ["41", "39", "40", "41", "42"]
    assert len(asked) == few <= 6  # twice BEGIN, the revision, the count, the books, the categories


async def test_of_endlessly_many_those_whose_titles_begin_so_come_first_and_each_comes_once(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    """Whether they fill the page or not."""
    books = [many(number) for number in range(1400)]
    for number, book in enumerate(books):
        if number % 20:
            book |= {"title": f"No pulp {number}", "search_title": f"no pulp {number}"}
    async with shop.db.write() as session:
        await session.execute(insert(Book), books)
    pages = [await search(shopper, "pulp", page=str(page)) for page in range(1, 43)]
    assert all("1,000+ books" in text(page) for page in pages)
    found = [title for page in pages for title in titles(page)]
    assert (len(found), len(set(found))) == (1000, 1000)
    first = [title for title in found if title.startswith("Pulp")]
    assert (len(first), found[:70]) == (70, sorted(first))


async def test_of_endlessly_many_that_have_a_word_a_thousand_are_found_however_much_of_it_is_typed(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    """First those whose titles begin so, in their order, and none that is no longer sold."""
    books = [many(number) | {"withdrawn": number % 11 == 0} for number in range(1400)]
    async with shop.db.write() as session:
        await session.execute(insert(Book), books)
    expected = sorted(str(book["title"]) for book in books if not book["withdrawn"])[:1000]
    for words in ("p", "pul", "pulp"):
        pages = [await search(shopper, words, page=str(page)) for page in (1, 2, 41, 42)]
        assert all("1,000+ books" in text(page) for page in pages)
        found = [title for page in pages for title in titles(page) if title.startswith("Pulp")]
        assert found[:48] == expected[:48] or words == "p"
        assert len(set(found)) == len(found)
    assert found == expected[:48] + expected[960:]


def many(number: int) -> dict[str, object]:
    words = {"title": f"Pulp {number}", "search_title": f"pulp {number}", "search_text": f"pulp {number}"}
    return {
        **words, "slug": f"pulp-{number}", "authors": "Ann", "price": 500, "currency": "usd", "stock": 1,
        "format": BookFormat.PAPERBACK, "subtitle": "", "publisher": "", "category": "", "blurb": "", "held": 0,
    }  # fmt: skip
