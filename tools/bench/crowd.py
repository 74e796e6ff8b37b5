"""Fills the database of a sandbox with as many objects as wanted: one real purchase, copied in SQL."""

import re
import sqlite3
import time
from pathlib import Path
from typing import NamedTuple

import stripe

from shop.sandbox import SandboxSettings, create_sandbox
from shop.sandbox.transport import SandboxTransport

EACH = 100
"""Purchases of one customer."""
OWN, CUSTOMER = "@own@own", "@customr"
"""In a pattern, for the last eight characters of an id: of the purchase's objects, and of its customer's."""
MADE = re.compile(r'"created":\d+')
NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :count)"


class Crowd(NamedTuple):
    objects: int
    intents: list[str]
    """Some ids, from all ages."""
    customer: str
    """One in the middle, who has bought a hundred times."""
    order: str
    """Metadata of one intent."""
    middle: int
    """The Unix time before which half of the objects were made."""


async def fill(database: Path, objects: int) -> Crowd:
    """Purchases lie a second apart, the last one now."""
    await _buy_once(database)
    db = sqlite3.connect(database, isolation_level=None)
    db.execute("PRAGMA journal_mode = OFF")  # who fills it begins again after a crash
    db.execute("PRAGMA synchronous = OFF")
    indexes = db.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    ).fetchall()
    size = _patterns(db)
    count = objects // (size - 2)  # purchases, not counting their customers
    start = int(time.time()) - count
    for name, _ in indexes:  # an index is built faster than it is kept
        db.execute(f"DROP INDEX {name}")
    db.execute("BEGIN")
    _copy(db, {"count": count, "size": size, "start": start})
    db.execute("COMMIT")
    for _, sql in indexes:
        db.execute(sql)
    crowd = _described(db, count, start)
    db.execute("PRAGMA journal_mode = WAL")
    db.close()
    return crowd


async def _buy_once(database: Path) -> None:
    """A customer pays by card, and the charge settles: what is copied."""
    app = create_sandbox(SandboxSettings(database, "http://127.0.0.1", settle_after=0))
    client = stripe.StripeClient("sk_test_sandbox", http_client=SandboxTransport(app))
    customer = await client.v1.customers.create_async({"email": "reader@example.com"})
    await client.v1.payment_intents.create_async(
        {
            "amount": 1999,
            "currency": "usd",
            "customer": customer.id,
            "confirm": True,
            "payment_method": "pm_card_visa",
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "metadata": {"order": f"order_{OWN}"},
        },
        {"idempotency_key": "crowd"},
    )
    await client.v1.balance.retrieve_async()  # by now the charge has its balance transaction
    app.extensions["store"].close()


def _patterns(db: sqlite3.Connection) -> int:
    """Keep what was bought as temporary tables with gaps in the ids, and forget it; how many objects there are."""
    rows = db.execute("SELECT seq, id, object, body FROM objects ORDER BY seq").fetchall()
    gaps = {id: id[:-8] + (CUSTOMER if object == "customer" else OWN) for _, id, object, _ in rows}
    known = re.compile("|".join(gaps))

    def opened(text: str) -> str:
        return MADE.sub('"created":0', known.sub(lambda found: gaps[found[0]], text))

    places = {seq: place for place, (seq, *_) in enumerate(rows)}
    bodies = [
        (places[s], _every(places[s]), opened(id), object, opened(body)) for s, id, object, body in rows
    ]
    links = db.execute("SELECT seq, object, field, value FROM links ORDER BY 2, 3, 4")
    fields = [
        (places[s], _every(places[s]), object, field, opened(value)) for s, object, field, value in links
    ]
    touched = db.execute("SELECT object, ref FROM touched WHERE kind = 'event' ORDER BY 1")
    touches = [(opened(object), opened(ref)) for object, ref in touched]
    db.execute("CREATE TEMP TABLE bodies (place INTEGER PRIMARY KEY, every, id, object, body)")
    db.executemany("INSERT INTO bodies VALUES (?, ?, ?, ?, ?)", bodies)
    db.execute("CREATE TEMP TABLE fields (place, every, object, field, value)")
    db.executemany("INSERT INTO fields VALUES (?, ?, ?, ?, ?)", fields)
    db.execute("CREATE TEMP TABLE touches (object, ref)")
    db.executemany("INSERT INTO touches VALUES (?, ?)", touches)
    for table in ("objects", "links", "touched", "calls", "idempotency", "timers"):
        db.execute(f"DELETE FROM {table}")
    return len(rows)


def _every(place: int) -> int:
    """Of how many purchases there is one such object; the customer and the event of its making come first."""
    return EACH if place < 2 else 1


def _copy(db: sqlite3.Connection, counted: dict[str, int]) -> None:
    """Each table in the order of its key: a tree is quickest to build from its end."""
    db.execute(
        f"{NUMBERS} INSERT INTO objects (seq, id, object, created, body) "
        f"SELECT 1 + i * :size + place, {_filled('id')}, object, :start + i, "
        f"replace({_filled('body')}, '\"created\":0', '\"created\":' || (:start + i)) "
        "FROM n CROSS JOIN bodies WHERE i % every = 0 ORDER BY i, place",
        counted,
    )
    for (row,) in db.execute("SELECT rowid FROM fields").fetchall():
        db.execute(
            f"{NUMBERS} INSERT INTO links (object, field, value, seq) "
            f"SELECT object, field, {_filled('value')}, 1 + i * :size + place "
            "FROM fields CROSS JOIN n WHERE fields.rowid = :row AND i % every = 0",
            {**counted, "row": row},
        )
    for (row,) in db.execute("SELECT rowid FROM touches").fetchall():
        db.execute(
            f"{NUMBERS} INSERT OR IGNORE INTO touched (object, at, kind, ref) "
            f"SELECT {_filled('object')}, :start + i, 'event', {_filled('ref')} "
            "FROM touches CROSS JOIN n WHERE touches.rowid = :row",
            {**counted, "row": row},
        )


def _filled(column: str) -> str:
    own = f"replace({column}, '{OWN}', printf('%08d', i))"
    return f"replace({own}, '{CUSTOMER}', printf('%08d', i / {EACH}))"


def _described(db: sqlite3.Connection, count: int, start: int) -> Crowd:
    ids = db.execute(
        "SELECT id FROM objects WHERE object = 'payment_intent' AND created % :step = 0",
        {"step": max(1, count // 1_000)},
    ).fetchall()
    [number] = db.execute("SELECT count(*) FROM objects").fetchone()
    [customer] = db.execute(
        "SELECT id FROM objects WHERE object = 'customer' ORDER BY seq LIMIT 1 OFFSET ?",
        (count // 2 // EACH,),
    ).fetchone()
    return Crowd(number, [id for (id,) in ids], customer, f"order_{count // 2:08}", start + count // 2)
