"""Bind the demo e-book: shop/data/the-last-page/ becomes shop/data/the-last-page.epub, with a cover as the shop draws
it. Run it after a change of the text: python -m tools.ebook"""

import zipfile
from pathlib import Path

from shop.covers import CoverText, cover_svg
from shop.settings import ROOT

SOURCE = ROOT / "shop/data/the-last-page"
EPUB = SOURCE.with_suffix(".epub")
ON_COVER = CoverText(
    "The Last Page",
    "A Short Book about the Ends of Books",
    ("The Compositor",),
    "Colophon",
    "the-last-page",
)
LONG_AGO = (2026, 11, 1, 0, 0, 0)  # so that the same text makes the same file


def parts() -> dict[str, bytes]:
    """What the book holds, by its path; the first tells file managers what the rest is."""
    inside = {
        f"EPUB/{path.name}": path.read_bytes()
        for path in sorted(SOURCE.iterdir())
        if path.name != "container.xml"
    }
    return {
        "mimetype": b"application/epub+zip",
        "META-INF/container.xml": (SOURCE / "container.xml").read_bytes(),
        **inside,
        "EPUB/cover.svg": cover_svg(ON_COVER).encode(),
    }


def bind(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as book:
        for name, content in parts().items():
            stored = name == "mimetype"  # uncompressed: it is looked for at a fixed place
            info = zipfile.ZipInfo(name, LONG_AGO)
            info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            book.writestr(info, content)


if __name__ == "__main__":
    bind(EPUB)
    print(f"{EPUB}: {EPUB.stat().st_size} bytes")
