"""Finding an order again without an account: by its code and its email address, answered by a letter alone.

To ask is to leave a row, whatever is asked for. Whether there is such an order is found out by whoever sends letters:
so the page and the time that it takes tell nothing to those who only guess."""

from datetime import timedelta
from email.message import EmailMessage

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.addresses import read_email
from shop.db import Database, now, retried
from shop.errors import BadInput, ShopError
from shop.letters import letter, order_address
from shop.models import LookUp, Mail, Order
from shop.order_code import read_code
from shop.outbox import owe
from shop.settings import Settings
from shop.words import _, gettext_noop

LINK = "link"  # the kind of its letters, with a number: an order gets each kind once
QUESTIONS = 20  # an hour, from one address of the network
LETTERS = 3  # a day, of one order; whoever asks more often has them already
TO_ONE = 10  # a day, to one mailbox


class BadCode(BadInput):
    field = "code"


class TooManyQuestions(ShopError):
    status = 429
    heading = gettext_noop("Please wait a little")
    retry_after = 3600

    def __init__(self) -> None:
        super().__init__(
            _(
                "Many orders have been looked up from your connection. Try again in an hour, or write to us: "
                "books@colophon.example."
            )
        )


def read_question(code: str, email: str) -> tuple[str, str]:
    """The code and the address as we write them. Raises BadCode, BadEmail."""
    found = read_code(code[:100])
    if found is None:
        raise BadCode(_("Enter your order code, like C-7K3M-9QXD. It is in your receipt."))
    return found, read_email(email)


@retried
async def ask(db: Database, code: str, email: str, visitor: str | None) -> None:
    """Raises TooManyQuestions."""
    async with db.write() as session:
        mine = (LookUp.visitor == visitor, LookUp.at > now() - timedelta(hours=1))
        if visitor and (await session.scalar(select(func.count(LookUp.id)).where(*mine)) or 0) >= QUESTIONS:
            raise TooManyQuestions
        session.add(LookUp(code=code, email=email, visitor=visitor))


async def answer_questions(db: Database) -> None:
    """Write down the letters that are owed to those who have asked and know an order."""
    waiting = select(LookUp.id).where(~LookUp.answered).order_by(LookUp.id).limit(100)
    async with db.read() as session:
        ids = list(await session.scalars(waiting))
    for look_up_id in ids:
        await _answer(db, look_up_id)


def order_link(settings: Settings, mail: Mail, order: Order) -> EmailMessage:
    """The letter. Raises ValueError for what cannot stand in a header."""
    url = order_address(settings, order.public_id)
    return letter(
        settings, mail, _("Your order %(code)s from Colophon", code=order.code), "link", order=order, url=url
    )


@retried
async def _answer(db: Database, look_up_id: int) -> None:
    async with db.write() as session:
        asked = await session.get(LookUp, look_up_id, with_for_update=True)
        if asked is None or asked.answered:
            return
        asked.answered = True
        order = await session.scalar(select(Order).where(Order.code == asked.code).with_for_update())
        if order is None or order.email is None or order.email.casefold() != asked.email.casefold():
            return
        of_order, to_one = await _letters_of(session, order), await _letters_of(session, order, to_one=True)
        if of_order < LETTERS and to_one < TO_ONE:
            number = 1 + await _letters_of(session, order, ever=True)
            await owe(session, order, f"{LINK} {number}")


async def _letters_of(
    session: AsyncSession, order: Order, *, to_one: bool = False, ever: bool = False
) -> int:
    """How many have been written: of the order or to its address, within a day or ever."""
    address = func.lower(Mail.recipient) == func.lower(order.email or "")
    whose = address if to_one else Mail.order_id == order.id
    query = select(func.count(Mail.id)).where(whose, Mail.kind.startswith(LINK))
    query = query if ever else query.where(Mail.created_at > now() - timedelta(days=1))
    return await session.scalar(query) or 0
