"""Line breaking: divide a text into even lines that do not end on an "of"."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from shop.covers.letters import face

LONG_WORD = 17  # letters; longer words may be divided
LITTLE_WORDS = "a an the of and & in on to for with from by at or is as into its your that my mr. mrs. dr."
LOOSE_ENDS = frozenset(LITTLE_WORDS.split(" "))


@dataclass(frozen=True)
class Style:
    face: str
    leading: float = 1.1  # between baselines, in sizes
    tracking: int = 0  # between letters, in thousandths of the size
    capitals: bool = False
    most_lines: int = 6


class Word(NamedTuple):
    text: str
    joint: str  # between it and the next word of its line: a space, nothing, or "-" when only divided


def breaks(text: str, style: Style) -> Iterator[tuple[list[str], float]]:
    """The best way of breaking a text into one line, two, three … and how ugly it is, from 0 to 1."""
    words = list(_words(text, style))
    for count in range(1, min(style.most_lines, len(words)) + 1):
        yield _break(words, style, count)


def _words(text: str, style: Style) -> Iterator[Word]:
    spelled = face(style.face).spell(text.upper() if style.capitals else text)
    for word in spelled.split(" "):
        parts = [part for part in word.replace("-", "-\0").replace("–", "–\0").split("\0") if part]
        for number, part in enumerate(parts):
            last = number == len(parts) - 1
            yield from _divided(part, " " if last else "")


def _divided(word: str, joint: str) -> Iterator[Word]:
    if len(word) <= LONG_WORD:
        yield Word(word, joint)
        return
    pieces = -(-len(word) // 12)
    step = -(-len(word) // pieces)
    for start in range(0, len(word), step):
        last = start + step >= len(word)
        yield Word(word[start : start + step], joint if last else "-")


def _break(words: list[Word], style: Style, count: int) -> tuple[list[str], float]:
    """The words in `count` lines as even as can be, and how ugly the breaks are (0 none, 1 very)."""
    total, letters = len(words), face(style.face)
    advances = [letters.advances(word.text + word.joint, style.tracking)[-1] for word in words]
    reach = [0, *accumulate(advances)]
    even = max(reach[total] / count, 1)
    cost: list[list[tuple[float, int]]] = [[(float("inf"), 0)] * (total + 1) for _ in range(count + 1)]
    cost[0][0] = (0.0, 0)
    for row in range(1, count + 1):
        for end in range(row, total - (count - row) + 1):
            cost[row][end] = min(
                (
                    cost[row - 1][start][0]
                    + ((reach[end] - reach[start]) / even - 1) ** 2
                    + _ugliness(words[start:end], end == total, count),
                    start,
                )
                for start in range(row - 1, end)
            )
    lines, end = list[str](), total
    for row in range(count, 0, -1):
        start = cost[row][end][1]
        lines.append(_join(words[start:end]))
        end = start
    return lines[::-1], min(1.0, cost[count][total][0] / count)


def _ugliness(line: list[Word], is_last: bool, count: int) -> float:
    end = line[-1].text.lower().strip(",")
    lone = len(line) == 1 and len(end) <= 3 and count > 1
    return (
        (0.0 if is_last or end not in LOOSE_ENDS else 0.6)
        + (1.0 if lone else 0.0)
        + 0.8 * (line[-1].joint == "-")
    )


def _join(line: list[Word]) -> str:
    text = "".join(word.text + ("" if word.joint == "-" else word.joint) for word in line[:-1])
    return text + line[-1].text + ("-" if line[-1].joint == "-" else "")
