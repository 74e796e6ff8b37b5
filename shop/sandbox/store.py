"""Everything the sandbox remembers: Stripe's objects as JSON rows in an SQLite file of its own.

One synchronous connection, used from the event loop only. A request reads and writes between two awaits, so
requests follow one another and each is atomic; that is the lock on every object. What is committed survives
kill -9 (WAL).
Names that begin with "_" in an object are the sandbox's own; `shown` leaves them out.
"""

import contextlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from . import clock

Json = dict[str, Any]

SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  object TEXT NOT NULL,
  created INTEGER NOT NULL,
  body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS newest ON objects (object, seq);
CREATE INDEX IF NOT EXISTS by_time ON objects (object, created);
CREATE TABLE IF NOT EXISTS links (
  object TEXT, field TEXT, value TEXT, seq INTEGER,
  PRIMARY KEY (object, field, value, seq)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS links_of ON links (seq);
CREATE TABLE IF NOT EXISTS timers (
  id INTEGER PRIMARY KEY, due REAL NOT NULL, kind TEXT NOT NULL, target TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS timers_due ON timers (due);
CREATE TABLE IF NOT EXISTS clock (ahead REAL NOT NULL, stopped REAL);
CREATE TABLE IF NOT EXISTS idempotency (
  key TEXT PRIMARY KEY, at REAL NOT NULL, fingerprint TEXT NOT NULL,
  status INTEGER NOT NULL, body TEXT NOT NULL, request TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS idempotency_at ON idempotency (at);
CREATE TABLE IF NOT EXISTS deliveries (
  id INTEGER PRIMARY KEY, event TEXT NOT NULL, endpoint TEXT NOT NULL, state TEXT NOT NULL,
  due REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, status INTEGER, error TEXT, at REAL
);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (state, due);
CREATE INDEX IF NOT EXISTS deliveries_of ON deliveries (event);
CREATE TABLE IF NOT EXISTS calls (
  id INTEGER PRIMARY KEY, at REAL NOT NULL, milliseconds REAL NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL,
  params TEXT NOT NULL, status INTEGER, answer TEXT, request TEXT, key TEXT, idempotency_key TEXT,
  version TEXT NOT NULL, replayed INTEGER NOT NULL, unserved TEXT
);
CREATE INDEX IF NOT EXISTS calls_unserved ON calls (id) WHERE unserved IS NOT NULL;
CREATE TABLE IF NOT EXISTS touched (
  object TEXT, at REAL, kind TEXT, ref TEXT, PRIMARY KEY (object, at, kind, ref)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS touched_by ON touched (kind, ref);
"""
LINKED = (
    "_code", "_coupon", "_email", "_reference", "active", "allow_redisplay", "charge", "currency", "customer", "email",
    "lookup_key", "name", "payment_intent", "payment_method", "phone", "product", "setup_intent", "source", "status",
    "transfer_group", "type",
)  # fmt: skip
"""Fields by which lists are filtered, besides every key of the metadata."""


class Store:
    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.row_factory = sqlite3.Row
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = NORMAL")
        self.db.execute("PRAGMA busy_timeout = 5000")
        self.db.executescript(f"BEGIN; {SCHEMA} COMMIT;")
        self.on_commit: Callable[[], None] | None = None

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit at the end, or undo everything when an exception leaves the block."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")
        if self.on_commit:
            self.on_commit()

    def get(self, id: str, object: str) -> Json | None:
        row = self.db.execute("SELECT body FROM objects WHERE id = ? AND object = ?", (id, object)).fetchone()
        return None if row is None else json.loads(row["body"])

    def named(self, id: str) -> Json | None:
        """Whatever object has this id."""
        row = self.db.execute("SELECT body FROM objects WHERE id = ?", (id,)).fetchone()
        return None if row is None else json.loads(row["body"])

    def linked(self, object: str, field: str, value: str) -> list[Json]:
        """The objects whose field has this value, newest first."""
        rows = self.db.execute(
            "SELECT body FROM links JOIN objects USING (seq) "
            "WHERE links.object = ? AND field = ? AND value = ? ORDER BY seq DESC",
            (object, field, value),
        )
        return [json.loads(row["body"]) for row in rows]

    def count(self, object: str, field: str, values: list[str], most: int) -> int:
        """How many objects have one of these values; counting ends at `most`."""
        row = self.db.execute(
            f"SELECT count(*) AS found FROM (SELECT 1 FROM links WHERE object = ? AND field = ? "  # noqa: S608
            f"AND value IN ({marks(values)}) LIMIT ?)",
            (object, field, *values, most),
        ).fetchone()
        found: int = row["found"]
        return found

    def put(self, body: Json) -> Json:
        """Write an object, new or changed."""
        text = json.dumps(body, separators=(",", ":"))
        row = self.db.execute(
            "INSERT INTO objects (id, object, created, body) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET body = excluded.body RETURNING seq",
            (body["id"], body["object"], body.get("created") or now(), text),
        ).fetchone()
        self._link(row["seq"], body)
        return body

    def _link(self, seq: int, body: Json) -> None:
        given = {field: body.get(field) for field in LINKED}
        wanted = {(field, value) for field, value in given.items() if isinstance(value, str)}
        wanted |= {(field, str(value).lower()) for field, value in given.items() if isinstance(value, bool)}
        wanted |= {(f"metadata.{key}", value) for key, value in (body.get("metadata") or {}).items()}
        there = {
            tuple(row) for row in self.db.execute("SELECT field, value FROM links WHERE seq = ?", (seq,))
        }
        rows = [(body["object"], field, value, seq) for field, value in there - wanted]
        self.db.executemany(
            "DELETE FROM links WHERE object = ? AND field = ? AND value = ? AND seq = ?", rows
        )
        rows = [(body["object"], field, value, seq) for field, value in wanted - there]
        self.db.executemany("INSERT INTO links (object, field, value, seq) VALUES (?, ?, ?, ?)", rows)

    def delete(self, id: str) -> None:
        self.db.execute("DELETE FROM links WHERE seq = (SELECT seq FROM objects WHERE id = ?)", (id,))
        self.db.execute("DELETE FROM objects WHERE id = ?", (id,))

    def bury(self, body: Json, object: str) -> None:
        """Replace an object by what is left of it, which lists and searches pass over."""
        self.db.execute("DELETE FROM links WHERE seq = (SELECT seq FROM objects WHERE id = ?)", (body["id"],))
        self.db.execute(
            "UPDATE objects SET object = ?, body = ? WHERE id = ?", (object, json.dumps(body), body["id"])
        )

    def all_of(self, object: str) -> list[Json]:
        """For kinds of which there are few (webhook endpoints)."""
        rows = self.db.execute("SELECT body FROM objects WHERE object = ? ORDER BY seq", (object,))
        return [json.loads(row["body"]) for row in rows]

    def reset(self) -> None:
        for table in ("objects", "links", "timers", "idempotency", "deliveries", "calls", "touched"):
            self.db.execute(f"DELETE FROM {table}")  # noqa: S608  names from the line above

    def close(self) -> None:
        self.db.close()


def marks(values: list[str]) -> str:
    """A place in SQL for each value."""
    return ", ".join("?" * len(values))


def now() -> int:
    return int(clock.time())


def shown(value: Any) -> Any:
    """Without the names that begin with "_": its id first, the rest by name, as Stripe has it."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: (name != "id", name != "object", name))
        return {name: shown(value[name]) for name in names if not name.startswith("_")}
    if isinstance(value, list):
        return [shown(inner) for inner in value]
    return value
