"""Bare Quart on the shop's own server: a route that answers with as many bytes as asked for.

`python -m tools.bench.bare PORT PROCESSES`"""

import gc
import os
import socket
import sys
from functools import cache

import uvloop
from quart import Quart

from shop.server import serve

app = Quart(__name__)


@app.get("/<int:size>")
async def answer(size: int) -> str:
    return _bytes(size)


@cache
def _bytes(size: int) -> str:
    return "x" * size


if __name__ == "__main__":
    port, processes = map(int, sys.argv[1:])
    listening = socket.create_server(("127.0.0.1", port), backlog=1024)
    for _ in range(processes - 1):
        if os.fork() == 0:
            break
    gc.freeze()  # as the shop does
    gc.set_threshold(50_000, 20, 50)
    uvloop.run(serve([(app, listening)], grace=1))
