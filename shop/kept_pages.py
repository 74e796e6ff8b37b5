"""Pages of the catalogue, answered again as they were answered before, as long as the catalogue's revision stands.

They differ by address, by how they are asked for, and by the number in the header's cart, which is in the visitor's
cookie: so nothing that is one visitor's gets to another. A page that shows more of its visitor must not be kept."""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any

from quart import Quart, request
from werkzeug.http import parse_etags

from shop.compression import KEEP, Encoding, compress, preferred
from shop.errors import DatabaseUnavailable
from shop.models import random_id
from shop.revision import Catalogue, Revision

MOST = 4 * 1024 * 1024  # bytes of pages that a process keeps
LONGEST = 1024  # bytes of cookies that are remembered; more are read each time
VISIT = random_id()  # in kept pages, where each visitor who gets one gets a random id of his own
IN_PAGE = VISIT.encode()
UNAVAILABLE = "colophon.unavailable"  # in a request's scope, why its handler need not ask the database again
PATIENCE = 1  # seconds after which that is so; at once, it may answer what it was not asked here
REQUEST_ID = b"x-request-id"
OF_ONE_ANSWER = (b"content-length", REQUEST_ID)
ASKED = ("GET", "HEAD")

Key = tuple[str, bytes, bytes, str, bool, int]
Header = tuple[bytes, bytes]
Headers = list[Header]
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
        self.count = partial(app.extensions["sessions"].count, app)
        self.count_again = lru_cache(maxsize=4096)(self.count)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["method"] not in ASKED or not _may_be_kept(scope["path"]):
            await self.answer(scope, receive, send)
            return
        began = time.monotonic()
        try:
            revision = await self.catalogue.revision()
        except DatabaseUnavailable as error:
            waited = time.monotonic() - began > PATIENCE
            await self.answer({**scope, **({UNAVAILABLE: error} if waited else {})}, receive, send)
            return
        asked = _asked(scope)
        key = self._key(scope, asked)
        if page := await self._found(key, revision):
            await self._send(page, asked, send)
        else:
            await self._make(key, revision, scope, receive, send)

    def _key(self, scope: Any, asked: dict[bytes, bytes]) -> Key:
        cookies = b"; ".join(value for name, value in scope["headers"] if name == b"cookie")
        count = self.count_again if len(cookies) <= LONGEST else self.count
        fragment = asked.get(b"hx-request-type") == b"partial"
        host = asked.get(b"host", b"")
        books = count(cookies.decode("latin-1"), scope["scheme"]) if cookies else 0
        return scope["path"], scope["query_string"], host, scope["scheme"], fragment, books

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
        # The server leaves the body of an answer to HEAD away.
        scope, head, body = {**scope, "method": "GET", KEEP: False}, None, b""

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
                await self._send(page, _asked(scope), send, _own(head))
        finally:
            made.set()
            if self.being_made.get(key) is made:
                del self.being_made[key]

    def _keep(self, key: Key, page: Page) -> None:
        if old := self.pages.pop(key, None):
            self.size -= _size(key, old)
        self.pages[key] = page
        self.size += _size(key, page)
        while self.size > MOST:
            self.size -= _size(*self.pages.popitem(last=False))

    async def _send(
        self, page: Page, asked: dict[bytes, bytes], send: Any, own: Sequence[Header] = ()
    ) -> None:
        encoding = preferred(asked.get(b"accept-encoding", b"").decode("latin-1"))
        headers = [*page.headers, *own]
        if encoding != "identity":
            headers.append((b"content-encoding", encoding.encode()))
        if IN_PAGE in page.body:
            await _answer(200, headers, compress(_for_one_visitor(page.body), encoding), send)
            return
        etag = f"{page.tag}-{encoding}"
        headers.append((b"etag", f'"{etag}"'.encode()))
        known = parse_etags(asked.get(b"if-none-match", b"").decode("latin-1"))
        if known.contains_weak(etag):  # RFC 9110, 13.1.2
            await _answer(304, headers, b"", send)
        else:
            await _answer(200, headers, self._encoded(page, encoding), send)

    def _encoded(self, page: Page, encoding: Encoding) -> bytes:
        if encoding == "identity":
            return page.body
        if encoding not in page.encoded:
            page.encoded[encoding] = compress(page.body, encoding)
        return page.encoded[encoding]


def _may_be_kept(path: str) -> bool:
    """The shelf, and the pages of books, not what lies below them."""
    return path == "/" or (path.startswith("/books/") and "/" not in path[7:])


def _asked(scope: Any) -> dict[bytes, bytes]:
    """The request's headers. Of one that comes twice the first counts, as for Quart: else a page could be kept for
    another way of asking than it was made for."""
    return dict(reversed(scope["headers"]))


def _page(revision: Revision, headers: Headers, body: bytes) -> Page:
    kept = [(name, value) for name, value in headers if name.lower() not in OF_ONE_ANSWER]
    return Page(revision, kept, body, hashlib.sha256(body).hexdigest()[:20])


def _own(headers: Headers) -> Headers:
    """What names the answer that a page was made for."""
    return [(name, value) for name, value in headers if name.lower() == REQUEST_ID]


def _size(key: Key, page: Page) -> int:
    """What it takes in memory, roughly; compressed, a page is a fifth as large, and there are two ways."""
    path, query, host, *_ = key
    return len(path) + len(query) + len(host) + len(page.body) * 7 // 5


def _for_one_visitor(body: bytes) -> bytes:
    return body.replace(IN_PAGE, random_id().encode(), 1)


async def _answer(status: int, headers: Headers, body: bytes, send: Any) -> None:
    if status != 304:
        headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
