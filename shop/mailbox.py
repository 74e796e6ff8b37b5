"""Where letters go as long as there is no mail server: into a folder, a file each, that any mail program opens."""

import os
from email.message import EmailMessage
from pathlib import Path


def put(folder: Path, letter: EmailMessage) -> None:
    """The file is named by the Message-ID: a letter that comes twice is there once. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{letter['Message-ID'].strip('<>').partition('@')[0]}.eml"
    partial = path.with_suffix(f".{os.getpid()}")
    partial.write_bytes(letter.as_bytes())
    partial.replace(path)
