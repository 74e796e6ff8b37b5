"""A page deep in a shelf of a hundred thousand books takes as much work as the second: counted in steps of SQLite's
machine, which do not differ from one computer to the next."""

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import make_url

from shop.filters import Sort
from tests.conftest import ShopUnderTest
from tests.shopper import Shopper
from tests.test_plans import Heard, overheard

DATABASE = "sqlite"
MANY = 100_000
MADE = f"""WITH RECURSIVE made (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM made WHERE n < {MANY})
INSERT INTO books (id, slug, title, subtitle, authors, publisher, year, format, category, price, currency, stock, blurb,
search_title, search_text) SELECT 1000 + n, 'b' || n, 'B', '', 'A', '', 1990 + n % 30, 'paperback', 'C', 900 + n % 20,
'usd', 1, '', 'b' || n % 50, 'b' FROM made"""


def file_of(shop: ShopUnderTest) -> str:
    return str(make_url(shop.settings.database_url).database)


def fill(shop: ShopUnderTest) -> None:
    """Without triggers: nobody searches here."""
    with closing(sqlite3.connect(file_of(shop))) as db:
        for (trigger,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {trigger}")
        db.execute("DELETE FROM books")
        db.execute(MADE)
        db.commit()


def work(shop: ShopUnderTest, heard: Heard) -> int:
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    with closing(sqlite3.connect(file_of(shop))) as db:
        db.set_progress_handler(step, 1)
        for sql, values in heard.items():
            db.execute(sql, values).fetchall()
    return steps


@pytest.mark.parametrize("sort", Sort)
async def test_the_two_thousandth_page_takes_as_much_work_as_the_second(
    shopper: Shopper, shop: ShopUnderTest, sort: Sort
) -> None:
    fill(shop)
    await shopper.get(f"/?sort={sort}")
    second, leap, again, following, before = [
        await cost(shopper, shop, f"/?sort={sort}&page={page}&time={time}")
        for time, page in enumerate((2, 2000, 2000, 2001, 1970))
    ]
    assert leap < 5 * 2000 * 24  # steps for each book leapt over, which is looked at in the index alone
    assert max(again, following) < 1.5 * second
    assert before < 6 * second


async def cost(shopper: Shopper, shop: ShopUnderTest, path: str) -> int:
    with overheard(shop) as heard:
        assert (await shopper.get(path)).status_code == 200
    return work(shop, {sql: values for sql, values in heard.items() if "catalogue_changes" not in sql})
