"""The workbench's story of one payment for the margin of a shop's page. It only shows; the workbench acts."""

from typing import cast
from urllib.parse import urlsplit

from quart import Blueprint, Response, current_app, request

from . import journal, stories
from .live import guarded, living
from .settings import SandboxSettings
from .store import Store, shown

panel = Blueprint("sandbox_panel", __name__, url_prefix="/_sandbox/panel")


@panel.get("")
async def show() -> Response:
    """The story of what `?about=` names, like the workbench's search; without it, of the newest intent."""
    store, settings = _held()
    about = request.args.get("about", "").strip()
    id = stories.home_of(store, about) if about else stories.newest(store)
    found = store.named(id) if id else None
    return await living(
        "sandbox/panel.html",
        "sandbox/_panel.html",
        id=id,
        about=about,
        subject=journal.masked(shown(found)),
        steps=stories.story(store, id, settings.url) if id else [],
    )


@panel.after_request
async def guard(response: Response) -> Response:
    """Shops on this computer may frame the panel, whatever their port."""
    own = urlsplit(_held()[1].url)
    shops = f"http://localhost:* http://127.0.0.1:* {own.scheme}://{own.hostname}:*"
    return guarded(response, shops)


def _held() -> tuple[Store, SandboxSettings]:
    extensions = current_app.extensions
    return cast(Store, extensions["store"]), cast(SandboxSettings, extensions["settings"])
