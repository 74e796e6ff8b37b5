"""A small proxy for the length of a trial: each request goes to the next of several servers.

Where a server is gone, the next is asked: by whoever was not heard yet, and by whoever only reads. What may have been
done, and was not answered, is told to the browser as 502, as proxies do; the shopper tries again."""

import asyncio
import itertools
import re
from collections import Counter
from collections.abc import Sequence

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
CONNECTION = re.compile(rb"\r\nconnection:[^\r]*", re.IGNORECASE)
NO_ANSWER = b"HTTP/1.1 502 Bad Gateway\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
LONGEST = 2**20  # bytes of a head


class Proxy:
    def __init__(self, ports: Sequence[int]) -> None:
        self.ports, self.turns = ports, itertools.count()
        self.seen: Counter[str] = Counter()

    async def open(self) -> tuple[asyncio.Server, int]:
        """Its port, one that was free."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=LONGEST)
        return server, server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request; then the connection is closed."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = LENGTH.search(head)
            body = await reader.readexactly(int(length[1])) if length else b""
            closing = CONNECTION.sub(b"", head)[:-2] + b"connection: close\r\n\r\n"
            writer.write(await self._answer(closing + body))
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            self.seen["gone"] += 1  # the browser
        finally:
            writer.close()

    async def _answer(self, request: bytes) -> bytes:
        self.seen["requests"] += 1
        first = next(self.turns)
        for offset in range(len(self.ports)):
            port, heard = self.ports[(first + offset) % len(self.ports)], False
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                heard = True
                return await _ask(reader, writer, request)
            except (OSError, EOFError):
                if heard and not request.startswith((b"GET ", b"HEAD ")):
                    break
                self.seen["passed on"] += 1
        self.seen["502"] += 1
        return NO_ANSWER


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> bytes:
    """The whole answer. Raises EOFError where it breaks off."""
    try:
        writer.write(request)
        await writer.drain()
        reply = await reader.read(-1)
    finally:
        writer.close()
    head, end, body = reply.partition(b"\r\n\r\n")
    length = LENGTH.search(head + b"\r\n")
    if not end or (length and len(body) < int(length[1]) and not request.startswith(b"HEAD ")):
        raise EOFError
    return reply
