"""The door of the back office."""

import re

from quart import Blueprint, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from shop.staff.sessions import SESSION_LIFE, TooManyTries, WrongPassword, sign_out
from shop.staff.sessions import sign_in as let_in
from shop.templating import render_template
from shop.web import (
    Reply,
    db,
    over_https,
    see_other,
    settings,
    visitor,
)

sign_in = Blueprint("sign_in", __name__)


@sign_in.get("/sign-in")
async def show() -> str:
    return await render_template("staff/sign_in.html", wanted=_ours(request.args.get("wanted")), error=None)


@sign_in.post("/sign-in")
async def enter() -> Reply | Response:
    form = await request.form
    wanted, password_hash = _ours(form.get("wanted")), settings().staff_password_hash or ""
    try:
        made = await let_in(db(), password_hash, form.get("password", ""), visitor(), token())
    except (WrongPassword, TooManyTries) as error:
        page = await render_template("staff/sign_in.html", wanted=wanted, error=error)
        return page, error.status, {"Retry-After": str(error.retry_after)} if error.retry_after else {}
    response = redirect(wanted or "/staff/orders", 303)
    # Lax: a link in a letter leads in, and other sites' forms are refused anyway.
    flags = {"httponly": True, "secure": over_https(), "samesite": "Lax", "path": "/"}
    response.set_cookie(cookie(), made, max_age=SESSION_LIFE, **flags)  # type: ignore[arg-type]
    return response


@sign_in.post("/sign-out")
async def leave() -> Response:
    await sign_out(db(), token())
    response = see_other("staff.sign_in.show")
    response.delete_cookie(cookie(), secure=over_https(), httponly=True, samesite="Lax", path="/")
    return response


def cookie() -> str:
    """Its name: over https one that browsers take from this host alone. The token in it is all that it holds."""
    return "__Host-colophon-staff" if over_https() else "colophon-staff"


def token() -> str | None:
    return request.cookies.get(cookie())


def _ours(wanted: str | None) -> str:
    """A page of the back office to go on to; no other place."""
    return wanted if wanted and re.fullmatch(r"/staff/[\w./?=&%+:@-]*", wanted, re.ASCII) else ""
