"""Take an ONIX 3 message apart, product by product, in constant memory.

What is read may come from anywhere. Entities are refused before one can be declared, nothing outside of the file is
ever asked for, and what would grow without bounds (one product, one element in another) ends the reading."""

from collections.abc import Iterator
from html.entities import html5
from typing import BinaryIO, NamedTuple
from xml.etree.ElementTree import Element
from xml.parsers import expat

PIECE, FIRST_PIECE = 65536, 64  # bytes. No entity is declared and used within the first
DEEPEST = 60  # elements in one another
LONGEST = 2_000_000  # letters of one product

# ONIX for Books 3.0, short tags by the names that they stand for. Composites are lower-case in short.
SHORT = {
    "a002": "NotificationType", "b012": "ProductForm", "b029": "Subtitle", "b030": "TitlePrefix",
    "b031": "TitleWithoutPrefix", "b034": "SequenceNumber", "b035": "ContributorRole", "b036": "PersonName",
    "b037": "PersonNameInverted", "b039": "NamesBeforeKey", "b040": "KeyNames", "b047": "CorporateName",
    "b070": "SubjectHeadingText", "b079": "ImprintName", "b081": "PublisherName", "b202": "TitleType",
    "b203": "TitleText", "b221": "ProductIDType", "b244": "IDValue", "b247": "PrefixToKey", "b306": "Date",
    "b333": "ProductFormDetail", "d104": "Text", "j151": "PriceAmount", "j152": "CurrencyCode",
    "j261": "PriceQualifier", "j350": "OnHand", "j396": "ProductAvailability", "m186": "DefaultCurrencyCode",
    "x310": "DefaultPriceType", "x409": "TitleElementLevel", "x425": "MainSubject", "x426": "TextType",
    "x448": "PublishingDateRole", "x462": "PriceType", "x476": "PriceDateRole",
}  # fmt: skip
COMPOSITES = """ONIXMessage Header Product ProductIdentifier DescriptiveDetail TitleDetail TitleElement Contributor
Subject CollateralDetail TextContent PublishingDetail Imprint Publisher PublishingDate ProductSupply SupplyDetail
Stock Price PriceDate Collection"""
NAMES = SHORT | {name.lower(): name for name in COMPOSITES.split()} | {"ONIXmessage": "ONIXMessage"}


class NotOnix(Exception):
    """Why the file cannot be read, or not beyond this line."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line, self.reason = line, reason


class Product(NamedTuple):
    """A record, or the header of the message; all names are reference names."""

    line: int
    element: Element


def products(file: BinaryIO) -> Iterator[Product]:
    """The header, if there is one, and each product. Raises NotOnix."""
    message = _Message()
    parser, fed = message.parser, 0
    try:
        while piece := file.read(PIECE if message.path else FIRST_PIECE):
            parser.Parse(piece, False)
            fed += len(piece)
            if fed - parser.CurrentByteIndex > LONGEST:
                message.refuse("a tag or a comment has no end in sight")
            yield from message.taken()
        parser.Parse(b"", True)
        yield from message.taken()
    except NotOnix:
        yield from message.taken()
        raise
    except expat.ExpatError as error:
        yield from message.taken()
        why = expat.errors.messages.get(error.code, "unknown")
        raise NotOnix(
            error.lineno, f"this is not XML from here on ({why}); what follows was not read"
        ) from error
    except (ValueError, LookupError) as error:  # of Python's, for an encoding
        raise NotOnix(1, f"the encoding cannot be read ({error}): ask for UTF-8") from error


class _Message:
    """Builds the elements of a product as its tags come by, and forgets all others."""

    def __init__(self) -> None:
        self.parser = parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self.begin, self.end
        parser.CharacterDataHandler, parser.SkippedEntityHandler = self.text, self.entity
        parser.StartDoctypeDeclHandler = self.doctype
        self.path: list[Element] = []
        self.depth = self.letters = self.line = 0
        self.done: list[Product] = []

    def taken(self) -> list[Product]:
        done, self.done = self.done, []
        return done

    def doctype(self, _name: str, _system: str | None, _public: str | None, declares: int) -> None:
        if declares:
            self.refuse(
                "it declares entities of its own, which is not safe to read: take the <!DOCTYPE […]> out"
            )

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        space, _, local = tag.rpartition(" ")
        name = NAMES.get(local, local)
        self.depth += 1
        if self.depth == 1:
            self.check_root(space, name, attributes)
        elif self.depth == 2:
            self.line, self.letters = self.parser.CurrentLineNumber, 0
        if self.depth > DEEPEST:
            self.refuse("elements lie in one another too deep")
        element = Element(name, attributes)
        if self.depth > 2:
            self.path[-1].append(element)
        self.path.append(element)
        self.count(100)

    def end(self, _tag: str) -> None:
        element = self.path.pop()
        self.depth -= 1
        if self.depth == 1:
            self.done.append(Product(self.line, element))

    def text(self, text: str) -> None:
        self.count(len(text))
        element = self.path[-1]
        if len(element):
            element[-1].tail = (element[-1].tail or "") + text
        elif self.depth > 1:
            element.text = (element.text or "") + text

    def entity(self, name: str, _parameter: bool) -> None:
        """A letter by the name that HTML has for it, as the DTDs of ONIX declare them: they are not read."""
        if f"{name};" not in html5:
            self.refuse(f"&{name[:40]}; stands for nothing that is known here")
        self.text(html5[f"{name};"])

    def check_root(self, space: str, name: str, attributes: dict[str, str]) -> None:
        release = attributes.get("release", "") or space.rpartition("/onix/")[2]
        if name != "ONIXMessage":
            self.refuse(f"this is XML, but no ONIX message: it begins with <{name[:40]}>")
        if not release.startswith("3."):
            self.refuse(f"this is ONIX {release[:10] or 'of no named release'}: ask for ONIX 3.0")

    def count(self, letters: int) -> None:
        self.letters += letters
        if self.letters > LONGEST and self.depth > 1:
            self.refuse(f"the product that begins on line {self.line} has no end in sight")

    def refuse(self, reason: str) -> None:
        raise NotOnix(self.parser.CurrentLineNumber, f"{reason}; what follows was not read")
