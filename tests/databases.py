"""Every test that has a shop runs on both databases: `pytest --database sqlite` or `postgresql` picks one.

A module in which nothing depends on the database says so: `DATABASE = "sqlite"`. Of what a browser does there, one test
says that it is played on both: `both_databases`."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from shop.db import Base, Database
from shop.migrating import migrate
from shop.stocking import stock_demo_books
from tests.postgresql import TemporaryPostgreSQL

DATABASES = ("sqlite", "postgresql")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=DATABASES, help="run on this database only (default: on both)")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "both_databases: run on both, though the module runs on one")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database" in metafunc.fixturenames:
        both = metafunc.definition.get_closest_marker("both_databases")
        only = None if both else getattr(metafunc.module, "DATABASE", None)
        chosen = metafunc.config.getoption("--database") or only
        metafunc.parametrize("database", [chosen] if chosen else DATABASES, scope="session")


@pytest.fixture
def stocked(database: str, request: pytest.FixtureRequest) -> "Path | StockedPostgreSQL":
    """The one source that this test needs: on SQLite alone no PostgreSQL is started."""
    found: Path | StockedPostgreSQL = request.getfixturevalue(
        "migrated" if database == "sqlite" else "stocked_postgresql"
    )
    return found


@pytest_asyncio.fixture
async def database_url(stocked: "Path | StockedPostgreSQL", tmp_path: Path) -> str:
    """A database with the demo catalogue and nothing else."""
    if isinstance(stocked, Path):
        return f"sqlite+aiosqlite:///{shutil.copy(stocked, tmp_path / 'shop.db')}"
    await stocked.reset()
    return stocked.url


@pytest_asyncio.fixture(scope="session")
async def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file to copy: faster than migrating for each test."""
    path = tmp_path_factory.mktemp("template") / "shop.db"
    await stock(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql() -> Iterator[TemporaryPostgreSQL]:
    server = TemporaryPostgreSQL()
    yield server
    server.stop()


@pytest_asyncio.fixture(scope="session")
async def stocked_postgresql(postgresql: TemporaryPostgreSQL) -> AsyncIterator["StockedPostgreSQL"]:
    stocked = await StockedPostgreSQL.prepare(postgresql.url("postgres"))
    yield stocked
    await stocked.connection.close()


class StockedPostgreSQL:
    """One database for all tests of a worker, put back to the demo catalogue before each."""

    def __init__(self, url: str, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self.url, self.connection = url, connection

    @classmethod
    async def prepare(cls, url: str) -> "StockedPostgreSQL":
        """An empty database is migrated, stocked, and remembered as it is then."""
        await stock(url)
        connection = await asyncpg.connect(url.replace("+asyncpg", ""))
        await connection.execute("CREATE SCHEMA kept; CREATE TABLE kept.books AS TABLE books")
        return cls(url, connection)

    async def reset(self) -> None:
        tables = ", ".join(table.name for table in Base.metadata.sorted_tables)
        await self.connection.execute(
            f"TRUNCATE {tables} RESTART IDENTITY; INSERT INTO books SELECT * FROM kept.books;"
            "SELECT setval('books_id_seq', (SELECT max(id) FROM books))"
        )


async def empty_database(server: TemporaryPostgreSQL, name: str) -> str:
    """The address of a new database; one that had the name is gone."""
    connection = await asyncpg.connect(server.url("postgres").replace("+asyncpg", ""))
    await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    return server.url(name)


async def stock(url: str) -> None:
    db = Database(url)
    await migrate(db)
    await stock_demo_books(db)
    await db.close()
