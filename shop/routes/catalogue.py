"""The shelf and the books on it. Reading makes no session."""

from quart import Blueprint, render_template, request

from shop.catalogue import Sort, find_book, list_books
from shop.errors import NotFound
from shop.web import Reply, db, render

catalogue = Blueprint("catalogue", __name__)


@catalogue.get("/")
async def index() -> Reply:
    words, category = request.args.get("q", "").strip(), request.args.get("category", "")
    page, sort = request.args.get("page", "1"), request.args.get("sort", Sort.FEATURED)
    if not (page.isascii() and page.isdigit() and len(page) < 9) or sort not in list(Sort):
        raise NotFound("There is no such page of the shelf.")
    shelf = await list_books(db(), words, category, Sort(sort), int(page))
    return await render(
        "catalogue/index.html",
        "catalogue/_shelf.html",
        shelf=shelf,
        q=words,
        category=category,
        sort=Sort(sort),
    )


@catalogue.get("/books/<slug>")
async def book(slug: str) -> str:
    return await render_template("catalogue/show.html", book=await find_book(db(), slug))


@catalogue.get("/help")
async def help_page() -> str:
    return await render_template("catalogue/help.html")
