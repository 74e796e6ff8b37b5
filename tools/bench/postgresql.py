"""A PostgreSQL whose data are kept from run to run, and which writes each commit to the disk, as people run it."""

import contextlib
import os
import shutil
import subprocess
from pathlib import Path

from tests.postgresql import TemporaryPostgreSQL


class KeptPostgreSQL(TemporaryPostgreSQL):
    options = ("shared_buffers=512MB", "max_wal_size=512MB")

    def start(self) -> None:
        if (self.data / "postmaster.pid").exists():  # of a run that was killed
            with contextlib.suppress(subprocess.CalledProcessError):
                self.pause()
            (self.data / "postmaster.pid").unlink(missing_ok=True)
        super().start()

    def stop(self) -> None:
        if (self.data / "postmaster.pid").exists():
            self.pause()
        shutil.rmtree(self.root, ignore_errors=True)

    @property
    def version(self) -> str:
        """As it says itself."""
        told = subprocess.run(
            [str(self.bin / "postgres"), "--version"], capture_output=True, text=True, check=True
        )
        return told.stdout.replace("postgres (", "").replace(")", "").strip()

    def _become_nobody(self) -> None:
        super()._become_nobody()
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.chown(self.data, self._as["user"], self._as["group"])


def kept(data: Path) -> KeptPostgreSQL:
    """Where root may go and nobody may not, the data are not kept."""
    data = data.absolute()
    open_to_all = all(folder.stat().st_mode & 0o001 for folder in data.parents)
    return KeptPostgreSQL(data if open_to_all or os.geteuid() else None)
