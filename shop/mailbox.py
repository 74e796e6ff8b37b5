"""Where letters go as long as there is no mail server: into a folder, a file each, that any mail program opens."""

import os
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from shop.errors import NotFound
from shop.moments import moment
from shop.words import _


@dataclass(frozen=True)
class Letter:
    name: str
    recipient: str
    subject: str
    date: str
    text: str
    html: str


def put(folder: Path, letter: EmailMessage) -> None:
    """The file is named by the Message-ID: a letter that comes twice is there once. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{letter['Message-ID'].strip('<>').partition('@')[0]}.eml"
    partial = path.with_suffix(f".{os.getpid()}")
    partial.write_bytes(letter.as_bytes())
    partial.replace(path)


def newest_letters(folder: Path, most: int = 100) -> list[Letter]:
    """The newest first."""
    paths = sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime, reverse=True)
    return [_read(path) for path in paths[:most]]


def find_letter(folder: Path, name: str) -> Letter:
    """Raises NotFound. The name comes from an address, so it is looked for among the names that there are."""
    for path in folder.glob("*.eml"):
        if path.stem == name:
            return _read(path)
    raise NotFound(_("There is no such letter."))


def _read(path: Path) -> Letter:
    letter = message_from_bytes(path.read_bytes(), policy=default)
    assert isinstance(letter, EmailMessage)
    text, html = (_body(letter, kind) for kind in ("plain", "html"))
    return Letter(path.stem, letter["To"], letter["Subject"], moment(letter["Date"].datetime), text, html)


def _body(letter: EmailMessage, kind: str) -> str:
    part = letter.get_body((kind,))
    return part.get_content().replace("\r\n", "\n") if part else ""
