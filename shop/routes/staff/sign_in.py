"""The door of the back office."""

import re

from quart import Blueprint, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from shop.staff.sessions import SESSION_LIFE, TooManyTries, WrongPassword, sign_out
from shop.staff.sessions import sign_in as let_in
from shop.templating import render_template
from shop.token_cookie import TokenCookie
from shop.web import Reply, db, see_other, settings, visitor

sign_in = Blueprint("sign_in", __name__)
COOKIE = TokenCookie("colophon-staff")


@sign_in.get("/sign-in")
async def show() -> str:
    return await render_template("staff/sign_in.html", wanted=_ours(request.args.get("wanted")), error=None)


@sign_in.post("/sign-in")
async def enter() -> Reply | Response:
    form = await request.form
    wanted, password_hash = _ours(form.get("wanted")), settings().staff_password_hash or ""
    try:
        made = await let_in(db(), password_hash, form.get("password", ""), visitor(), COOKIE.token)
    except (WrongPassword, TooManyTries) as error:
        page = await render_template("staff/sign_in.html", wanted=wanted, error=error)
        return page, error.status, {"Retry-After": str(error.retry_after)} if error.retry_after else {}
    return COOKIE.give(redirect(wanted or "/staff/orders", 303), made, SESSION_LIFE)


@sign_in.post("/sign-out")
async def leave() -> Response:
    await sign_out(db(), COOKIE.token)
    return COOKIE.take_back(see_other("staff.sign_in.show"))


def _ours(wanted: str | None) -> str:
    """A page of the back office to go on to; no other place."""
    return wanted if wanted and re.fullmatch(r"/staff/[\w./?=&%+:@-]*", wanted, re.ASCII) else ""
