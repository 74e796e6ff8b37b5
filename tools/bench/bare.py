"""Bare Quart on the shop's own server: a route that answers with as many bytes as asked for.

`python -m tools.bench.bare PORT PROCESSES`"""

import os
import sys
from functools import cache

import uvloop
from quart import Quart

from shop.server import _leave_garbage, bind, serve

app = Quart(__name__)


@app.get("/<int:size>")
async def answer(size: int) -> str:
    return _bytes(size)


@cache
def _bytes(size: int) -> str:
    return "x" * size


if __name__ == "__main__":
    port, processes = map(int, sys.argv[1:])
    listening = bind("127.0.0.1", port)
    for _ in range(processes - 1):
        if os.fork() == 0:
            break
    _leave_garbage()
    uvloop.run(serve([(app, listening)], grace=1))
