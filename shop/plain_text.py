"""What people read of a text with markup."""

import re
from html.parser import HTMLParser
from xml.etree.ElementTree import Element

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
BLOCKS = frozenset(
    ("p", "div", "br", "li", "ul", "ol", "dl", "dt", "dd", "blockquote", "tr", "table", *HEADINGS)
)
# In a text that says it has none, < may stand for itself.
MARKUP = re.compile(r"</?(p|div|br|li|ul|ol|h[1-6]|blockquote|i|b|em|strong|u|a|span|sub|sup)\b[^<>]*>", re.I)


def plain_text(element: Element) -> str:
    """Paragraphs with an empty line between them; XHTML, or HTML that stands there as text."""
    text = "".join(_written(element))
    if MARKUP.search(text):
        stripper = _Stripper()
        stripper.feed(text)
        stripper.close()
        text = "".join(stripper.parts)
    paragraphs = (" ".join(part.split()) for part in re.split(r"\n\s*\n|\f", text))
    return "\n\n".join(part for part in paragraphs if part)


def _written(element: Element) -> list[str]:
    parts = [element.text or ""]
    for child in element:
        mark = "\f" if child.tag.lower() in BLOCKS else ""
        parts += [mark, *_written(child), mark, child.tail or ""]
    return parts


class _Stripper(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, _attributes: object) -> None:
        self.hidden += tag in ("script", "style")
        self.parts.append("\f" if tag in BLOCKS else "")

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in ("script", "style") and self.hidden > 0
        self.parts.append("\f" if tag in BLOCKS else "")

    def handle_data(self, data: str) -> None:
        self.parts.append("" if self.hidden else data)
