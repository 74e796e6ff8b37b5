"""Customers and the payment methods that they keep."""

import pytest
import pytest_asyncio
import stripe


@pytest_asyncio.fixture
async def customer(stripe_client):
    return await stripe_client.v1.customers.create_async({"email": "ada@example.com", "name": "Ada"})


async def test_a_new_customer_owes_nothing_and_keeps_what_was_said(stripe_client):
    said = {"email": "ada@example.com", "metadata": {"shelf": "3"}, "address": {"city": "London"}}
    customer = await stripe_client.v1.customers.create_async(said)
    assert (customer.id[:4], len(customer.id)) == ("cus_", 18)
    assert (customer.balance, customer.delinquent, customer.tax_exempt) == (0, False, "none")
    assert (customer.email, customer.address.city, customer.metadata.shelf) == (
        "ada@example.com",
        "London",
        "3",
    )


async def test_an_update_changes_what_it_names_and_unsets_what_is_empty(stripe_client, customer):
    api = stripe_client.v1.customers
    changed = await api.update_async(customer.id, {"phone": "123", "address": {"city": "London"}})
    assert (changed.name, changed.phone, changed.address.city) == ("Ada", "123", "London")
    assert (await api.update_async(customer.id, {"address": ""})).address is None
    [_, event] = (await stripe_client.v1.events.list_async({"type": "customer.updated"})).data
    assert event.data.previous_attributes.to_dict() == {"address": None, "phone": None}


async def test_a_list_by_email_is_exact_and_a_search_is_not(stripe_client, customer):
    api = stripe_client.v1.customers
    await api.create_async({"email": "ADA@example.com"})
    assert [found.id for found in await api.list_async({"email": "ada@example.com"})] == [customer.id]
    assert [found.id for found in await api.search_async({"query": 'name~"Ada"'})] == [customer.id]


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({"email": "nobody"}, "email_invalid", "email"),
        ({"payment_method": "pm_nothing"}, "resource_missing", "payment_method"),
        ({"invoice_settings": {"default_payment_method": "pm_nothing"}}, "resource_missing",
         "invoice_settings[default_payment_method]"),
        ({"source": "tok_visa"}, None, "source"),
        ({"tax_exempt": "maybe"}, None, "tax_exempt"),
        ({"planet": "x"}, "parameter_unknown", "planet"),
    ],
)  # fmt: skip
async def test_wrong_words_about_a_customer_are_refused_and_leave_none(stripe_client, params, code, param):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await stripe_client.v1.customers.create_async(params)
    assert (refused.value.http_status, refused.value.code, refused.value.param) == (400, code, param)
    assert (await stripe_client.v1.customers.list_async()).data == []


@pytest.mark.parametrize(
    ("kind", "value", "country", "status"),
    [
        ("eu_vat", "DE000000000", "DE", "verified"),
        ("eu_vat", "FR111111111", "FR", "unverified"),
        ("us_ein", "12-3456789", "US", "unavailable"),
    ],
)
async def test_a_tax_id_is_kept_with_its_customer(stripe_client, customer, kind, value, country, status):
    tax_ids = stripe_client.v1.customers.tax_ids
    made = await tax_ids.create_async(customer.id, {"type": kind, "value": value})
    assert (made.country, made.verification.status, made.customer) == (country, status, customer.id)
    found = await stripe_client.v1.customers.retrieve_async(customer.id, {"expand": ["tax_ids"]})
    assert [each.id for each in found.tax_ids.data] == [made.id]
    assert (await tax_ids.retrieve_async(customer.id, made.id)).value == value
    assert (await tax_ids.delete_async(customer.id, made.id)).deleted
    assert (await tax_ids.list_async(customer.id)).data == []


async def test_a_customer_can_be_made_with_its_tax_ids(stripe_client):
    given = [{"type": "eu_vat", "value": "DE000000000"}]
    made = await stripe_client.v1.customers.create_async({"tax_id_data": given, "expand": ["tax_ids"]})
    assert [each.value for each in made.tax_ids.data] == ["DE000000000"]


