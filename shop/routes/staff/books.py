"""Books: the list, and one book's price and stock."""

from quart import Blueprint, request
from werkzeug.wrappers import Response

from shop.catalogue import find_book
from shop.errors import Conflict, ShopError
from shop.money import major_units
from shop.staff.books import BadField, Edit, edit_book, list_books
from shop.web import Reply, db, optional_number, render, see_other

books = Blueprint("books", __name__, url_prefix="/books")


@books.get("")
async def index() -> Reply:
    q, after = request.args.get("q", "").strip()[:200], request.args.get("after", "")
    found = await list_books(db(), q, after)
    return await render("staff/books/index.html", "staff/books/_found.html", found=found, typed=q)


@books.get("/<slug>")
async def show(slug: str) -> Reply:
    return await _book_page(slug)


@books.post("/<slug>")
async def edit(slug: str) -> Reply | Response:
    form = await request.form
    typed = {name: form.get(name, "").strip() for name in ("price", "stock")}
    seen = {name: optional_number(form.get(name)) for name in ("seen_price", "seen_stock")}
    try:
        await edit_book(db(), slug, Edit(**typed, **seen))  # type: ignore[arg-type]
    except (BadField, Conflict) as error:
        return await _book_page(slug, error, typed if isinstance(error, BadField) else None)
    return see_other("staff.books.show", slug=slug, saved="1")


async def _book_page(slug: str, error: ShopError | None = None, typed: dict[str, str] | None = None) -> Reply:
    book = await find_book(db(), slug)
    shown = typed or {"price": str(major_units(book.price, book.currency)), "stock": str(book.stock)}
    page, status = "staff/books/show.html", error.status if error else 200
    return await render(
        page, page, status, book=book, shown=shown, error=error, saved="saved" in request.args
    )
