"""One browser's connection, with an end to the head of a request: httptools knows none, in size or in time."""

import asyncio

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

HEAD_SIZE = 64 * 1024  # bytes of the first line and the headers
HEAD_FIELDS = 100


class BoundedConnection(HttpToolsProtocol):
    head_seconds = 10.0
    _coming: asyncio.TimerHandle | None = None  # runs while a head is coming in
    _received = 0  # bytes of it
    _refusal: int | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._begin_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._coming:
            self._received += len(data)
            if self._received > HEAD_SIZE:
                self._refuse(431)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._begin_head()

    def on_headers_complete(self) -> None:
        self._end_head()
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > HEAD_SIZE or len(self.headers) > HEAD_FIELDS:
            self._refusal = 431
            raise ValueError("the head is too large")  # which the parser makes an error of, and it the answer
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_head()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        self._refuse(self._refusal or 400)

    def _begin_head(self) -> None:
        self._end_head()
        self._received = 0
        self._coming = self.loop.call_later(self.head_seconds, self._refuse, 408)

    def _end_head(self) -> None:
        if self._coming:
            self._coming.cancel()
            self._coming = None

    def _refuse(self, status: int) -> None:
        """In the server's words: there is no request yet that the shop could answer."""
        self._end_head()
        if not self.transport.is_closing():
            self.transport.write(STATUS_LINE[status] + b"connection: close\r\ncontent-length: 0\r\n\r\n")
            self.transport.close()
