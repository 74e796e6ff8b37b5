"""Finding an order again by its code and email address."""

from quart import Blueprint, request
from werkzeug.wrappers import Response

from shop.errors import BadInput
from shop.looking_up import ask, read_question
from shop.templating import render_template
from shop.web import Reply, db, see_other, visitor

lookup = Blueprint("lookup", __name__)


@lookup.get("/find-order")
async def show() -> str:
    return await render_template("lookup/show.html", code="", email="", error=None)


@lookup.post("/find-order")
async def look_up() -> Reply | Response:
    form = await request.form
    code, email = form.get("code", ""), form.get("email", "")
    try:
        question = read_question(code, email)
    except BadInput as error:
        page = await render_template("lookup/show.html", code=code, email=email, error=error)
        return page, error.status, {}
    # Whoever sends letters is not woken: what he does for a hit would slow down the next request, and so tell.
    await ask(db(), *question, visitor())
    return see_other("lookup.asked")


@lookup.get("/find-order/asked")
async def asked() -> str:
    """The same for everybody, whatever was asked for."""
    return await render_template("lookup/asked.html")
