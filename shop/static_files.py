"""The files of static/, read once: no name that a request brings ever reaches the file system."""

import hashlib
from pathlib import Path

from quart import Quart, Response, abort

from shop.compression import Content, send
from shop.stylesheet import stylesheet

# What ends otherwise is not served. (Python's own table depends on its version and on the machine.)
TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".txt": "text/plain",
    ".md": "text/plain",
}


def serve_static_files(app: Quart, folder: Path) -> dict[str, Content]:
    """At /static/, under the endpoint that Quart would have for them; by their names."""
    files = {
        path.relative_to(folder).as_posix(): _content(path.suffix, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.suffix in TYPES and path.is_file()
    }
    css = stylesheet(folder, lambda name: files[name].tag)
    files["shop.css"] = _content(".css", css.encode())

    @app.get("/static/<path:filename>", endpoint="static")
    async def static(filename: str) -> Response:
        return await send(files[filename]) if filename in files else abort(404)

    return files


def _content(suffix: str, body: bytes) -> Content:
    return Content(body, TYPES[suffix], hashlib.sha256(body).hexdigest()[:12])
