"""Pages of the catalogue, answered again as they were answered before, as long as the catalogue's revision stands.

They differ by address, by how they are asked for, and by the number in the header's cart, which is in the visitor's
cookie: so nothing that is one visitor's gets to another. A page that shows more of its visitor must not be kept."""

import asyncio
import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any

from quart import Quart, request
from werkzeug.http import parse_etags

from shop.compression import KEEP, Encoding, compress, preferred
from shop.errors import DatabaseUnavailable
from shop.models import random_id
from shop.revision import Catalogue, Revision

MOST = 8 * 1024 * 1024  # bytes of pages that a process keeps
VISIT = random_id()  # in kept pages, where each visitor who gets one gets a random id of his own
IN_PAGE = VISIT.encode()
OF_ONE_ANSWER = (b"content-length", b"x-request-id")

Key = tuple[str, bytes, bytes, str, bool, int]
Headers = list[tuple[bytes, bytes]]
Message = dict[str, Any]


def keep_page() -> bool:
    """For the handler of a page that shows the catalogue, the number in the cart, and nothing else that changes.
    Whether it is kept: only where `KeptPages` has offered to."""
    if KEEP not in request.scope:
        return False
    request.scope[KEEP] = True  # type: ignore[literal-required]
    return True


@dataclass
class Page:
    revision: Revision
    headers: Headers
    body: bytes
    tag: str
    encoded: dict[Encoding, bytes] = field(default_factory=dict)


class KeptPages:
    """Stands before Quart, so that a kept page costs little more than sending it."""

    def __init__(self, app: Quart, answer: Any) -> None:
        self.answer = answer
        self.catalogue: Catalogue = app.extensions["catalogue"]
        self.pages: OrderedDict[Key, Page] = OrderedDict()
        self.size = 0
        self.being_made: dict[Key, asyncio.Event] = {}
        self.count = lru_cache(maxsize=4096)(partial(app.extensions["sessions"].count, app))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or not _may_be_kept(scope["path"]):
            await self.answer(scope, receive, send)
            return
        try:
            revision = await self.catalogue.revision()
        except DatabaseUnavailable:
            await self.answer(scope, receive, send)  # which says so
            return
        asked = dict(scope["headers"])
        key = self._key(scope, asked)
        if page := await self._found(key, revision):
            await self._send(page, asked, send)
        else:
            await self._make(key, revision, scope, receive, send)

    def _key(self, scope: Any, asked: dict[bytes, bytes]) -> Key:
        cookies = b"; ".join(value for name, value in scope["headers"] if name == b"cookie")
        count = self.count(cookies.decode("latin-1"), scope["scheme"]) if cookies else 0
        fragment = asked.get(b"hx-request-type") == b"partial"
        host = asked.get(b"host", b"")
        return scope["path"], scope["query_string"], host, scope["scheme"], fragment, count

    async def _found(self, key: Key, revision: Revision) -> Page | None:
        """The page, if it is kept. What is being made for somebody else at the moment is waited for."""
        if made := self.being_made.get(key):
            await made.wait()
        page = self.pages.get(key)
        if page is None or page.revision != revision:
            return None
        self.pages.move_to_end(key)
        return page

    async def _make(self, key: Key, revision: Revision, scope: Any, receive: Any, send: Any) -> None:
        """Have it answered, and keep the answer if its handler has said so."""
        made = self.being_made[key] = asyncio.Event()
        scope, head, body = {**scope, KEEP: False}, None, b""

        async def keep(message: Message) -> None:
            nonlocal head, body
            # What breaks after its handler has said so is an error page.
            if message["type"] == "http.response.start" and scope[KEEP] and message["status"] == 200:
                head = message["headers"]
            elif head is None:
                await send(message)
            elif message["type"] == "http.response.body":
                body += message.get("body", b"")

        try:
            await self.answer(scope, receive, keep)
            if head is not None:
                page = _page(revision, head, body)
                if all(name.lower() != b"set-cookie" for name, _ in head):  # that is for one visitor alone
                    self._keep(key, page)
                await self._send(page, dict(scope["headers"]), send)
        finally:
            made.set()
            if self.being_made.get(key) is made:
                del self.being_made[key]

    def _keep(self, key: Key, page: Page) -> None:
        if old := self.pages.pop(key, None):
            self.size -= _size(old)
        self.pages[key] = page
        self.size += _size(page)
        while self.size > MOST:
            _, oldest = self.pages.popitem(last=False)
            self.size -= _size(oldest)

    async def _send(self, page: Page, asked: dict[bytes, bytes], send: Any) -> None:
        encoding = preferred(asked.get(b"accept-encoding", b"").decode("latin-1"))
        headers = [*page.headers]
        if encoding != "identity":
            headers.append((b"content-encoding", encoding.encode()))
        if IN_PAGE in page.body:
            await _answer(200, headers, compress(_for_one_visitor(page.body), encoding), send)
            return
        etag = f"{page.tag}-{encoding}"
        headers.append((b"etag", f'"{etag}"'.encode()))
        if b"if-none-match" in asked and etag in parse_etags(asked[b"if-none-match"].decode("latin-1")):
            await _answer(304, headers, b"", send)
        else:
            await _answer(200, headers, self._encoded(page, encoding), send)

    def _encoded(self, page: Page, encoding: Encoding) -> bytes:
        if encoding == "identity":
            return page.body
        if encoding not in page.encoded:
            page.encoded[encoding] = compress(page.body, encoding)
            self.size += len(page.encoded[encoding])
        return page.encoded[encoding]


def _may_be_kept(path: str) -> bool:
    """The shelf, and the pages of books, not what lies below them."""
    return path == "/" or (path.startswith("/books/") and "/" not in path[7:])


def _page(revision: Revision, headers: Headers, body: bytes) -> Page:
    kept = [(name, value) for name, value in headers if name.lower() not in OF_ONE_ANSWER]
    return Page(revision, kept, body, hashlib.sha256(body).hexdigest()[:20])


def _size(page: Page) -> int:
    return len(page.body) + sum(map(len, page.encoded.values()))


def _for_one_visitor(body: bytes) -> bytes:
    return body.replace(IN_PAGE, random_id().encode(), 1)


async def _answer(status: int, headers: Headers, body: bytes, send: Any) -> None:
    if status != 304:
        headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
