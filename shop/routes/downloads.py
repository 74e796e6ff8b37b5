"""The way to a file. What looks at a link (a mail scanner, a browser that reads ahead) fetches nothing: only the button
does."""

from quart import Blueprint, Response, send_file

from shop.downloads import fetch, find_link
from shop.templating import render_template
from shop.web import db, finish, settings

downloads = Blueprint("downloads", __name__)
PATIENCE = 3600  # seconds that a slow line may take for a file


@downloads.get("/downloads/<token>")
async def show(token: str) -> str:
    return await render_template("downloads/show.html", link=await find_link(db(), settings(), token))


@downloads.post("/downloads/<token>")
async def download(token: str) -> Response:
    file = await finish(fetch(db(), settings(), token))
    reply = await send_file(file.path, file.mimetype, as_attachment=True, attachment_filename=file.name)
    reply.timeout = PATIENCE
    return reply
