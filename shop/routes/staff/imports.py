"""Catalogue files: uploaded and tried out, then imported at the press of a button."""

from quart import Blueprint, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from shop.staff.uploads import BadUpload, bring_in, find_upload, read_terms, try_out
from shop.web import Reply, db, finish, render, see_other, settings
from shop.words import _

imports = Blueprint("imports", __name__, url_prefix="/imports")


@imports.get("")
async def new() -> Reply:
    return await _form()


@imports.post("")
async def upload() -> Reply | Response:
    try:
        form, file = await request.form, (await request.files).get("file")
        if file is None or not file.filename:
            raise BadUpload("file", _("Choose a file: CSV in UTF-8, or ONIX 3."))
        terms = read_terms(form.get("currency", "").strip(), form.get("copies", ""))
        upload_id = await finish(try_out(db(), settings(), file.filename, file.read(), terms))
    except BadUpload as error:
        return await _form(error, **form)
    except RequestEntityTooLarge:
        too_large = BadUpload(
            "file",
            _("A file of more than 10 MB is too large for this page. Use `shop import` beside the shop."),
        )
        too_large.status = 413
        return await _form(too_large)
    return see_other("staff.imports.show", upload_id=upload_id)


@imports.get("/<upload_id>")
async def show(upload_id: str) -> Reply:
    upload, page = await find_upload(db(), upload_id), "staff/imports/show.html"
    return await render(page, page, upload=upload, report=upload.report)


@imports.post("/<upload_id>")
async def bring(upload_id: str) -> Response:
    skip_bad = "skip_bad" in await request.form
    await finish(bring_in(db(), settings(), upload_id, skip_bad=skip_bad))
    return see_other("staff.imports.show", upload_id=upload_id)


async def _form(error: BadUpload | None = None, **typed: str) -> Reply:
    page = "staff/imports/new.html"
    return await render(page, page, error.status if error else 200, error=error, typed=typed)
