"""The commands `shop backup` and `shop restore`."""

import argparse
from pathlib import Path
from typing import Any

from shop.settings import Settings


def add_to(commands: Any) -> None:
    backup = commands.add_parser(
        "backup",
        help="copy the database to a file",
        description="Write the database to FILE, which must not exist, as it is at this moment, beside the running "
        "shop: an SQLite database, or of PostgreSQL a dump in pg_dump's custom format. The files of e-books, "
        "SECRET_KEY and the sandbox are not in it.",
    )
    backup.add_argument("file", metavar="FILE", type=Path)
    backup.set_defaults(command=_backup)
    restore = commands.add_parser(
        "restore",
        help="put the database back from a file",
        description="Check FILE, which `shop backup` wrote, migrate what it holds, and put that in the place of the "
        "database that DATABASE_URL names, as a whole or not at all. Refuses while a shop runs. Then run "
        "`shop audit`: what has happened at Stripe since the backup was made is not in it.",
    )
    restore.add_argument("file", metavar="FILE", type=Path)
    restore.add_argument("--force", action="store_true", help="though the database is not empty")
    restore.set_defaults(command=_restore)


def _backup(arguments: argparse.Namespace) -> None:
    from shop.backup import back_up

    settings = Settings.from_env()
    back_up(settings, arguments.file)
    print(f"{arguments.file} holds the database ({arguments.file.stat().st_size / 1_000_000:.1f} MB).")
    files = sum(path.is_file() for path in settings.files.glob("*")) if settings.files.is_dir() else 0
    if files:
        print(f"The files of e-books are not in it: copy {settings.files} ({files} files) as well.")


def _restore(arguments: argparse.Namespace) -> None:
    import asyncio

    from shop.backup import restore

    asyncio.run(restore(Settings.from_env(), arguments.file, force=arguments.force))
    print("The database is restored. Next: `shop audit --fix` takes up what has happened at Stripe since.")
