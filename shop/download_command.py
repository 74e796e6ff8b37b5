"""The command `shop downloads`: an operator lets an order fetch its e-books again."""

# ruff: noqa: T201, PLC0415 (a command prints, and loads what it needs)
import argparse
from typing import TYPE_CHECKING, Any

from shop.settings import Settings

if TYPE_CHECKING:
    from shop.db import Database


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
    from shop.commands import with_database
    from shop.downloads import allow_again
    from shop.orders import order_named

    async def work(db: "Database") -> list[str]:
        return await allow_again(db, await order_named(db, arguments.order))

    titles = with_database(Settings.from_env(), work)
    print(
        "\n".join(f"{title}: five downloads left." for title in titles) or "There is no e-book in this order."
    )
