"""What each app and each client of the tests would make anew, though it is always the same, is made once a process."""

import functools
import ssl
from types import CodeType
from typing import Any, ClassVar

import jinja2
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from shop import db, words
from shop.factory import Shop

ssl.create_default_context = functools.cache(ssl.create_default_context)  # reads 140 certificates


class CompiledTemplates(jinja2.BytecodeCache):
    kept: ClassVar[dict[tuple[str, str, type], CodeType | None]] = {}

    def load_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        bucket.code = self.kept.get((bucket.key, bucket.checksum, type(words.translations)))

    def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        self.kept[bucket.key, bucket.checksum, type(words.translations)] = bucket.code


Shop.jinja_options["bytecode_cache"] = CompiledTemplates()

_compile_builder = Rule._compile_builder
_builders: dict[Any, Any] = {}


def _compiled_once(rule: Rule, append_unknown: bool = True) -> Any:
    """The function that builds the addresses of a rule; it depends on nothing but the text of the rule."""
    text = (tuple(rule._trace), repr(rule.defaults), append_unknown)
    if text not in _builders:
        _builders[text] = _compile_builder(rule, append_unknown)
    return _builders[text]


Rule._compile_builder = _compiled_once  # type: ignore[method-assign]

_create_engine = db.create_async_engine
_statements: dict[type, LRUCache[Any, Any]] = {}


def _create_engine_that_shares(url: str, **options: Any) -> AsyncEngine:
    """Statements are compiled once for all engines of a kind; a dialect is part of a statement's key."""
    engine = _create_engine(url, **options)
    engine.sync_engine._compiled_cache = _statements.setdefault(type(engine.dialect), LRUCache(2000))
    return engine


db.create_async_engine = _create_engine_that_shares
for dialect in (PGDialect_asyncpg, SQLiteDialect_aiosqlite):
    dialect.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]
    dialect.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[method-assign]
