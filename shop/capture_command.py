"""The command `shop capture`: an operator ships what was authorised, or lets it go."""

# ruff: noqa: T201, PLC0415 (a command prints, and loads what it needs)
import argparse
from typing import TYPE_CHECKING, Any

from shop.settings import Settings

if TYPE_CHECKING:
    from shop.db import Database
    from shop.gateway import Gateway


def add_to(commands: Any) -> None:
    capture = commands.add_parser(
        "capture",
        help="charge what was authorised, when the books leave",
        description="With CAPTURE_METHOD=manual a card is authorised when the order is placed: charge it now. The same "
        "command twice captures once.",
    )
    capture.add_argument("order", metavar="ORDER", help="its code, its address, or the id in it")
    capture.add_argument("--release", action="store_true", help="let it go instead: nothing is charged")
    capture.set_defaults(command=_capture)


def _capture(arguments: argparse.Namespace) -> None:
    from shop.capturing import capture_order, release_order
    from shop.commands import with_stripe
    from shop.money import money
    from shop.orders import order_named

    async def work(db: "Database", gateway: "Gateway") -> None:
        order_id = await order_named(db, arguments.order)
        if arguments.release:
            order = await release_order(db, gateway, order_id)
            print(f"{order.code} is cancelled, and nothing was charged.")
            return
        order = await capture_order(db, gateway, order_id)
        paid = order.paid_payment
        print(
            f"{order.code} is paid: {money(paid.amount_received, paid.currency) if paid else 'nothing to pay'}."
        )

    with_stripe(Settings.from_env(), work)
