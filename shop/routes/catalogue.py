"""The shelf and the books on it. Reading makes no session."""

from quart import Blueprint, Response, render_template, request

from shop.catalogue import Sort, cover, cover_tag, find_book, list_books
from shop.errors import BadInput, NotFound
from shop.web import Reply, db, render

catalogue = Blueprint("catalogue", __name__)


@catalogue.get("/")
async def index() -> Reply:
    words, category = request.args.get("q", "").strip(), request.args.get("category", "")
    page, sort = request.args.get("page", "1"), request.args.get("sort", Sort.FEATURED)
    if not (page.isascii() and page.isdigit() and len(page) < 9) or sort not in list(Sort):
        raise NotFound("There is no such page of the shelf.")
    if len(words) > 200:
        raise BadInput("Search with at most 200 letters: a title, a name or an ISBN is enough.")
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


@catalogue.get("/books/<slug>/cover.svg")
async def cover_picture(slug: str) -> Response:
    """`?v=` names what stands on the cover, so that it may be kept for ever."""
    book = await find_book(db(), slug)
    response = Response(cover(book), mimetype="image/svg+xml")
    response.set_etag(cover_tag(book))
    fresh = request.args.get("v") == cover_tag(book)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if fresh else "no-cache"
    return await response.make_conditional(request)


@catalogue.get("/help")
async def help_page() -> str:
    return await render_template("catalogue/help.html")
