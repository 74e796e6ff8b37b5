"""What Dockerfile and compose.yaml make of the settings, without a Docker."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from shop.db import Database
from shop.settings import ROOT, Settings
from tests.test_settings import REAL
from tools.image import in_compose

PASSWORD = "p@ss/w#rd%20:?"


def composed() -> Settings:
    return Settings.from_env(in_compose(**REAL, POSTGRES_PASSWORD=PASSWORD))


def test_in_compose_the_shop_is_reached_from_outside_and_keeps_all_in_its_volume() -> None:
    made, compose = composed(), (ROOT / "compose.yaml").read_text()
    assert (made.host, made.instance, made.files) == ("0.0.0.0", Path("/data"), Path("/data/files"))
    assert f':{made.port}"]' in compose
    assert 'volumes: ["shop:/data"]' in compose


async def test_in_compose_the_database_may_have_any_password(monkeypatch: pytest.MonkeyPatch) -> None:
    given = asyncio.get_running_loop().create_future()

    async def ask_for_password(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(8)
        writer.write(b"N")  # no TLS
        await reader.readexactly(int.from_bytes(await reader.readexactly(4), "big") - 4)
        writer.write(b"R\0\0\0\x08\0\0\0\x03")  # in clear text, please
        assert await reader.readexactly(1) == b"p"
        given.set_result(await reader.readexactly(int.from_bytes(await reader.readexactly(4), "big") - 4))
        writer.close()

    server = await asyncio.start_server(ask_for_password, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    monkeypatch.setenv("PGPASSWORD", in_compose(POSTGRES_PASSWORD=PASSWORD)["PGPASSWORD"])
    db = Database(composed().database_url.replace("@database", f"@127.0.0.1:{port}"))
    with pytest.raises((DBAPIError, OSError)):
        await db.engine.connect()
    assert await given == PASSWORD.encode() + b"\0"
    server.close()
