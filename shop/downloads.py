"""Fetching the e-books of a paid order: by links that are signed and run out, so often and no oftener.

A link names the row that counts; the order's page makes a new one whenever it is opened. What has gone back to the
customer cannot be fetched any more."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from itsdangerous import BadData, SignatureExpired
from sqlalchemy import select, update

from shop.db import Database, changed, now, retried
from shop.errors import NotFound, ShopError
from shop.files import TYPES, find
from shop.models import DOWNLOADS, Download, Order, OrderEvent, OrderStatus
from shop.orders import load_order
from shop.settings import Settings
from shop.signed_links import signer
from shop.words import _, gettext_noop

log = structlog.get_logger()
LINK_LIFE = timedelta(days=7)
SALT = "download"


class LinkRanOut(ShopError):
    status = 410
    heading = gettext_noop("This link has run out")

    def __init__(self) -> None:
        super().__init__(
            _(
                "It was good for %(days)s days. Your order’s page has a new one; the way to that page is in your "
                "receipt, or by “Find your order” below.",
                days=LINK_LIFE.days,
            )
        )


class DownloadsUsed(ShopError):
    status = 410
    heading = gettext_noop("All downloads are used")

    def __init__(self, title: str, allowed: int) -> None:
        super().__init__(
            _(
                "%(title)s has been downloaded %(allowed)s times. If you have lost the file, write to us: "
                "books@colophon.example.",
                title=title,
                allowed=allowed,
            )
        )


class DownloadStopped(ShopError):
    status = 403
    heading = gettext_noop("This download has ended")


class FileAway(ShopError):
    status = 503
    heading = gettext_noop("The file is not here at the moment")
    retry_after = 3600

    def __init__(self) -> None:
        super().__init__(
            _(
                "This download has not been counted. Please try again in an hour, or write to us: "
                "books@colophon.example."
            )
        )


@dataclass(frozen=True)
class Link:
    """What a page says of a download."""

    title: str
    kind: str  # EPUB, PDF, …
    path: str
    allowed: int
    left: int
    until: datetime
    stopped: str | None  # why it cannot be fetched any more


@dataclass(frozen=True)
class Fetched:
    path: Path
    name: str  # for the reader's disk
    mimetype: str


def links(settings: Settings, order: Order) -> list[Link]:
    """A new link for each file of the order, which has its downloads."""
    return [
        _link(order, each, signer(settings, SALT).dumps(each.public_id), now()) for each in order.downloads
    ]


async def find_link(db: Database, settings: Settings, token: str) -> Link:
    """What the link leads to. Raises NotFound for what we have not signed, LinkRanOut, DownloadStopped and
    DownloadsUsed."""
    return _link(*await _find(db, settings, token))


async def fetch(db: Database, settings: Settings, token: str) -> Fetched:
    """Count a download and hand over the file. Raises as `find_link`, and FileAway, which does not count."""
    order, download, _, _ = await _find(db, settings, token)
    file = download.book.file or ""
    path = await asyncio.to_thread(find, settings.files, file)
    if path is None:
        log.error("download.no_file", order=order.public_id, file=file)
        raise FileAway
    await _count(db, download)
    return Fetched(
        path, f"{download.book.slug}{path.suffix}", TYPES.get(path.suffix, "application/octet-stream")
    )


@retried
async def allow_again(db: Database, order_id: str) -> list[str]:
    """As many downloads again of each file of an order; their titles. Raises NotFound."""
    async with db.write() as session:
        order = await load_order(session, order_id)
        for download in order.downloads:
            download.allowed = download.used + DOWNLOADS
        if order.downloads:
            session.add(OrderEvent(order_id=order.id, kind="downloads granted again"))
        return [download.book.title for download in order.downloads]


def _link(order: Order, download: Download, token: str, made: datetime) -> Link:
    book = download.book
    return Link(
        title=book.title,
        kind=(book.file or "").rpartition(".")[2].upper(),
        path=f"/downloads/{token}",
        allowed=download.allowed,
        left=download.allowed - download.used,
        until=made + LINK_LIFE,
        stopped=_why_stopped(order, download),
    )


def _why_stopped(order: Order, download: Download) -> str | None:
    """The customer has got the money back, or is to get it, or the bank has it."""
    title = download.book.title
    if order.status is not OrderStatus.PAID:
        return _("%(title)s has not been paid.", title=title)
    back = any(
        line["book_id"] == download.book_id
        for refund in order.refunds
        if refund.counts
        for line in refund.lines
    )
    if back or order.is_given_back or (order.paid_payment and order.left_to_refund <= 0):
        return _(
            "What you paid for %(title)s goes back to you, so it cannot be downloaded any more.", title=title
        )
    if order.paid_payment and order.paid_payment.is_taken_back:
        return _(
            "Your bank has taken this payment back, so %(title)s cannot be downloaded any more.", title=title
        )
    if order.paid_payment and order.paid_payment.is_disputed:
        return _(
            "Your bank is looking into this payment. Until that is settled, %(title)s has to wait.",
            title=title,
        )
    return None


async def _find(db: Database, settings: Settings, token: str) -> tuple[Order, Download, str, datetime]:
    try:
        public_id, made = signer(settings, SALT).loads(
            token, max_age=int(LINK_LIFE.total_seconds()), return_timestamp=True
        )
    except SignatureExpired as error:
        raise LinkRanOut from error
    except BadData as error:
        raise _unknown() from error
    orders = select(Order.public_id).join(Order.downloads).where(Download.public_id == public_id)
    async with db.read() as session:
        order_id = await session.scalar(orders)
        if order_id is None:
            raise _unknown()
        order = await load_order(session, order_id)
    download = next(each for each in order.downloads if each.public_id == public_id)
    if stopped := _why_stopped(order, download):
        raise DownloadStopped(stopped)
    if download.used >= download.allowed:
        raise DownloadsUsed(download.book.title, download.allowed)
    return order, download, token, made


@retried
async def _count(db: Database, download: Download) -> None:
    """Of several at once, no more than are left are let through."""
    async with db.write() as session:
        left = (Download.id == download.id, Download.used < Download.allowed)
        more = {"used": Download.used + 1, "last_at": now()}
        if not await changed(session, update(Download).where(*left).values(more)):
            raise DownloadsUsed(download.book.title, download.allowed)
        session.add(OrderEvent(order_id=download.order_id, kind="downloaded", detail=download.book.title))


def _unknown() -> NotFound:
    return NotFound(_("We do not know this download. Check the link: it is long, and every letter counts."))
