"""The files of static/, read once: no name that a request brings ever reaches the file system."""

import hashlib
import mimetypes
from pathlib import Path

from quart import Quart, Response, abort

from shop.compression import Content, send
from shop.stylesheet import stylesheet


def serve_static_files(app: Quart, folder: Path) -> dict[str, Content]:
    """At /static/, under the endpoint that Quart would have for them; by their names."""
    files = {
        path.relative_to(folder).as_posix(): _content(path.name, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    css = stylesheet(folder, lambda name: files[name].tag)
    files["shop.css"] = _content("shop.css", css.encode())

    @app.get("/static/<path:filename>", endpoint="static")
    async def static(filename: str) -> Response:
        return await send(files[filename]) if filename in files else abort(404)

    return files


def _content(name: str, body: bytes) -> Content:
    mimetype = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Content(body, mimetype, hashlib.sha256(body).hexdigest()[:12])
