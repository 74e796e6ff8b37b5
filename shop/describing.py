"""What a book's page says to machines, in the words of schema.org."""

from typing import Any
from urllib.parse import quote, urlencode

from shop.catalogue import cover_tag
from shop.models import Book, BookFormat
from shop.money import major_units

FORMATS = {
    BookFormat.HARDCOVER: "Hardcover",
    BookFormat.PAPERBACK: "Paperback",
    BookFormat.EBOOK: "EBook",
    BookFormat.AUDIOBOOK: "AudiobookFormat",
}


def describe(book: Book, shop: str) -> dict[str, Any]:
    """The book, what we offer it for, and the way to it, as JSON-LD. shop: the shop's address, without a slash."""
    page = f"{shop}/books/{quote(book.slug)}"
    return {"@context": "https://schema.org", "@graph": [_book(book, page), _way(book, shop, page)]}


def _book(book: Book, page: str) -> dict[str, Any]:
    said = {
        "@type": "Book",
        "@id": page,
        "url": page,
        "name": book.title,
        "alternativeHeadline": book.subtitle,
        "author": [{"@type": "Person", "name": name} for name in book.authors.split("; ") if name],
        "publisher": book.publisher and {"@type": "Organization", "name": book.publisher},
        "isbn": book.isbn,
        "bookFormat": f"https://schema.org/{FORMATS[book.format]}",
        "datePublished": book.year and str(book.year),
        "genre": book.category,
        "description": book.blurb,
        "image": f"{page}/card.png?v={cover_tag(book)}",
        "offers": _offer(book, page),
    }
    return {name: value for name, value in said.items() if value}


def _offer(book: Book, page: str) -> dict[str, Any]:
    return {
        "@type": "Offer",
        "url": page,
        "price": str(major_units(book.price, book.currency)),
        "priceCurrency": book.currency.upper(),
        "availability": f"https://schema.org/{'InStock' if book.available else 'SoldOut'}",
        "itemCondition": "https://schema.org/NewCondition",
        "seller": {"@type": "Organization", "name": "Colophon"},
    }


def _way(book: Book, shop: str, page: str) -> dict[str, Any]:
    category = [(book.category, f"{shop}/?{urlencode({'category': book.category})}")] if book.category else []
    steps = enumerate([("Books", f"{shop}/"), *category, (book.title, page)], start=1)
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": name, "item": address}
            for place, (name, address) in steps
        ],
    }
