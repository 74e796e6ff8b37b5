"""Idempotency keys."""

import asyncio

import pytest
import stripe

from .conftest import BOOK

FORM = {"amount": "1999", "currency": "usd"}


async def test_the_same_key_gives_the_same_answer(http):
    first = await http.post("/v1/payment_intents", data=FORM, headers={"Idempotency-Key": "k"})
    again = await http.post("/v1/payment_intents", data=FORM, headers={"Idempotency-Key": "k"})
    assert again.json() == first.json()
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (
        again.headers["Original-Request"] == first.headers["Request-Id"] == first.headers["Original-Request"]
    )


async def test_the_same_key_with_other_parameters_is_an_error(stripe_client):
    create = stripe_client.v1.payment_intents.create_async
    await create(BOOK, {"idempotency_key": "k"})
    with pytest.raises(stripe.IdempotencyError, match="'k'"):
        await create({**BOOK, "amount": 2000}, {"idempotency_key": "k"})


async def test_a_decline_is_repeated_without_a_new_charge(stripe_client):
    intent = await stripe_client.v1.payment_intents.create_async(BOOK)
    for _ in range(2):
        with pytest.raises(stripe.CardError):
            await stripe_client.v1.payment_intents.confirm_async(
                intent.id, {"payment_method": "pm_card_chargeDeclined"}, {"idempotency_key": "k"}
            )
    charges = await stripe_client.v1.charges.list_async({"payment_intent": intent.id})
    assert len(charges.data) == 1


async def test_thirty_creates_at_once_with_one_key_make_one_intent(stripe_client):
    create = stripe_client.v1.payment_intents.create_async
    made = await asyncio.gather(*(create(BOOK, {"idempotency_key": "k"}) for _ in range(30)))
    assert len({intent.id for intent in made}) == 1
    assert len((await stripe_client.v1.payment_intents.list_async()).data) == 1


async def test_only_what_had_begun_is_kept_and_marked(http):
    key = {"Idempotency-Key": "k"}
    wrong = await http.post("/v1/payment_intents", data={**FORM, "amount": "0"}, headers=key)
    right = await http.post("/v1/payment_intents", data={**FORM, "amount": "100"}, headers=key)
    assert (wrong.status_code, right.status_code) == (400, 200)
    assert "Stripe-Should-Retry" not in wrong.headers
    assert right.headers["Stripe-Should-Retry"] == "false"


async def test_a_post_without_a_key_carries_none_of_its_headers(http):
    answer = await http.post("/v1/payment_intents", data=FORM)
    names = {"Stripe-Should-Retry", "Idempotency-Key", "Original-Request", "Idempotent-Replayed"}
    assert not {name for name in names if name in answer.headers}


async def test_a_decline_and_a_wrong_state_had_begun(http):
    made = (await http.post("/v1/payment_intents", data=FORM)).json()
    path = f"/v1/payment_intents/{made['id']}"
    card = {"payment_method": "pm_card_chargeDeclined", "return_url": "http://x/"}
    declined = await http.post(f"{path}/confirm", data=card, headers={"Idempotency-Key": "a"})
    refused = await http.post(f"{path}/capture", headers={"Idempotency-Key": "b"})
    marks = [answer.headers.get("Stripe-Should-Retry") for answer in (declined, refused)]
    assert (declined.status_code, refused.status_code, marks) == (402, 400, ["false", "false"])


async def test_a_key_is_forgotten_after_a_day(sandbox, stripe_client):
    create = stripe_client.v1.payment_intents.create_async
    first = await create(BOOK, {"idempotency_key": "k"})
    sandbox.app.extensions["store"].db.execute("UPDATE idempotency SET at = at - 86401")
    assert (await create(BOOK, {"idempotency_key": "k"})).id != first.id
