"""What is asked of the shop, a line of the table each."""

import itertools
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import quote, urlencode

from .load import CONNECTIONS, get, post
from .shoppers import Shelf, Shopper

MORE_COPIES = 19  # of each book in a cart: it holds 20 at most


class Line(NamedTuple):
    name: str
    requests: Sequence[bytes]
    once: bool = False
    """Whether each request has its effect only once."""
    connections: int = CONNECTIONS


READING = (
    "shelf", "shelf, with a cart", "shelf, page 40", "shelf, made anew", "category", "search, rare words",
    "search, frequent words", "book", "book, with a cart", "books at random", "cart",
)  # fmt: skip
CHANGING = ("add to cart", "add to cart, 64 at once", "change quantity")
BUYING = ("checkout", "webhook", "order")
NAMES = (*READING, *CHANGING, *BUYING)


def reading(shelf: Shelf, shoppers: Sequence[Shopper]) -> list[Line]:
    cookies = [shopper.cookie for shopper in shoppers]
    one = f"/books/{shelf.slugs[0]}"
    asked = {
        "shelf": [get("/")],
        "shelf, with a cart": [get("/", cookie) for cookie in cookies],
        "shelf, page 40": [get("/?page=40")],
        "shelf, made anew": [get(f"/?anew={number}") for number in range(20_000)],
        "category": [get("/?" + urlencode({"category": name})) for name in shelf.categories],
        "search, rare words": [get(f"/?q={quote(word)}") for word in shelf.rare],
        "search, frequent words": [get(f"/?q={quote(word)}") for word in shelf.frequent],
        "book": [get(one)],
        "book, with a cart": [get(one, cookie) for cookie in cookies],
        "books at random": [get(f"/books/{slug}") for slug in shelf.slugs],
        "cart": [get("/cart", cookie) for cookie in cookies],
    }
    return [Line(name, requests) for name, requests in asked.items()]


def changing(adding: Sequence[Shopper], others: Sequence[Shopper]) -> list[Line]:
    """The first find room in their carts until each holds 20 copies of each book; the others change for ever."""
    half = len(adding) // 2
    few, many = (
        [
            post("/cart/items", shopper.cookie, book=shopper.slugs[place])
            for _, place, shopper in itertools.product(range(MORE_COPIES), range(3), some)
        ]
        for some in (adding[:half], adding[half:])
    )
    changes = [
        post(f"/cart/items/{shopper.slugs[0]}", shopper.cookie, quantity=quantity)
        for quantity, shopper in itertools.product(range(2, 21), others)
    ]
    return [
        Line("add to cart", few),
        Line("add to cart, 64 at once", many, connections=64),
        Line("change quantity", changes),
    ]
