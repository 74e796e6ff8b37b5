"""The demo e-book is what its source says, and an EPUB that reading programs take."""

import zipfile
from pathlib import Path
from xml.etree import ElementTree

from shop.catalogue_file import read_catalogue
from shop.covers import CoverText
from shop.stocking import DEMO_BOOKS
from tools.ebook import EPUB, ON_COVER, bind, parts

OPF = "{http://www.idpf.org/2007/opf}"


def test_it_is_bound_of_its_source() -> None:
    with zipfile.ZipFile(EPUB) as book:
        assert book.namelist() == list(parts())
        for name, content in parts().items():
            assert book.read(name) == content or name == "EPUB/cover.svg", (
                f"{name}: run python -m tools.ebook"
            )


def test_its_first_part_tells_what_it_is(tmp_path: Path) -> None:
    bind(tmp_path / "book.epub")
    for path in (EPUB, tmp_path / "book.epub"):
        assert path.read_bytes()[30:58] == b"mimetypeapplication/epub+zip"


def test_all_that_its_package_names_is_there_and_is_well_formed() -> None:
    with zipfile.ZipFile(EPUB) as book:
        container = ElementTree.fromstring(book.read("META-INF/container.xml"))
        [root] = [each.attrib["full-path"] for each in container.iter() if "full-path" in each.attrib]
        package = ElementTree.fromstring(book.read(root))
        items = {item.attrib["id"]: item.attrib for item in package.iter(f"{OPF}item")}
        named = {f"EPUB/{item['href']}" for item in items.values()}
        assert named | {root, "mimetype", "META-INF/container.xml"} == set(book.namelist())
        for name in sorted(named):
            assert name.endswith(".css") or ElementTree.fromstring(book.read(name)) is not None
        contents = ElementTree.fromstring(book.read("EPUB/nav.xhtml"))
        text = ElementTree.fromstring(book.read("EPUB/text.xhtml"))
    assert {ref.attrib["idref"] for ref in package.iter(f"{OPF}itemref")} <= items.keys()
    assert {item["properties"] for item in items.values() if "properties" in item} == {"nav", "cover-image"}
    anchors = {each.attrib["id"] for each in text.iter() if "id" in each.attrib}
    links = [each.attrib["href"] for each in contents.iter() if each.tag.endswith("}a")]
    assert {link.partition("#")[2] for link in links} <= anchors


def test_its_cover_is_that_of_the_shop() -> None:
    [row] = [row for row in read_catalogue(DEMO_BOOKS.read_bytes()) if row.file]
    assert CoverText(row.title, row.subtitle, row.authors, row.publisher, EPUB.stem) == ON_COVER
