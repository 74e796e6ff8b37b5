"""Every statement that a shopper waits for is served by an index. They are overheard from the shop, and each database
says how it would go about them: what reads a table whole, or puts a shelf in order, fails long before anybody waits."""

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import asyncpg
from sqlalchemy import event, make_url

from shop.filters import Sort
from shop.jobs import recover
from tests.conftest import ShopUnderTest
from tests.shopper import Shopper
from tests.test_shelf_pages import stock_many

Heard = dict[str, Any]
READS = ("SELECT", "WITH", "UPDATE", "DELETE")
SHELF = "shelf_on_sale, shelf_category, shelf_title, shelf_price, shelf_newest"
SMALL = ("catalogue_changes", "duties", "refunds")  # the sweep keeps few; a row each; few are given back
SMALL_SCAN = re.compile(
    rf"SCAN ({'|'.join(SMALL)}|\w+ VIRTUAL TABLE|anon_\d+|candidates|known|have|\(.*\)|CONSTANT ROW)\b.*"
)


@contextmanager
def overheard(shop: ShopUnderTest) -> Iterator[Heard]:
    """The statements, each with what it was asked with last."""
    heard: Heard = {}

    def note(_c: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if statement.startswith(READS):
            heard[statement] = values[0] if isinstance(values, list) else values

    engine = shop.db.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    yield heard
    event.remove(engine, "before_cursor_execute", note)


async def plans(shop: ShopUnderTest, heard: Heard, without: str = "") -> list[tuple[str, Any]]:
    """As SQLite tells them: rows of id, parent, and a step; or as PostgreSQL does: a tree, without reading whole tables
    or sorting where there is a choice, and `without` indexes by which it would look at the few books of a test."""
    url = make_url(shop.settings.database_url)
    if url.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(str(url.database))) as db:
            said = {
                sql: db.execute(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()
                for sql, values in heard.items()
            }
        return [(sql, [(parent, step) for _, parent, _, step in rows]) for sql, rows in said.items()]
    db = await asyncpg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False))
    await db.execute("ANALYZE; SET enable_seqscan = off; SET enable_sort = off; BEGIN")
    if without:
        await db.execute(f"DROP INDEX {without}")  # until the connection ends
    trees = [
        (sql, await db.fetchval(f"EXPLAIN (FORMAT JSON) {sql}", *values)) for sql, values in heard.items()
    ]
    await db.close()
    return [(sql, json.loads(tree)[0]["Plan"]) for sql, tree in trees]


def whole_tables(plan: Any) -> list[str]:
    """What is read from one end to the other, but for an order of the shelf, which is left after a page."""
    if isinstance(plan, list):
        scans = [step for _, step in plan if step.startswith("SCAN")]
        return [s for s in scans if not SMALL_SCAN.fullmatch(s) and "USING INDEX shelf_" not in s]
    return [node["Relation Name"] for node in _nodes(plan) if node["Node Type"] == "Seq Scan"]


def sorted_shelves(plan: Any) -> list[Any]:
    """Where books are put in order before it is known which stand on the page."""
    if isinstance(plan, dict):
        sorts = [node for node in _nodes(plan) if node["Node Type"] == "Sort"]
        return [node for node in sorts if any(map(_is_shelf, _nodes(node, but="Limit")))]
    sorting = [parent for parent, step in plan if step == "USE TEMP B-TREE FOR ORDER BY"]
    first = {parent: step for parent, step in reversed(plan) if step.startswith(("SCAN", "SEARCH"))}
    return [first[parent] for parent in sorting if " books " in f"{first[parent]} "]


def _nodes(node: Any, but: str = "") -> Iterable[Any]:
    if node["Node Type"] != but:
        yield node
        for below in node.get("Plans", ()):
            yield from _nodes(below, but)


def _is_shelf(node: Any) -> bool:
    return str(node.get("Index Name")).startswith("shelf_")


async def test_the_shelf_is_read_in_its_order_wherever_it_begins(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await stock_many(shop)
    with overheard(shop) as heard:
        for query in (*(f"sort={sort.value}" for sort in Sort), "category=Pulp"):
            for page in (1, 2, 3):  # where the second begins is known from the first
                assert (await shopper.get(f"/?{query}&page={page}")).status_code == 200
    told = await plans(shop, heard)
    assert [whole_tables(plan) for _, plan in told] == [[]] * len(told)
    assert [sorted_shelves(plan) for _, plan in told] == [[]] * len(told)
    assert len(told) >= 2 * (len(Sort) + 1)


async def test_books_are_found_by_their_words_slugs_and_isbns(shopper: Shopper, shop: ShopUnderTest) -> None:
    await stock_many(shop)
    with overheard(shop) as heard:
        for path in ("/?q=n17", "/?q=n17&sort=price&in_stock=1", "/?q=9780201835953", "/books/flatland"):
            await shopper.get(path)
        await shopper.get("/suggestions?q=n17", **{"HX-Request-Type": "partial"})
    heard = {sql: values for sql, values in heard.items() if "GROUP BY" not in sql}
    told = await plans(shop, heard)
    assert [(sql, found) for sql, plan in told if (found := whole_tables(plan))] == []
    words = ("MATCH", "tsquery", "book_search")
    by_words = [
        str(plan)
        for sql, plan in await plans(shop, heard, without=SHELF)
        if any(word in sql for word in words)
    ]
    assert len(by_words) >= 3
    assert [plan for plan in by_words if "book_search" not in plan] == []


async def test_a_purchase_finds_everything_by_its_ids(shopper: Shopper, shop: ShopUnderTest) -> None:
    with overheard(shop) as heard:
        await shopper.add("flatland", 2)
        await shopper.get("/cart")
        await shopper.get("/cart/brief")
        await shopper.post("/cart/items/flatland", quantity=1)
        await shopper.check_out("the-dream-machine")
        await shopper.pay()
        await shopper.look()
        await recover(shop.db, shop.app.extensions["gateway"])
    told = await plans(shop, heard)
    assert [(sql, found) for sql, plan in told if (found := whole_tables(plan))] == []
    assert len(told) > 25
