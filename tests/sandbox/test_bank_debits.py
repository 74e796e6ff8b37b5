"""Debits from bank accounts in Europe and Canada: processing first, paid or failed later."""

import pytest
import stripe

from .conftest import sandbox_at, until

OLD = {"stripe_version": "2023-10-16"}
ADA = {"name": "Ada", "email": "ada@example.com"}
ACSS = {"account_number": "000123456789", "transit_number": "11000", "institution_number": "000"}


async def debited(client, kind, details, person=ADA, currency="eur", **params):
    method = {"type": kind, "billing_details": person, **({kind: details} if details else {})}
    params = {"amount": 5999, "currency": currency, "payment_method_types": [kind], "confirm": True, **params}
    return await client.v1.payment_intents.create_async({**params, "payment_method_data": method}, OLD)


async def status(client, intent):
    return (await client.v1.payment_intents.retrieve_async(intent.id)).status


@pytest.mark.parametrize(
    ("iban", "end"),
    [
        ("DE89370400440532013000", "succeeded"), ("AT61 1904 3002 3457 3201", "succeeded"),
        ("IE29AIBK93115212345678", "succeeded"), ("DE08370400440532013003", "succeeded"),
        ("AT861904300235473202", "requires_payment_method"), ("DE62370400440532013001", "requires_payment_method"),
        ("IT60X0542811101000000123456", "requires_payment_method"), ("IT40S0542811101000000123456", "succeeded"),
    ],
)  # fmt: skip
async def test_a_sepa_debit_is_processing_and_then_what_its_iban_says(stripe_client, http, iban, end):
    intent = await debited(stripe_client, "sepa_debit", {"iban": iban})
    assert intent.status == "processing"
    await http.post("/_sandbox/settle")
    assert await status(stripe_client, intent) == end


async def test_some_ibans_take_minutes(tmp_path, client_for):
    async with sandbox_at(tmp_path / "sandbox.db", settle_after=0) as sandbox:
        client = client_for(sandbox.url)
        soon = await debited(client, "sepa_debit", {"iban": "DE89370400440532013000"})
        late = await debited(client, "sepa_debit", {"iban": "DE08370400440532013003"})
        assert [await status(client, soon), await status(client, late)] == ["succeeded", "processing"]


async def test_a_mistyped_iban_and_a_nameless_payer_are_refused(stripe_client):
    with pytest.raises(stripe.InvalidRequestError) as mistyped:
        await debited(stripe_client, "sepa_debit", {"iban": "DE89370400440532013001"})
    assert mistyped.value.param == "payment_method_data[sepa_debit][iban]"
    with pytest.raises(stripe.InvalidRequestError) as nameless:
        await debited(
            stripe_client, "sepa_debit", {"iban": "DE89370400440532013000"}, {"email": "a@example.com"}
        )
    assert nameless.value.param == "payment_method_data[billing_details][name]"


async def test_a_canadian_account_is_debited_once_small_deposits_verified_it(stripe_client, http):
    intent = await debited(stripe_client, "acss_debit", ACSS, currency="cad")
    assert (intent.status, intent.next_action.type) == ("requires_action", "verify_with_microdeposits")
    verified = await stripe_client.v1.payment_intents.verify_microdeposits_async(
        intent.id, {"amounts": [32, 45]}
    )
    assert verified.status == "processing"
    await http.post("/_sandbox/settle")
    assert await status(stripe_client, intent) == "succeeded"


@pytest.mark.parametrize(
    ("given", "code", "left"),
    [
        ({"amounts": [1, 2]}, "amounts_mismatch", "requires_action"),
        ({"descriptor_code": "SM00XX"}, "descriptor_code_mismatch", "requires_action"),
        ({"descriptor_code": "SM33CC"}, "attempts_exceeded", "requires_payment_method"),
        ({"amounts": [40, 41]}, "timeout", "requires_payment_method"),
    ],
)
async def test_wrong_deposits_are_refused_and_too_many_end_it(stripe_client, given, code, left):
    intent = await debited(stripe_client, "acss_debit", ACSS, currency="cad")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await stripe_client.v1.payment_intents.verify_microdeposits_async(intent.id, given)
    assert refused.value.code == f"payment_method_microdeposit_verification_{code}"
    assert await status(stripe_client, intent) == left


async def test_an_account_chosen_at_the_bank_needs_no_deposits_and_who_hurries_does_not_wait(
    tmp_path, client_for
):
    async with sandbox_at(tmp_path / "sandbox.db", settle_after=60) as sandbox:
        client = client_for(sandbox.url)
        hurried = {"name": "Ada", "email": "ada+skip_waiting@example.com"}
        intent = await debited(client, "acss_debit", None, hurried, "cad")
        assert intent.status == "processing"

        async def paid():
            return await status(client, intent) == "succeeded"

        await until(paid)
