"""Answers as small as the browser takes them: by Brotli, else by gzip."""

import functools
import gzip
from dataclasses import dataclass
from typing import Literal

import brotli  # type: ignore[import-untyped]
from quart import Response, request
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

Encoding = Literal["br", "gzip", "identity"]

# The length of a compressed page tells what is in it, to somebody who can have words of theirs printed on it and count
# the bytes on the line (breachattack.com). So what holds a client secret, an address or a link that opens something is
# sent as it is. The shelf prints what was searched for, and nothing that is a secret; nor does the cart.
COMPRESSED = ("catalogue", "cart", None)  # blueprints; None is for errors where no page was found
LONGEST = 200  # letters of an Accept-Encoding
LEAST = 500  # bytes; of less there is little to gain
KEEP = "colophon.keep"  # in a request's scope, where its answer may be kept for others who ask the same: whether it is
KEPT, MADE = 11, 5  # how hard to try: for what is compressed once, and for what is made while somebody waits


@dataclass(frozen=True)
class Content:
    """Something that does not differ by visitor. `tag` names it: another content has another."""

    body: bytes
    mimetype: str
    tag: str

    @property
    def is_text(self) -> bool:
        return self.mimetype.startswith("text/") or self.mimetype == "image/svg+xml"


async def send(content: Content, quality: int = KEPT) -> Response:
    """In the form that the browser takes; 304 if it has it in that form."""
    encoding = _wanted() if content.is_text and len(content.body) >= LEAST else "identity"
    response = Response(_kept(content.body, encoding, quality), mimetype=content.mimetype)
    _label(response, encoding)
    response.set_etag(f"{content.tag}-{encoding}")
    return await response.make_conditional(request)


async def compress_page(response: Response) -> Response:
    """For after a request. What is kept is compressed by whoever keeps it."""
    if response.mimetype != "text/html" or request.blueprint not in COMPRESSED:
        return response
    if request.scope.get(KEEP) and response.status_code == 200:
        response.vary.add("Accept-Encoding")
        return response
    body = await response.get_data(as_text=False)
    encoding = _wanted() if len(body) >= LEAST else "identity"
    response.set_data(compress(body, encoding))
    _label(response, encoding)
    return response


def preferred(accepted: str) -> Encoding:
    """By a request's Accept-Encoding: what the browser likes best, and of what it likes as well, what is smaller. One
    that is longer than any browser's is not looked at."""
    return _preferred(accepted) if len(accepted) <= LONGEST else "identity"


@functools.lru_cache(maxsize=256)
def _preferred(accepted: str) -> Encoding:
    offers: tuple[Encoding, ...] = ("br", "gzip", "identity")
    best = parse_accept_header(accepted, Accept).best_match(offers)
    return next((offer for offer in offers if offer == best), "identity")


def _wanted() -> Encoding:
    return preferred(request.headers.get("Accept-Encoding", ""))


def _label(response: Response, encoding: Encoding) -> None:
    response.vary.add("Accept-Encoding")
    if encoding != "identity":
        response.content_encoding = encoding


@functools.lru_cache(maxsize=256)
def _kept(body: bytes, encoding: Encoding, quality: int) -> bytes:
    return compress(body, encoding, quality)


def compress(body: bytes, encoding: Encoding, quality: int = MADE) -> bytes:
    match encoding:
        case "br":
            return bytes(brotli.compress(body, quality=quality))
        case "gzip":
            return gzip.compress(body, min(quality, 9), mtime=0)
        case _:
            return body
