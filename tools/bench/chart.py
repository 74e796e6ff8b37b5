"""Two small charts in one SVG, with colours of their own in the light and in the dark."""

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH, ROW, LEFT = 860, 22, 190
BAR = WIDTH - LEFT - 90
LEAST = 0.003  # of bare Quart, where the upper chart begins
GROWTH = 250  # units, the height of the lower chart
STYLE = """
text { font: 12px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600; font-size: 14px }
.soft { fill: #57606a }
.bar { fill: #1f6feb }
.rule { stroke: #8c959f; stroke-dasharray: 3 3 }
.grid { stroke: #d0d7de }
.line { fill: none; stroke-width: 2 }
.c0 { stroke: #1f6feb } .c1 { stroke: #bc4c00 } .c2 { stroke: #1a7f37 } .c3 { stroke: #8250df } .c4 { stroke: #bf3989 }
.c5 { stroke: #6e7781 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .soft { fill: #9198a1 } .bar { fill: #58a6ff } .grid { stroke: #3d444d }
  .rule { stroke: #9198a1 }
  .c0 { stroke: #58a6ff } .c1 { stroke: #f0883e } .c2 { stroke: #3fb950 } .c3 { stroke: #bc8cff }
  .c4 { stroke: #f778ba } .c5 { stroke: #9198a1 }
}
"""


def svg(
    ratios: Mapping[str, float], growth: Mapping[str, Sequence[float | None]], sizes: Sequence[int]
) -> str:
    """`ratios`: of bare Quart, by line; `growth`: the time of a request by size, that of the middle size being 1."""
    top = _bars(ratios)
    height = 60 + ROW * len(ratios)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height + GROWTH + 80}" role="img" '
        f'aria-label="Requests a second beside bare Quart, and growth with the number of books">'
        f"<style>{STYLE}</style>{top}"
        f'<g transform="translate(0 {height + 10})">{_lines(growth, sizes)}</g></svg>\n'
    )


def _bars(ratios: Mapping[str, float]) -> str:
    """By the power of ten: pages that are kept are a thousand times as quick as a checkout."""
    most = max(1.0, *ratios.values()) if ratios else 1.0
    scale = BAR / math.log(most / LEAST)

    def width(ratio: float) -> float:
        return max(1, scale * math.log(max(ratio, LEAST) / LEAST))

    parts = [
        _text(
            0,
            18,
            "Requests a second, bare Quart being 1 (10,000 books, SQLite, one process; logarithmic)",
            "title",
        )
    ]
    for mark in (0.01, 0.1, 1):
        x = f"{LEFT + width(mark):.1f}"
        kind = "rule" if mark == 1 else "grid"
        parts.append(f'<line class="{kind}" x1="{x}" x2="{x}" y1="28" y2="{32 + ROW * len(ratios)}"/>')
        parts.append(_text(LEFT + width(mark) - 8, 46 + ROW * len(ratios), f"{mark:g}", "soft"))
    for place, (name, ratio) in enumerate(ratios.items()):
        y = 32 + place * ROW
        parts.append(_text(LEFT - 8, y + 13, name, end=True))
        bar = f'x="{LEFT}" y="{y}" width="{width(ratio):.1f}" height="{ROW - 6}" rx="2"'
        parts.append(f'<rect class="bar" {bar}/>')
        parts.append(_text(LEFT + width(ratio) + 6, y + 13, share(ratio)))
    return "".join(parts)


def _lines(growth: Mapping[str, Sequence[float | None]], sizes: Sequence[int]) -> str:
    most = max((time for times in growth.values() for time in times if time), default=1)
    most = max(2.0, most * 1.1)
    xs = [LEFT + BAR * place / (len(sizes) - 1) for place in range(len(sizes))]

    def height(time: float) -> float:
        return 40 + GROWTH * (1 - time / most)

    parts = [_text(0, 18, "Time of a request as the catalogue grows (10,000 books being 1)", "title")]
    for step in (0, 1, 1.5, *range(2, int(most) + 1)):
        if most < 6 or step in (0, 1) or step % 5 == 0:
            y = height(step)
            parts.append(f'<line class="grid" x1="{LEFT}" x2="{LEFT + BAR}" y1="{y:.1f}" y2="{y:.1f}"/>')
            parts.append(_text(LEFT - 8, y + 4, f"{step:g}", "soft", end=True))
    for x, size in zip(xs, sizes, strict=True):
        parts.append(_text(x - 12, GROWTH + 60, f"{size:,} books", "soft"))
    for place, (name, times) in enumerate(growth.items()):
        known = [(x, height(time)) for x, time in zip(xs, times, strict=True) if time]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in known)
        parts.append(f'<polyline class="line c{place % 6}" points="{path}"/>')
        parts.append(
            f'<line class="line c{place % 6}" x1="0" x2="14" y1="{46 + place * 20}" y2="{46 + place * 20}"/>'
        )
        parts.append(_text(20, 50 + place * 20, name))
    return "".join(parts)


def _text(x: float, y: float, words: str, kind: str = "", *, end: bool = False) -> str:
    more = (f' class="{kind}"' if kind else "") + (' text-anchor="end"' if end else "")
    return f'<text x="{x:.1f}" y="{y:.1f}"{more}>{escape(words)}</text>'


def share(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio >= 0.1 else f"{ratio:.3f}"
