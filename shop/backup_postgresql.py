"""By PostgreSQL's own programs: pg_dump, and pg_restore with psql for the way back. Raises NothingDone, and
ValueError with what is wrong with the copy."""

import os
import re
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from shop.backup_aside import breakable
from shop.backup_check import bring_up_to_date
from shop.db import Database, is_pooled
from shop.errors import NothingDone
from shop.migrating import ONE_AT_A_TIME

OTHERS = """
SELECT DISTINCT coalesce(nullif(application_name, ''), 'somebody') FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"""
TABLES = "SELECT 1 FROM pg_tables WHERE schemaname !~ '^pg_' AND schemaname <> 'information_schema'"
SCHEMAS = "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"
PROGRAMS = (
    "install PostgreSQL's programs in the server's version or a newer one (on Debian, postgresql-client), or use those "
    "that the server has itself: docs/operating.md, Backup."
)
REPLACED = "replaced_"  # before the names of schemas that are to go


def dump(url: URL, target: Path) -> None:
    _check_direct(url)
    kinds = ("--format=custom", "--no-owner", "--no-privileges", f"--exclude-schema={REPLACED}*")
    _run("pg_dump", *kinds, f"--file={target}", to=url)


def checked_version(file: Path) -> str:
    """The migration that it is at."""
    rows = _run("pg_restore", "--data-only", "--table=alembic_version", "--file=-", str(file))
    found = re.search(r"^COPY .*\n(\w+)\n\\\.", rows, re.M)
    if found is None:
        raise ValueError("it is no backup of a shop")
    return found[1]


async def restore(url: URL, file: Path, *, force: bool) -> None:
    """What was there is kept under other names until what is new is migrated and whole."""
    _check_direct(url)
    async with _alone(url) as connection:
        if not force and (await connection.exec_driver_sql(TABLES)).first():
            raise NothingDone(f"{url.database} is not empty: `shop backup` it, then --force writes over it.")
        await _drop(connection, await _schemas(connection, replaced=True))
        old = await _schemas(connection)
        await connection.commit()
        with breakable() as no_more:
            try:
                _put_in(url, file, old)
                await connection.run_sync(bring_up_to_date)
                no_more()
                await connection.commit()
            except BaseException:
                await connection.rollback()
                await _put_back(connection, old)
                raise
            await _drop(connection, [f"{REPLACED}{name}" for name in old])
            await connection.commit()


def _check_direct(url: URL) -> None:
    if is_pooled(url):
        raise NothingDone(
            "DATABASE_URL leads to a PgBouncer: for this, give the address of the server itself."
        )


def _put_in(url: URL, file: Path, old: list[str]) -> None:
    """All of the file is read before anything is touched, and one transaction puts it in the old one's place."""
    moves = [f'ALTER SCHEMA "{name}" RENAME TO "{REPLACED}{name}";' for name in old]
    with TemporaryDirectory(prefix="shop-restore-") as folder:
        script = f"{folder}/script.sql"
        _run("pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(file))
        alone = (
            "--no-psqlrc",
            "--quiet",
            "--output=/dev/null",
            "--set=ON_ERROR_STOP=1",
            "--single-transaction",
        )
        emptied = " ".join([*moves, "CREATE SCHEMA public;"])
        _run("psql", *alone, f"--command={emptied}", f"--file={script}", to=url)


async def _put_back(connection: AsyncConnection, old: list[str]) -> None:
    """If it has been moved at all."""
    if {f"{REPLACED}{name}" for name in old} <= {*await _schemas(connection, replaced=True)}:
        await _drop(connection, await _schemas(connection))
        for name in old:
            await connection.exec_driver_sql(f'ALTER SCHEMA "{REPLACED}{name}" RENAME TO "{name}"')
    await connection.commit()


async def _schemas(connection: AsyncConnection, *, replaced: bool = False) -> list[str]:
    names = (await connection.exec_driver_sql(SCHEMAS)).scalars()
    return [name for name in names if name.startswith(REPLACED) == replaced]


async def _drop(connection: AsyncConnection, schemas: list[str]) -> None:
    for name in schemas:
        await connection.exec_driver_sql(f'DROP SCHEMA "{name}" CASCADE')


@asynccontextmanager
async def _alone(url: URL) -> AsyncIterator[AsyncConnection]:
    """Nobody else is connected, and a shop that starts meanwhile waits with its migrations."""
    db = Database(url.render_as_string(hide_password=False))
    try:
        async with db.engine.connect() as connection:
            await connection.exec_driver_sql(f"SELECT pg_advisory_lock({ONE_AT_A_TIME})")
            await connection.exec_driver_sql("SET statement_timeout = 0")
            if others := (await connection.exec_driver_sql(OTHERS)).scalars().all():
                names = ", ".join(others)
                raise NothingDone(f"The shop runs, or others use its database ({names}): stop them first.")
            yield connection
    except (OSError, TimeoutError, SQLAlchemyError) as error:
        raise NothingDone(f"The database cannot be used ({str(error).splitlines()[0]}).") from error
    finally:
        await db.close()


def _run(program: str, *arguments: str, to: URL | None = None) -> str:
    """What it prints."""
    env = {**os.environ, **(_address(to) if to else {}), "LC_ALL": "C"}
    try:
        done = subprocess.run(  # noqa: S603
            [program, *arguments],
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise NothingDone(f"{program} is not installed here: {PROGRAMS}") from None
    if "server version mismatch" in done.stderr:
        found = re.search(r"server version: (\S+).*; pg_dump version: (\S+)", done.stderr)
        versions = f" ({found[2]}, {found[1]})" if found else ""
        raise NothingDone(f"{program} is older than the server{versions}: {PROGRAMS}")
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if "error" in line.lower()] or ["it failed"]
        raise ValueError(f"{program}: {lines[0].removeprefix(f'{program}: ')}")
    return done.stdout


def _address(url: URL) -> dict[str, str]:
    """As libpq's programs read it; a password among the arguments could be seen by everybody on the machine."""
    query = {name: value if isinstance(value, str) else ",".join(value) for name, value in url.query.items()}
    told = {
        "PGHOST": url.host or query.get("host"),
        "PGPORT": str(url.port) if url.port else query.get("port"),
        "PGUSER": url.username or query.get("user"),
        "PGPASSWORD": url.password or query.get("password"),
        "PGDATABASE": url.database,
        "PGSSLMODE": {"true": "require"}.get(query.get("ssl", ""), query.get("ssl")),
    }
    return {name: value for name, value in told.items() if value}
