"""The picture beside a link to a book, where somebody shares it: sites take no SVG for that.

Drawing one takes a tenth of a second, in which nothing else of its process runs. So it is done in another process,
one at a time, and what was drawn lately is kept."""

import asyncio
import sys
from collections import OrderedDict

from shop.errors import ShopError
from shop.words import _, gettext_noop

WIDTH, HEIGHT = 1200, 630  # what sites show without cutting anything off
MARGIN = 30
GROUND = "#efe9dd"
KEPT = 200  # pictures, of 30 KB
LONGEST_QUEUE = 20
PATIENCE = 10  # seconds

DRAW = f"""
import sys, resvg_py
svg = sys.stdin.buffer.read().decode()
picture = resvg_py.svg_to_bytes(svg_string=svg, width={WIDTH}, height={HEIGHT}, skip_system_fonts=True)
sys.stdout.buffer.write(picture)
"""


class Busy(ShopError):
    status = 503
    heading = gettext_noop("Please try again")
    retry_after = 10

    def __init__(self) -> None:
        super().__init__(_("The picture of this book is not ready yet. Try again in a moment."))


class Cards:
    def __init__(self) -> None:
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._one, self._waiting = asyncio.Semaphore(1), 0

    async def png(self, cover: str) -> bytes:
        """The cover, an SVG, in the middle of a card. Raises Busy."""
        if cover not in self._kept:
            await self._wait_for(cover)
        self._kept.move_to_end(cover)
        picture = self._kept[cover]
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return picture

    async def _wait_for(self, cover: str) -> None:
        if self._waiting >= LONGEST_QUEUE:
            raise Busy
        self._waiting += 1
        try:
            async with self._one:
                if cover not in self._kept:
                    self._kept[cover] = await _drawn(_card(cover))
        finally:
            self._waiting -= 1


def _card(cover: str) -> str:
    height = HEIGHT - 2 * MARGIN
    width = height * 2 // 3
    place = f'x="{(WIDTH - width) // 2}" y="{MARGIN}" width="{width}" height="{height}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{GROUND}"/>'
        f"{cover.replace('<svg ', f'<svg {place} ', 1)}</svg>"
    )


async def _drawn(svg: str) -> bytes:
    pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-c", DRAW, stdin=pipe, stdout=pipe, stderr=nothing, env={}
    )
    try:
        picture, _nothing = await asyncio.wait_for(process.communicate(svg.encode()), PATIENCE)
    except TimeoutError:
        raise Busy from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise Busy
    return picture
