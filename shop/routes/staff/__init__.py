"""The back office, in menu order. There is none unless the settings hold the hash of its password."""

from quart import Blueprint, request, url_for
from werkzeug.wrappers import Response

from shop.routes.staff.audit import audit
from shop.routes.staff.books import books
from shop.routes.staff.imports import imports
from shop.routes.staff.orders import orders
from shop.routes.staff.refunds import refunds
from shop.routes.staff.sign_in import COOKIE, sign_in
from shop.routes.staff.webhooks import webhooks
from shop.staff.sessions import is_signed_in
from shop.web import Reply, db, partial, see_other, settings

staff = Blueprint("staff", __name__, url_prefix="/staff")
for part in (sign_in, orders, refunds, books, imports, webhooks, audit):
    staff.register_blueprint(part)


@staff.before_request
async def ask_who() -> Reply | Response | None:
    """Of what is behind the door nobody learns whether it is there."""
    if request.endpoint in ("staff.sign_in.show", "staff.sign_in.enter"):
        return None
    if await is_signed_in(db(), settings().staff_password_hash or "", COOKIE.token):
        return None
    wanted = request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else None
    if partial():  # the door is a page, not a part of this one
        return "", 200, {"HX-Redirect": url_for("staff.sign_in.show", wanted=wanted)}
    return see_other("staff.sign_in.show", wanted=wanted)


@staff.get("")
async def index() -> Response:
    return see_other("staff.orders.index")
