"""The factory: wiring and nothing else."""

import asyncio
from datetime import timedelta
from functools import cache

import jinja2
from quart import Quart, url_for
from quart.wrappers.base import BaseRequestWebsocket
from stdnum import isbn
from werkzeug.routing import MapAdapter

from shop import web
from shop.card import Cards
from shop.catalogue import cover_tag
from shop.cookies import Sessions
from shop.countries import country_name
from shop.db import Database
from shop.gateway import Gateway
from shop.headers import page_headers
from shop.jobs import send_until, work_until
from shop.models import BookFormat
from shop.moments import moment
from shop.money import money
from shop.readiness import Readiness
from shop.revision import Catalogue
from shop.routes import BLUEPRINTS
from shop.routes.account import account
from shop.routes.mailbox import mailbox
from shop.settings import ROOT, Settings
from shop.static_files import serve_static_files
from shop.templating import DRAWN_ONCE, SEEN, Templates, drawn_once
from shop.words import told


class Shop(Quart):
    jinja_environment = Templates
    # A typo in a template is an error, not an empty string.
    jinja_options = {  # noqa: RUF012 (Quart's own shape)
        **Quart.jinja_options,
        "undefined": jinja2.StrictUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
    }

    def create_url_adapter(self, request: BaseRequestWebsocket | None) -> MapAdapter | None:
        """Addresses are found by their path. What a request claims of its host and query may be garbage, on which
        Quart breaks before it can answer, and is never part of a redirect."""
        if request is None:
            return None
        return self.url_map.bind(
            "localhost", url_scheme=request.scheme, default_method=request.method, path_info=request.path
        )


def create_app(settings: Settings, gateway: Gateway | None = None) -> Quart:
    """The shop as an ASGI application. A test may give a gateway with a transport of its own."""
    app = Shop("shop", template_folder=str(ROOT / "templates"), static_folder=None)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=list(settings.old_secret_keys),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=180),
        MAX_CONTENT_LENGTH=256 * 1024,  # Stripe's events come near it; forms see `limits.py`
        MAX_FORM_PARTS=50,
        SEND_FILE_MAX_AGE_DEFAULT=None,
        BODY_TIMEOUT=10,
        # Else every answer, static files too, would carry the visitor's cookie.
        SESSION_REFRESH_EACH_REQUEST=False,
    )
    app.session_interface = app.extensions["sessions"] = Sessions()
    app.extensions["settings"] = settings
    app.extensions["db"] = Database(settings.database_url, settings.database_connections)
    app.extensions["catalogue"] = Catalogue(app.extensions["db"])
    app.extensions["gateway"] = gateway or Gateway.from_settings(settings)
    app.extensions["cards"] = Cards()
    app.extensions["readiness"] = Readiness(app.extensions["db"], settings)
    app.extensions["headers"] = page_headers(settings)
    app.url_map.strict_slashes = app.url_map.merge_slashes = False
    web.attach(app)
    _dress(app, settings)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    if settings.sends_letters:
        app.register_blueprint(account)
    if settings.sandbox_url and settings.mailbox:
        app.register_blueprint(mailbox)
    if settings.staff_password_hash:
        from shop.routes.staff import staff  # noqa: PLC0415 (a twentieth of all that is loaded)

        app.register_blueprint(staff)

    stopped = asyncio.Event()
    app.extensions["letters_due"] = asyncio.Event()

    @app.before_serving
    async def start_jobs() -> None:
        if settings.jobs:
            work = work_until(stopped, app.extensions["db"], app.extensions["gateway"])
            app.extensions["jobs"] = asyncio.create_task(work)
            post = send_until(stopped, app.extensions["letters_due"], app.extensions["db"], settings)
            app.extensions["post"] = asyncio.create_task(post)

    @app.after_serving
    async def close() -> None:
        stopped.set()
        app.extensions["letters_due"].set()
        jobs = [app.extensions["jobs"], app.extensions["post"]] if settings.jobs else []
        await web.finish_running(*jobs, within=settings.shutdown_grace / 2)
        await app.extensions["gateway"].close()
        await app.extensions["db"].close()

    return app


def _dress(app: Quart, settings: Settings) -> None:
    """What templates may use beside what handlers give them."""
    files = serve_static_files(app, ROOT / "static")
    app.extensions["tag"] = lambda name: files[name].tag  # names the content: it may be cached for ever
    app.jinja_env.globals.update(
        absolute=web.absolute,
        asset=cache(lambda name: url_for("static", filename=name, v=files[name].tag)),
        money=money,
        country_name=country_name,
        formats=list(BookFormat),
        moment=moment,
        told=told,
        **{name: drawn_once(app.jinja_env, *drawing) for name, drawing in DRAWN_ONCE.items()},
        seen=SEEN,
        cover_tag=cover_tag,
        hyphens=isbn.format,
        notice=_notice(settings),
        signs_in=settings.sends_letters,
        at_stripe=lambda stripe_id: _at_stripe(settings, stripe_id),
        stripe_js_url=settings.stripe_js_url,
        publishable_key=settings.stripe_publishable_key,
    )


def _notice(settings: Settings) -> dict[str, str | None] | None:
    """What the pages of a shop that nobody pays for really link to."""
    if settings.sandbox_url is None:
        return None
    pages = {name: f"{settings.sandbox_url}/_sandbox/{name}" for name in ("cards", "workbench", "panel")}
    return {**pages, "mailbox": "/mailbox" if settings.mailbox else None}


def _at_stripe(settings: Settings, stripe_id: str) -> str:
    """Where whoever runs the shop sees a thing of Stripe's: the dashboard, or the workbench of its double."""
    if settings.sandbox_url:
        return f"{settings.sandbox_url}/_sandbox/workbench/{stripe_id}"
    mode = "" if "_live_" in settings.stripe_secret_key else "/test"
    page = {"pi": "payments/", "ch": "payments/", "py": "payments/", "evt": "events/"}
    path = page.get(stripe_id.partition("_")[0], "search?query=")
    return f"https://dashboard.stripe.com{mode}/{path}{stripe_id}"
