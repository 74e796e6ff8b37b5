"""The one stylesheet that pages wait for: the files of static/css, each in its cascade layer, as one answer."""

import re
from collections.abc import Callable
from pathlib import Path

LAYERS = ("tokens", "base", "components", "print")  # the later wins, however specific the earlier
APART = ("staff",)  # what shoppers never see: its pages link to it
COMMENT_OR_INDENT = re.compile(r"/\*.*?\*/|(?<=\n)\s+", re.DOTALL)
FILE = re.compile(r"url\(\.\./([^)]+)\)")  # as it stands in static/css; browsers see it from static/


def stylesheet(static: Path, tag: Callable[[str], str]) -> str:
    """A file that is named like a layer is in it, every other one in `components`. `tag` names the content of a file
    that is linked to."""
    sheets = sorted(sheet for sheet in (static / "css").glob("*.css") if sheet.stem not in APART)
    css = "".join(f"@layer {_layer(sheet)} {{\n{sheet.read_text('utf-8')}}}\n" for sheet in sheets)
    css = FILE.sub(lambda found: f"url({found[1]}?v={tag(found[1])})", css)
    return f"@layer {', '.join(LAYERS)};\n{COMMENT_OR_INDENT.sub('', css)}"


def _layer(sheet: Path) -> str:
    return sheet.stem if sheet.stem in LAYERS else "components"
