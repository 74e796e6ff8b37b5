"""Lists and searches among so many objects that the way to them is chosen."""

from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio

from shop.sandbox.lists import FEW
from tools.bench.crowd import fill

from .conftest import sandbox_at

SALE, UPDATE = "charge.succeeded", "charge.updated"


@dataclass
class Crowded:
    http: httpx.AsyncClient
    customer: str
    middle: int
    """The Unix time before which half of the objects were made."""
    intents: list[Any]
    events: list[Any]
    """All of them, as the lists without conditions have them."""


@pytest_asyncio.fixture(scope="module")
async def crowd(tmp_path_factory):
    """More purchases than are read and sorted at once."""
    path = tmp_path_factory.mktemp("crowd") / "sandbox.db"
    known = await fill(path, 8_800)
    async with (
        sandbox_at(path) as running,
        httpx.AsyncClient(base_url=f"{running.url}/v1/", auth=("sk_test_sandbox", "")) as http,
    ):
        intents, events = await pages(http, "payment_intents"), await pages(http, "events")
        assert FEW < len(intents) < len(events)
        yield Crowded(http, known.customer, known.middle, intents, events)


async def pages(http, path, **params):
    """Every object of a list or a search, page by page."""
    found, place = [], {}
    while True:
        page = (await http.get(path, params={"limit": 100, **params, **place})).json()
        found += page["data"]
        if not page["has_more"]:
            return found
        place = {"page": page["next_page"]} if "next_page" in page else {"starting_after": found[-1]["id"]}


@pytest.mark.parametrize("sign", ["gte", "lt"])
async def test_created_leaves_one_half(crowd, sign):
    found = await pages(crowd.http, "payment_intents", **{f"created[{sign}]": crowd.middle})
    assert found == [each for each in crowd.intents if (each["created"] < crowd.middle) == (sign == "lt")]


@pytest.mark.parametrize("sign", [None, "gte", "lt"])
async def test_a_customers_intents_are_listed_newest_first(crowd, sign):
    narrowed = {f"created[{sign}]": crowd.middle} if sign else {}
    found = await pages(crowd.http, "payment_intents", customer=crowd.customer, **narrowed)
    own = [each for each in crowd.intents if each["customer"] == crowd.customer]
    assert found == [each for each in own if not sign or (each["created"] < crowd.middle) == (sign == "lt")]
    assert len(found) == (50 if sign else 100)


@pytest.mark.parametrize("types", [[SALE], [SALE, UPDATE], ["charge.refunded"]])
@pytest.mark.parametrize("until", ["middle", "end"])
async def test_events_of_types_are_listed_newest_first(crowd, types, until):
    narrowed = {"created[lt]": crowd.middle} if until == "middle" else {}
    found = await pages(crowd.http, "events", **{"types[]": types}, **narrowed)
    of_types = [event for event in crowd.events if event["type"] in types]
    assert found == [event for event in of_types if not narrowed or event["created"] < crowd.middle]


async def test_a_page_back_ends_before_its_cursor(crowd):
    whole = await pages(crowd.http, "payment_intents", customer=crowd.customer)
    back = {"customer": crowd.customer, "ending_before": whole[40]["id"], "limit": 20}
    page = (await crowd.http.get("payment_intents", params=back)).json()
    assert (page["data"], page["has_more"]) == (whole[20:40], True)


async def test_two_filters_leave_what_has_both(crowd):
    both = await pages(crowd.http, "balance_transactions", type="charge", currency="usd")
    assert len(both) == len(crowd.intents)
    assert await pages(crowd.http, "balance_transactions", type="refund", currency="usd") == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('status:"succeeded" AND customer:"{}"', 100),
        ('customer:"{}" AND metadata["order"]:"order_00000007"', 0),
        ('-customer:"{}" AND metadata["order"]:"order_00000007"', 1),
        ('metadata["order"]:"order_00000007" OR metadata["order"]:"order_00000008"', 2),
        ('status:"canceled" OR metadata["order"]~"DER_0000001"', 10),
        ('-status:"succeeded" AND status:"succeeded"', 0),
        ('metadata["order"]:null', 0),
    ],
)
async def test_a_search_finds_all_that_fits(crowd, query, found):
    query = query.replace("{}", crowd.customer)
    every = await pages(crowd.http, "payment_intents/search", query=query, limit=7)
    assert len({intent["id"] for intent in every}) == len(every) == found
