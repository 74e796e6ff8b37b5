"""A small generator of requests: some connections, each with one request under way."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import Any, NamedTuple, TypeVar

import httptools

T = TypeVar("T")


class Answer(NamedTuple):
    number: int
    """Of the request, from 0."""
    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float


async def run(
    host: str, port: int, requests: Sequence[bytes], seconds: float, connections: int, *, again: bool
) -> tuple[list[Answer], float]:
    """The answers, and the seconds that it took. A connection that breaks is made anew; the answer that it owed has
    status 599."""
    loop = asyncio.get_running_loop()
    answers: list[Answer] = []
    following = enumerate(cycle(requests) if again else iter(requests))
    begun = time.perf_counter()
    until = begun + seconds

    async def ask() -> None:
        connection: _Connection | None = None
        for number, request in _until(following, until):
            asked = time.perf_counter()
            try:
                if connection is None or connection.closed:
                    _, connection = await loop.create_connection(_Connection, host, port)
                status, headers, body = await connection.ask(request)
            except OSError:
                status, headers, body, connection = 599, {}, b"", None
            answers.append(Answer(number, status, headers, body, time.perf_counter() - asked))
        if connection:
            connection.close()

    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(ask())
    return sorted(answers, key=lambda answer: answer.number), time.perf_counter() - begun


def _until(requests: Iterator[T], until: float) -> Iterator[T]:
    while time.perf_counter() < until:
        try:
            yield next(requests)
        except StopIteration:
            return


class _Connection(asyncio.Protocol):
    """One request at a time. The callbacks are those of httptools' parser."""

    transport: Any = None
    closed = False

    def __init__(self) -> None:
        self.answered: asyncio.Future[tuple[int, dict[str, str], bytes]] | None = None
        self.parser = httptools.HttpResponseParser(self)

    async def ask(self, request: bytes) -> tuple[int, dict[str, str], bytes]:
        """Raises ConnectionError."""
        self.answered = asyncio.get_running_loop().create_future()
        self.headers: dict[str, str] = {}
        self.body: list[bytes] = []
        self.transport.write(request)
        return await self.answered

    def close(self) -> None:
        self.transport.close()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        self.closed = True
        if self.answered and not self.answered.done():
            self.answered.set_exception(error or ConnectionResetError())

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, part: bytes) -> None:
        self.body.append(part)

    def on_message_complete(self) -> None:
        status, keep = self.parser.get_status_code(), self.parser.should_keep_alive()
        if not keep:
            self.closed = True
            self.transport.close()
        self.parser = httptools.HttpResponseParser(self)
        if self.answered and not self.answered.done():
            self.answered.set_result((status, self.headers, b"".join(self.body)))
