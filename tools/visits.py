"""A visit to the shop that pictures are taken of, and the steps that many states begin with."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from playwright.async_api import Page

from tests.shopper import Shopper

DREAM, ESCHER, LONG = (
    "the-dream-machine",
    "godel-escher-bach",
    "structure-and-interpretation-of-computer-programs",
)
BOUGHT = (
    "the-art-of-doing-science-and-engineering",
    "snow-crash",
    "thinking-fast-and-slow",
)  # there are many of them
EBOOK = "the-last-page"
MANY = (LONG, ESCHER, DREAM, "working-in-public", "flatland", "an-elegant-puzzle", "high-growth-handbook")


@dataclass
class Visit:
    page: Page
    shopper: Shopper  # another visitor: buys by plain requests
    sandbox: str


State = Callable[[Visit], Awaitable[None]]


def at(path: str) -> State:
    async def state(visit: Visit) -> None:
        await visit.page.goto(path)

    return state


def cart(*slugs: str) -> State:
    async def state(visit: Visit) -> None:
        for slug in slugs:
            await visit.page.request.post("/cart/items", form={"book": slug})
        await visit.page.goto("/cart")

    return state
