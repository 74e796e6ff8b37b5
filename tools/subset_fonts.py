"""Cut the typefaces of the pages down to what a bookshop sets. By hand, when a face or a letter is added:

    pip install fonttools brotli
    python -m tools.subset_fonts eb-garamond 500-normal static/fonts/garamond FOLDER

FOLDER holds the WOFF2 files of the npm package `@fontsource/eb-garamond`, unpacked. Two files are written: what nearly
every page needs, and the other letters of Latin, which a browser fetches when it meets one (`unicode-range`).
static/fonts/README.md says which files were cut from what.
"""

import sys
import tempfile
from pathlib import Path

from fontTools.merge import Merger
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

# As in the unicode-range of static/css/fonts.css.
CORE = {*range(0x20, 0x7F), 0xA0, 0xA9, 0xB6, 0xB7, 0xD7, 0xE9, 0xF6, 0x2212}
CORE |= {ord(sign) for sign in "–—‘’“”…"}
REST = {*range(0xA1, 0x180), *(ord(sign) for sign in "ȘșȚțẞ‚„†•‹›€™")} - CORE
FEATURES = ["kern", "mark", "ccmp", "liga", "tnum"]


def main(family: str, style: str, target: str, folder: str) -> None:
    for letters, name in ((CORE, target), (REST, f"{target}-rest")):
        font = whole(family, style, Path(folder))
        options = Options(layout_features=FEATURES, hinting=False, flavor="woff2", name_IDs=[0, 1, 2, 13, 14])
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=letters)
        subsetter.subset(font)
        font.flavor = "woff2"
        font.save(f"{name}.woff2")
        print(
            f"{name}.woff2: {len(font.getBestCmap())} letters, {Path(f'{name}.woff2').stat().st_size} bytes"
        )


def whole(family: str, style: str, folder: Path) -> TTFont:
    """The package's files for Latin and for the rest of Latin as one font."""
    with tempfile.TemporaryDirectory() as scratch:
        parts = []
        for script in ("latin", "latin-ext"):
            font = TTFont(folder / f"{family}-{script}-{style}.woff2")
            font.flavor = None
            parts.append(str(Path(scratch) / f"{script}.ttf"))
            font.save(parts[-1])
        merged = Merger().merge(parts)
        merged.ensureDecompiled()
        return merged


if __name__ == "__main__":
    main(*sys.argv[1:])
