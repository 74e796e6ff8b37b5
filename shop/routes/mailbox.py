"""The letters of a shop without a mail server, for whoever tries it. Only a shop with a notice has these pages."""

import asyncio
from pathlib import Path

from quart import Blueprint, Response

from shop.mailbox import find_letter, newest_letters
from shop.templating import render_template
from shop.web import settings

mailbox = Blueprint("mailbox", __name__)


@mailbox.get("/mailbox")
async def index() -> str:
    return await render_template(
        "mailbox/index.html", letters=await asyncio.to_thread(newest_letters, folder())
    )


@mailbox.get("/mailbox/<name>")
async def show(name: str) -> str:
    return await render_template(
        "mailbox/show.html", letter=await asyncio.to_thread(find_letter, folder(), name)
    )


@mailbox.get("/mailbox/<name>/html")
async def html(name: str) -> Response:
    """The letter as a mail program shows it: nothing in it runs, and nothing is loaded."""
    letter = await asyncio.to_thread(find_letter, folder(), name)
    response = Response(letter.html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
    )
    return response


def folder() -> Path:
    found = settings().mailbox
    assert found, "the factory registers these pages only where there is one"
    return found
