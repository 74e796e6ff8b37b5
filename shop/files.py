"""The files that e-books are. They lie in a folder of their own, which no address leads into."""

import hashlib
import secrets
import shutil
from pathlib import Path

from shop.settings import ROOT

DEMO = ROOT / "shop/data"  # where the demo e-book lies
TYPES = {
    ".epub": "application/epub+zip",
    ".pdf": "application/pdf",
    ".m4b": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".zip": "application/zip",
}


def keep(source: Path, folder: Path) -> str:
    """Copy a file into the folder; returns the name that its content gives it there, so that what was sold is never
    written over. Raises OSError."""
    name = name_of(source)
    if not (folder / name).is_file():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = folder / f".{name}.{secrets.token_hex(8)}"  # pids of several machines may be the same
        shutil.copyfile(source, partial)
        partial.replace(folder / name)
    return name


def name_of(source: Path) -> str:
    """The name that the file gets there. Raises OSError."""
    with source.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return f"{digest[:32]}{source.suffix.lower()}"


def find(folder: Path, name: str) -> Path | None:
    """A file that was kept, or the demo e-book."""
    return next((path for place in (folder, DEMO) if (path := place / Path(name).name).is_file()), None)
