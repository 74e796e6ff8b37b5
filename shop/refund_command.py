"""The command `shop refund`: an operator gives money back."""

import argparse
from typing import TYPE_CHECKING, Any

from shop.settings import Settings

if TYPE_CHECKING:
    from shop.db import Database
    from shop.gateway import Gateway
    from shop.models import Order, Refund


def add_to(commands: Any) -> None:
    refund = commands.add_parser(
        "refund",
        help="give money back",
        description="Refund an order: all that is left of it, or some lines, or an amount. Asks nothing. The same "
        "command twice refunds once: what was begun is finished, what was done is refused.",
    )
    refund.add_argument(
        "order",
        metavar="ORDER",
        help="its code, its address, or the id in it (after -- if that starts with -)",
    )
    part = refund.add_mutually_exclusive_group()
    part.add_argument(
        "--line",
        action="append",
        default=[],
        type=_line,
        metavar="SLUG[:QUANTITY]",
        help="a book, by the last part of its address, and how many copies (default: all that are left); repeatable",
    )
    part.add_argument("--amount", metavar="5.00", help="in the order's currency")
    refund.add_argument("--restock", action="store_true", help="put the copies back on the shelf")
    refund.add_argument("--reason", default="", metavar="TEXT", help="shown on the order's page")
    refund.add_argument("--again", action="store_true", help="though the same has been refunded before")
    refund.set_defaults(command=_refund)


def _line(text: str) -> tuple[str, int | None]:
    slug, colon, count = text.partition(":")
    if colon and not (count.isascii() and count.isdigit() and int(count)):
        raise argparse.ArgumentTypeError(f"{text}: a quantity is a number above zero")
    return slug, int(count) if colon else None


def _refund(arguments: argparse.Namespace) -> None:
    from shop.commands import with_stripe
    from shop.orders import find_order, order_named
    from shop.refunding import RefundRefused, Wish, refund_order

    if len(dict(arguments.line)) < len(arguments.line):
        raise RefundRefused("A book is named twice: give each its quantity once.")
    wish = Wish(dict(arguments.line), arguments.amount, arguments.restock, arguments.reason, arguments.again)

    async def work(db: "Database", gateway: "Gateway") -> None:
        order_id = await order_named(db, arguments.order)
        refund = await refund_order(db, gateway, order_id, wish)
        print(_told(await find_order(db, order_id), refund))

    with_stripe(Settings.from_env(), work)


def _told(order: "Order", refund: "Refund") -> str:
    from shop.models import RefundStatus
    from shop.money import money

    how = {
        RefundStatus.SUCCEEDED: "has been refunded",
        RefundStatus.REQUIRES_ACTION: "waits for the customer, whom Stripe asks by email",
    }
    titles = {line.book_id: line.title for line in order.in_force.lines}
    back = [f"{line['quantity']} × {titles[line['book_id']]}" for line in refund.restocked]
    amount, left = money(refund.amount, refund.currency), money(order.left_to_refund, refund.currency)
    said = f"{amount} {how.get(refund.status, 'is on its way')} ({refund.refund_id}). Left to refund: {left}."
    if back:
        return f"{said} Back on the shelf: {', '.join(back)}."
    waits = refund.restock and refund.status is not RefundStatus.SUCCEEDED
    return f"{said} The copies go back on the shelf when it has arrived." if waits else said
