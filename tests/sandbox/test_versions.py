"""API versions: one object, written on one and read on another."""

import json

import pytest
import stripe

from .conftest import BOOK, sandbox_at, until
from .test_webhooks import receiver

ENDIVE, DAHLIA, LATER, BEFORE, FIRST = (
    "2026-10-28.endive", "2026-08-26.dahlia", "2023-10-16", "2022-08-01", "2020-08-27",
)  # fmt: skip
webhook_receiver = receiver


@pytest.fixture
def intents(stripe_client):
    return stripe_client.v1.payment_intents


async def paid(intents, version=ENDIVE):
    params = {**BOOK, "confirm": True, "payment_method": "pm_card_visa"}
    return await intents.create_async(params, {"stripe_version": version})


async def read(intents, id, version, *expand):
    found = await intents.retrieve_async(id, {"expand": list(expand)}, {"stripe_version": version})
    return found.to_dict()


async def test_an_intent_lists_its_charges_or_names_the_latest_as_the_reader_knows_it(intents):
    intent = await paid(intents, LATER)
    old, new = await read(intents, intent.id, FIRST), await read(intents, intent.id, ENDIVE)
    [charge] = old["charges"]["data"]
    assert (charge["id"], charge["refunds"]["data"]) == (intent.latest_charge, [])
    assert new["latest_charge"] == intent.latest_charge
    assert "latest_charge" not in old
    assert "charges" not in new


async def test_expanding_follows_the_shape_of_the_version(intents):
    intent = await paid(intents)
    old = await read(intents, intent.id, FIRST, "charges.data.payment_intent", "customer")
    assert "charges" in old["charges"]["data"][0]["payment_intent"]
    new = await read(intents, intent.id, LATER, "latest_charge")
    assert "refunds" not in new["latest_charge"]
    assert (
        "data" in (await read(intents, intent.id, LATER, "latest_charge.refunds"))["latest_charge"]["refunds"]
    )
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        await read(intents, intent.id, BEFORE, "latest_charge")


@pytest.mark.parametrize(
    ("version", "field", "there"),
    [
        (ENDIVE, "payment_record", True), ("2026-09-30.endive", "payment_record", True),
        (DAHLIA, "payment_record", False), (DAHLIA, "allowed_payment_method_types", False),
        ("2022-11-15", "latest_charge", True), (BEFORE, "latest_charge", False),
    ],
)  # fmt: skip
async def test_a_field_is_there_from_its_version_on(intents, version, field, there):
    intent = await intents.create_async(BOOK)
    assert (field in await read(intents, intent.id, version)) is there


@pytest.mark.parametrize(
    ("version", "capture_method"),
    [(FIRST, "automatic"), ("2023-10-16", "automatic"), ("2024-04-10", "automatic_async")],
)
async def test_money_is_captured_as_the_version_of_the_writer_does(intents, version, capture_method):
    intent = await paid(intents, version)
    assert (await read(intents, intent.id, ENDIVE))["capture_method"] == capture_method


async def test_before_dynamic_methods_an_intent_takes_cards_only(intents):
    params = {"amount": 1999, "currency": "usd"}
    old = await intents.create_async(params, {"stripe_version": "2022-11-15"})
    new = await intents.create_async(params, {"stripe_version": "2023-08-16"})
    assert (old.payment_method_types, old.automatic_payment_methods) == (["card"], None)
    assert new.automatic_payment_methods.enabled
    assert len(new.payment_method_types) > 1


@pytest.mark.parametrize("verb", ["", "/{}", "/{}/confirm"])
async def test_endive_refuses_payment_method_types_everywhere(intents, http, verb):
    intent = await intents.create_async(BOOK)
    answer = await http.post(
        "/v1/payment_intents" + verb.format(intent.id),
        data={"payment_method_types[]": "card"},
        headers={"Stripe-Version": ENDIVE},
    )
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "payment_method_types_no_longer_supported"


async def test_a_parameter_of_a_later_version_is_unknown(intents):
    params = {"amount": 500, "currency": "usd", "allowed_payment_method_types": ["card"]}
    assert (await intents.create_async(params)).payment_method_types == ["card"]
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await intents.create_async(params, {"stripe_version": "2026-06-24.dahlia"})
    assert refused.value.code == "parameter_unknown"


@pytest.mark.parametrize(
    "other",
    [
        {"payment_method_types[]": "card"},
        {"excluded_payment_method_types[]": "alipay"},
        {"automatic_payment_methods[enabled]": "true"},
        {"payment_method_configuration": "pmc_1"},
    ],
)
@pytest.mark.parametrize("path", ["payment_intents", "setup_intents"])
async def test_allowed_types_go_with_no_other_way_to_choose(http, path, other):
    sent = {"allowed_payment_method_types[]": "card", **other}
    sent |= {"amount": "500", "currency": "usd"} if path == "payment_intents" else {}
    answer = await http.post(f"/v1/{path}", data=sent, headers={"Stripe-Version": "2026-07-29.dahlia"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "parameters_exclusive")


async def test_without_a_version_the_accounts_own_is_spoken(http):
    answer = await http.post("/v1/payment_intents", data={"amount": "500", "currency": "usd"})
    assert answer.headers["Stripe-Version"] == DAHLIA
    assert "payment_record" not in answer.json()


async def test_an_intent_within_an_error_has_the_readers_shape_too(intents):
    params = {**BOOK, "confirm": True, "payment_method": "pm_card_chargeDeclined"}
    with pytest.raises(stripe.CardError) as declined:
        await intents.create_async(params, {"stripe_version": FIRST})
    embedded = declined.value.json_body["error"]["payment_intent"]
    assert embedded["charges"]["data"][0]["status"] == "failed"


async def test_an_endpoint_hears_events_in_the_version_that_it_asked_for(
    tmp_path, webhook_receiver, client_for
):
    async with sandbox_at(tmp_path / "sandbox.db") as sandbox:
        client = client_for(sandbox.url)
        for version in (FIRST, ENDIVE):
            wanted = {"url": webhook_receiver.url, "enabled_events": ["payment_intent.succeeded"]}
            await client.v1.webhook_endpoints.create_async({**wanted, "api_version": version})
        await paid(client.v1.payment_intents)

        async def both():
            return len(webhook_receiver.got) == 2

        await until(both)
        stored = (await client.v1.events.list_async({"type": "payment_intent.succeeded"})).data[0]
    told = {event["api_version"]: event["data"]["object"] for event in bodies(webhook_receiver)}
    assert ("charges" in told[FIRST], "payment_record" in told[FIRST]) == (True, False)
    assert ("charges" in told[ENDIVE], "payment_record" in told[ENDIVE]) == (False, True)
    assert stored.api_version == DAHLIA


def bodies(receiver):
    return [json.loads(body) for body, _ in receiver.got]
