"""The command `shop downloads`: an operator lets an order fetch its e-books again."""

# ruff: noqa: T201, PLC0415 (a command prints, and loads what it needs)
import argparse
import asyncio
from typing import Any

from shop.settings import Settings


def add_to(commands: Any) -> None:
    downloads = commands.add_parser(
        "downloads",
        help="let an order fetch its e-books again",
        description="For a customer who has lost the files: an order gets five downloads of each of its e-books from "
        "now on, whatever it has used.",
    )
    downloads.add_argument("order", metavar="ORDER", help="its code, its address, or the id in it")
    downloads.set_defaults(command=_allow)


def _allow(arguments: argparse.Namespace) -> None:
    from shop.db import Database
    from shop.downloads import allow_again
    from shop.orders import order_named

    async def work() -> list[str]:
        db = Database(Settings.from_env().database_url)
        try:
            return await allow_again(db, await order_named(db, arguments.order))
        finally:
            await db.close()

    titles = asyncio.run(work())
    print(
        "\n".join(f"{title}: five downloads left." for title in titles) or "There is no e-book in this order."
    )
