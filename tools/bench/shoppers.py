"""Visitors of a shop that is measured: what they look at, their carts, and what they have paid."""

import hashlib
import hmac
import json
import random
import secrets
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from shop.sandbox.access import Key
from shop.search import find_words

from .load import Load, get, once, post

SECRET = "whsec_sandbox"
AUTHORIZED = f"Authorization: Bearer {Key.SECRET.value}\r\n"
SAMPLE = 4_000  # books


class Shelf(NamedTuple):
    """What there is to look at, drawn at random but always alike."""

    slugs: list[str]
    frequent: list[str]
    """Words of titles, as often as titles have them."""
    rare: list[str]
    """Words that four books have, or fewer."""
    categories: list[str]


class Shopper(NamedTuple):
    cookie: str
    slugs: Sequence[str]
    """Of the books in the cart, one copy of each."""


def look_around(file: Path) -> Shelf:
    """By an SQLite file that has the same books."""
    chance = random.Random(5)
    with closing(sqlite3.connect(file)) as db:
        [most] = db.execute("SELECT max(id) FROM books").fetchone()
        ids = chance.sample(range(1, most + 1), min(SAMPLE, most))
        rows = db.execute(
            "SELECT slug, title, search_title FROM books WHERE file IS NULL AND stock >= 20 "
            f"AND id IN ({', '.join(map(str, ids))})"
        ).fetchall()
        categories = db.execute("SELECT DISTINCT category FROM books WHERE category <> ''").fetchall()
    chance.shuffle(rows)
    frequent = [chance.choice(find_words(title) or [title[:3]]) for _, title, _ in rows]
    rare = dict.fromkeys(
        word for *_, title in rows for word in title.split() if word[0] == "q" and len(word) == 7
    )
    return Shelf(
        [slug for slug, *_ in rows], frequent, list(rare) or frequent, [name for (name,) in categories]
    )


async def fill_carts(url: str, shelf: Shelf, shoppers: int, books: int) -> list[Shopper]:
    """Each with that many books."""
    found = [Shopper("", ()) for _ in range(shoppers)]
    for place in range(books):
        chosen = [shelf.slugs[(number * 7 + place) % len(shelf.slugs)] for number in range(shoppers)]
        asked = [post("/cart/items", of.cookie, book=slug) for of, slug in zip(found, chosen, strict=True)]
        answers = (await once(url, asked)).answers
        assert all(answer.status == 303 for answer in answers), answers[0]
        found = [
            Shopper(answer.headers["set-cookie"].split(";")[0], (*of.slugs, slug))
            for answer, of, slug in zip(answers, found, chosen, strict=True)
        ]
    return found


def order_of(answer_of_checkout: Any) -> str:
    """Its path."""
    path: str = answer_of_checkout.headers["location"].removesuffix("/pay")
    return path


async def pay(sandbox: str, orders: Sequence[str]) -> list[dict[str, Any]]:
    """The intents of these orders, confirmed, while their browsers are away: the shop does not know it yet."""
    wanted, intents, after = {path.rpartition("/")[2] for path in orders}, [], ""
    while True:
        asked = get(f"/v1/payment_intents?limit=100{after}", headers=AUTHORIZED)
        [answer] = (await once(sandbox, [asked])).answers
        page = json.loads(answer.body)
        intents += [intent for intent in page["data"] if intent["metadata"].get("order") in wanted]
        if not page["has_more"]:
            break
        after = f"&starting_after={page['data'][-1]['id']}"
    paid = await confirm(sandbox, [intent["id"] for intent in intents])
    return [json.loads(answer.body) for answer in paid.answers if answer.status == 200]


async def confirm(sandbox: str, intents: Sequence[str]) -> Load:
    card = {"payment_method": "pm_card_visa", "return_url": "https://example.com/"}
    paths = [f"/v1/payment_intents/{intent}/confirm" for intent in intents]
    return await once(sandbox, [post(path, "", None, AUTHORIZED, **card) for path in paths])


def webhook(intent: dict[str, Any]) -> bytes:
    """The news that it has succeeded, signed as Stripe signs it. Its id is a new one: a database may have heard of an
    earlier run, and what it has heard of has no effect."""
    stamp = int(time.time())
    event = {
        "id": f"evt_{secrets.token_hex(12)}",
        "object": "event",
        "type": "payment_intent.succeeded",
        "created": stamp,
        "api_version": "2026-10-28.endive",
        "data": {"object": intent},
    }
    body = json.dumps(event).encode()
    signature = hmac.new(SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    signed = f"Stripe-Signature: t={stamp},v1={signature}\r\nContent-Type: application/json\r\n"
    return post("/webhooks/stripe", body=body, headers=signed)