async def test_a_tax_id_of_another_customer_is_not_there(stripe_client, customer):
    other = await stripe_client.v1.customers.create_async()
    sent = {"type": "eu_vat", "value": "DE000000000"}
    made = await stripe_client.v1.customers.tax_ids.create_async(other.id, sent)
    with pytest.raises(stripe.InvalidRequestError) as missing:
        await stripe_client.v1.customers.tax_ids.retrieve_async(customer.id, made.id)
    assert missing.value.code == "resource_missing"


async def test_a_deleted_customer_says_so_and_is_in_no_list(stripe_client, customer):
    api = stripe_client.v1.customers
    method = await stripe_client.v1.payment_methods.attach_async("pm_card_visa", {"customer": customer.id})
    assert (await api.delete_async(customer.id)).deleted
    assert (await api.retrieve_async(customer.id)).deleted
    assert (await api.list_async()).data == []
    assert (await stripe_client.v1.payment_methods.retrieve_async(method.id)).customer is None
    with pytest.raises(stripe.InvalidRequestError, match="No such customer") as missing:
        await api.update_async(customer.id, {"name": "x"})
    assert (missing.value.http_status, missing.value.param) == (404, "id")


async def test_attached_methods_are_listed_with_their_customer(stripe_client, customer):
    api = stripe_client.v1
    visa = await api.payment_methods.attach_async("pm_card_visa", {"customer": customer.id})
    amex = await api.payment_methods.attach_async("pm_card_amex", {"customer": customer.id})
    await api.payment_methods.retrieve_async("pm_card_jcb")
    kept = await api.customers.payment_methods.list_async(customer.id, {"type": "card"})
    assert [method.id for method in kept.data] == [amex.id, visa.id]
    one = await api.customers.payment_methods.retrieve_async(customer.id, visa.id)
    assert (one.card.brand, one.customer) == ("visa", customer.id)
    assert (await api.payment_methods.list_async({"customer": customer.id})).data == kept.data


async def test_a_default_method_expands_and_goes_when_it_is_detached(stripe_client, customer):
    api = stripe_client.v1
    method = await api.payment_methods.attach_async("pm_card_visa", {"customer": customer.id})
    settings = {"invoice_settings": {"default_payment_method": method.id}}
    wanted = {**settings, "expand": ["invoice_settings.default_payment_method"]}
    told = await api.customers.update_async(customer.id, wanted)
    assert told.invoice_settings.default_payment_method.card.last4 == "4242"
    await api.payment_methods.detach_async(method.id)
    told = await api.customers.retrieve_async(customer.id)
    assert told.invoice_settings.default_payment_method is None


async def test_a_detached_method_cannot_be_attached_again(stripe_client, customer):
    api = stripe_client.v1.payment_methods
    method = await api.attach_async("pm_card_visa", {"customer": customer.id})
    assert (await api.detach_async(method.id)).customer is None
    for refused_now in (api.attach_async(method.id, {"customer": customer.id}), api.detach_async(method.id)):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            await refused_now
        assert refused.value.code == "payment_method_unexpected_state"


async def test_another_customers_method_cannot_be_taken(stripe_client, customer):
    api = stripe_client.v1
    other = await api.customers.create_async({"payment_method": "pm_card_visa"})
    [method] = (await api.customers.payment_methods.list_async(other.id)).data
    with pytest.raises(stripe.InvalidRequestError, match="already been attached"):
        await api.payment_methods.attach_async(method.id, {"customer": customer.id})


async def test_a_card_that_declines_is_not_saved_unless_it_declines_later(stripe_client, customer):
    api, to = stripe_client.v1.payment_methods, {"customer": customer.id}
    with pytest.raises(stripe.CardError) as declined:
        await api.attach_async("pm_card_chargeDeclined", to)
    assert (declined.value.code, declined.value.error.decline_code) == ("card_declined", "generic_decline")
    assert (await api.attach_async("pm_card_chargeCustomerFail", to)).customer == customer.id


async def test_customers_and_their_methods_tell_what_happens_to_them(stripe_client, customer):
    api = stripe_client.v1
    method = await api.payment_methods.attach_async("pm_card_visa", {"customer": customer.id})
    await api.payment_methods.detach_async(method.id)
    await api.customers.delete_async(customer.id)
    told = [event.type for event in (await api.events.list_async()).data]
    assert told[::-1] == [
        "customer.created",
        "payment_method.attached",
        "payment_method.detached",
        "customer.deleted",
    ]
