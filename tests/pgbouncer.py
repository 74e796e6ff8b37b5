"""A throwaway PgBouncer before a throwaway PostgreSQL, where the system has one (Debian: apt-get install pgbouncer)."""

import os
import pwd
import shutil
import subprocess
import time
from typing import Any

from tests.postgresql import TemporaryPostgreSQL

PORT = 6432  # in the name of its socket; nothing listens on the network


def program() -> str | None:
    return shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


class TemporaryPgBouncer:
    """Each transaction may get another of the server's `connections`."""

    def __init__(self, server: TemporaryPostgreSQL, connections: int) -> None:
        found = program()
        assert found, "no pgbouncer"
        config, self.root = server.root / "pgbouncer.ini", server.root
        lines = (
            f"[databases]\n* = host={server.root} user=shop\n[pgbouncer]",
            f"listen_port = {PORT}\nunix_socket_dir = {server.root}\nlogfile = {server.root}/pgbouncer.log",
            f"pool_mode = transaction\ndefault_pool_size = {connections}\nmax_client_conn = 1000\nauth_type = any",
            "server_login_retry = 1",
        )
        config.write_text("\n".join(lines))
        config.chmod(0o644)
        nobody: dict[str, Any] = {"user": pwd.getpwnam("nobody").pw_uid} if os.geteuid() == 0 else {}
        self.process = subprocess.Popen([found, "--quiet", str(config)], **nobody)
        while not (server.root / f".s.PGSQL.{PORT}").exists():
            assert self.process.poll() is None, "it does not start"
            time.sleep(0.02)

    def url(self, database: str) -> str:
        return f"postgresql+asyncpg://shop@/{database}?host={self.root}&port={PORT}&pgbouncer=true"

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
