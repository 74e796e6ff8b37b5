"""Catalogue files that are uploaded: tried out first, then imported once."""

import io
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import undefer

from shop.book_row import CURRENCIES, HIGHEST_STOCK
from shop.db import Database, changed, now, retried
from shop.errors import BadInput, NotFound
from shop.importing import Report, Wish, import_file
from shop.models import CatalogueUpload
from shop.onix import Terms
from shop.settings import Settings
from shop.staff.apart import apart
from shop.stocking import Kind
from shop.words import _

KEPT = timedelta(days=1)
GIVEN_UP = timedelta(minutes=10)  # an import that has not ended by then was broken off


class BadUpload(BadInput):
    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def read_terms(currency: str, copies: str) -> Terms:
    """Raises BadUpload."""
    if currency and currency.lower() not in CURRENCIES:
        raise BadUpload("currency", _("Write the currency as three letters, like EUR, or leave it empty."))
    number = copies.strip() or "0"
    if not (number.isascii() and number.isdigit() and len(number) < 9 and int(number) <= HIGHEST_STOCK):
        raise BadUpload("copies", _("Write the number of copies as a whole number, like 2."))
    return Terms(currency.lower() or None, int(number))


async def try_out(db: Database, settings: Settings, name: str, data: bytes, terms: Terms) -> str:
    """Keep the file, with what an import of it would do; its public id. Raises BadUpload."""
    if not data:
        raise BadUpload("file", _("Choose a file that is not empty: CSV in UTF-8, or ONIX 3."))
    report = await _read(settings, data, Wish(dry_run=True, terms=terms))
    return await _keep(db, name, data, terms, report)


async def find_upload(db: Database, upload_id: str) -> CatalogueUpload:
    """Without its data. Raises NotFound."""
    async with db.read() as session:
        found = select(CatalogueUpload).where(CatalogueUpload.public_id == upload_id)
        upload = await session.scalar(found)
    if upload is None:
        raise NotFound(_("This file is not here any more: it is kept for a day. Upload it again."))
    return upload


async def bring_in(db: Database, settings: Settings, upload_id: str, *, skip_bad: bool) -> None:
    """Import a file that was tried out. Of several presses one does it. Raises NotFound, DatabaseUnavailable."""
    upload = await find_upload(db, upload_id)
    if not await _begin(db, upload.id):
        return
    done: dict[str, Any] = {"begun_at": None}
    try:
        async with db.read() as session:
            whole = (CatalogueUpload.id == upload.id,)
            found = select(CatalogueUpload).where(*whole).options(undefer(CatalogueUpload.data))
            data = (await session.scalars(found)).one().data
        wish = Wish(skip_bad=skip_bad, terms=Terms(upload.currency, upload.copies))
        report = await _read(settings, data, wish)
        done |= {"report": report, "imported": not report["refused"]}
    finally:
        await _end(db, upload.id, done)


async def _read(settings: Settings, data: bytes, wish: Wish) -> dict[str, Any]:
    async def work(db: Database) -> Report:
        return await import_file(db, io.BytesIO(data), wish, Report(wish.dry_run))

    report = await apart(settings, work)
    return {
        **{kind.value: report.kinds[kind] for kind in Kind},
        "fields": dict(report.fields.most_common()),
        "bad": report.bad,
        "problems": [str(problem) for problem in report.problems],
        "more_problems": report.more_problems,
        "refused": report.refused,
    }


@retried
async def _keep(db: Database, name: str, data: bytes, terms: Terms, report: dict[str, Any]) -> str:
    shown = "".join(letter for letter in name if letter.isprintable())[:200]
    async with db.write() as session:
        await session.execute(delete(CatalogueUpload).where(CatalogueUpload.created_at < now() - KEPT))
        upload = CatalogueUpload(name=shown, data=data, report=report)
        upload.currency, upload.copies = terms.currency, terms.copies
        session.add(upload)
        await session.flush()
        return upload.public_id


@retried
async def _begin(db: Database, row_id: int) -> bool:
    free = or_(CatalogueUpload.begun_at.is_(None), CatalogueUpload.begun_at < now() - GIVEN_UP)
    mine = (CatalogueUpload.id == row_id, ~CatalogueUpload.imported, free)
    async with db.write() as session:
        return await changed(session, update(CatalogueUpload).where(*mine).values(begun_at=now()))


@retried
async def _end(db: Database, row_id: int, done: dict[str, Any]) -> None:
    async with db.write() as session:
        await session.execute(update(CatalogueUpload).where(CatalogueUpload.id == row_id).values(done))
