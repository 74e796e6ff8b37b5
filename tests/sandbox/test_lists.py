"""Lists, search and expand."""

import pytest
import stripe

from .conftest import BOOK, until


async def five(client):
    made = [await client.v1.payment_intents.create_async({**BOOK, "amount": 100 + n}) for n in range(5)]
    return [intent.id for intent in reversed(made)]


async def test_pages_follow_one_another_newest_first(stripe_client):
    ids, intents = await five(stripe_client), stripe_client.v1.payment_intents
    first = await intents.list_async({"limit": 2})
    assert ([intent.id for intent in first.data], first.has_more) == (ids[:2], True)
    assert [intent.id async for intent in first.auto_paging_iter()] == ids
    back = await intents.list_async({"limit": 2, "ending_before": ids[4]})
    assert [intent.id for intent in back.data] == ids[2:4]


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
        ({"starting_after": "pi_x"}, "starting_after"),
        ({"created": {"since": 1}}, "created[since]"),
    ],
)
async def test_a_wrong_page_is_named(stripe_client, params, param):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await stripe_client.v1.payment_intents.list_async(params)
    assert refused.value.param == param


async def test_created_narrows_a_list(stripe_client):
    await five(stripe_client)
    listed = stripe_client.v1.payment_intents.list_async
    assert len((await listed({"created": {"gte": 1}})).data) == 5
    assert (await listed({"created": {"lt": 1}})).data == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('metadata["order"]:"o_1"', 1),
        ("metadata['order']:'o_9'", 0),
        ('metadata["order"]:null', 1),
        ('-metadata["order"]:null AND amount>100', 1),
        ('status:"succeeded" OR amount:100', 1),
        ('currency:"usd"', 2),
        ('metadata["order"]~"O_1"', 1),
    ],
)
async def test_search_finds_by_metadata_status_and_amount(stripe_client, query, found):
    intents = stripe_client.v1.payment_intents
    await intents.create_async({**BOOK, "metadata": {"order": "o_1"}})
    await intents.create_async({**BOOK, "amount": 100})
    assert len((await intents.search_async({"query": query})).data) == found


@pytest.mark.parametrize(
    "query", ["", "status", 'a:"b"', 'status:"x" AND amount:1 OR amount:2', "amount:1; DROP"]
)
async def test_a_query_that_makes_no_sense_is_refused(stripe_client, query):
    with pytest.raises(stripe.InvalidRequestError):
        await stripe_client.v1.payment_intents.search_async({"query": query})


async def test_search_goes_on_from_page_to_page(stripe_client):
    ids = await five(stripe_client)
    found = await stripe_client.v1.payment_intents.search_async({"query": "amount>=100", "limit": 2})
    assert [intent.id async for intent in found.auto_paging_iter()] == ids


async def test_expand_follows_ids_and_a_balance_transaction_comes_later(stripe_client):
    paths = {"expand": ["latest_charge.balance_transaction", "payment_method"]}
    pay = {**BOOK, **paths, "confirm": True, "payment_method": "pm_card_visa"}
    intent = await stripe_client.v1.payment_intents.create_async(pay)
    assert intent.latest_charge.balance_transaction is None
    assert intent.payment_method.card.brand == "visa"

    async def filled():
        events = await stripe_client.v1.events.list_async({"type": "charge.updated"})
        return events.data

    await until(filled)
    read = await stripe_client.v1.payment_intents.retrieve_async(intent.id, paths)
    transaction = read.latest_charge.balance_transaction
    assert (transaction.amount, transaction.fee, transaction.net) == (1999, 88, 1911)
    listed = await stripe_client.v1.payment_intents.list_async({"expand": ["data.latest_charge"]})
    assert listed.data[0].latest_charge.id == read.latest_charge.id


async def test_what_cannot_be_expanded_is_refused_and_nothing_made(stripe_client):
    intents = stripe_client.v1.payment_intents
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        await intents.create_async({**BOOK, "expand": ["amount"]})
    assert (await intents.list_async()).data == []
