"""The shelf and the books on it. Reading makes no session."""

from quart import Blueprint, Response, current_app, request
from werkzeug.wrappers import Response as BaseResponse

from shop import web
from shop.catalogue import cover, cover_tag, find_book, find_isbn, suggest
from shop.compression import MADE, Content, send
from shop.describing import describe
from shop.errors import ShopError
from shop.filters import LONGEST_SEARCH, Filters
from shop.kept_pages import VISIT, keep_page
from shop.models import Book, random_id
from shop.shelf import list_books
from shop.shelf_tools import tools
from shop.templating import render_template
from shop.web import Reply, absolute, cards, db, partial, render, see_other, settings

SELDOM = 100  # books: words that fewer have are seldom searched for twice
catalogue = Blueprint("catalogue", __name__)


@catalogue.get("/")
async def index() -> Reply | BaseResponse:
    filters = Filters.read(request.args)
    if not partial() and (slug := await find_isbn(db(), filters.q)):
        return see_other("catalogue.book", slug=slug)
    shelf, status = await list_books(web.catalogue(), filters), 422 if filters.problem else 200
    if not filters.problem and (not filters.q or shelf.found > SELDOM):
        keep_page()
    context = {"shelf": shelf, "filters": filters, "q": filters.q, "swapped": partial()}
    context["charges"] = settings().charges
    context["tools"] = tools(current_app.jinja_env, filters, shelf.categories)
    reply = await render("catalogue/index.html", "catalogue/_filtered.html", status, **context)
    if partial():  # without what a form sends of fields that are empty
        reply[2]["HX-Push-Url"] = filters.path()
    return reply


@catalogue.get("/suggestions")
async def suggestions() -> Reply | BaseResponse:
    """A few titles for what stands in the search box so far."""
    typed = request.args.get("q", "").strip()[:LONGEST_SEARCH]
    if not partial():
        return see_other("catalogue.index", q=typed)
    html = await render_template("catalogue/_suggestions.html", books=await suggest(db(), typed), q=typed)
    return html, 200, {"Vary": "HX-Request-Type"}


@catalogue.get("/books/<slug>")
async def book(slug: str) -> Reply:
    return await book_page(slug)


@catalogue.get("/books/<slug>/cover.svg")
async def cover_picture(slug: str) -> Response:
    book = await find_book(db(), slug)
    response = await send(Content(cover(book).encode(), "image/svg+xml", cover_tag(book)), MADE)
    return _kept_for_ever(response, book)


@catalogue.get("/books/<slug>/card.png")
async def card_picture(slug: str) -> Response:
    book = await find_book(db(), slug)
    response = await send(Content(await cards().png(cover(book)), "image/png", cover_tag(book)))
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"  # it is there for other sites
    return _kept_for_ever(response, book)


def _kept_for_ever(picture: Response, book: Book) -> Response:
    """If `?v=` names what stands on the cover."""
    fresh = request.args.get("v") == cover_tag(book)
    picture.headers["Cache-Control"] = "public, max-age=31536000, immutable" if fresh else "no-cache"
    return picture


@catalogue.get("/help")
async def help_page() -> str:
    return await render_template("catalogue/help.html", charges=settings().charges)


async def book_page(slug: str, error: ShopError | None = None) -> Reply:
    """`error`: why it cannot be bought now. What is no longer sold is gone (410), and the page says so."""
    book = await find_book(db(), slug)
    kept = not (error or book.withdrawn) and keep_page()
    html = await render_template(
        "catalogue/show.html",
        book=book,
        visit=VISIT if kept else random_id(),
        error=error,
        about=None if book.withdrawn else describe(book, absolute("")),
    )
    return html, error.status if error else 410 if book.withdrawn else 200, {}
