"""Products and prices."""

from decimal import Decimal

import pytest
import stripe

from .conftest import sandbox_at


@pytest.fixture
def api(stripe_client):
    return stripe_client.v1


async def priced(api, name="A book", **price):
    product = await api.products.create_async({"name": name})
    return await api.prices.create_async(
        {"product": product.id, "currency": "usd", "unit_amount": 2000, **price}
    )


async def test_a_new_product_and_its_price_have_the_values_that_stripes_have(api):
    price = await api.prices.retrieve_async((await priced(api)).id, {"expand": ["product"]})
    assert (price.unit_amount, price.unit_amount_decimal, price.type) == (2000, Decimal(2000), "one_time")
    assert (price.billing_scheme, price.tax_behavior, price.recurring) == ("per_unit", "unspecified", None)
    product = price.product.to_dict()
    assert product["id"].startswith("prod_")
    filled = {name: value for name, value in product.items() if value not in (None, [], {})}
    assert filled.keys() == {"id", "object", "active", "created", "livemode", "name", "type", "updated"}


async def test_default_price_data_makes_a_price(api):
    data = {"currency": "eur", "unit_amount_decimal": Decimal("0.5")}
    product = await api.products.create_async(
        {"name": "A page", "default_price_data": data, "expand": ["default_price"]}
    )
    assert (product.default_price.unit_amount, product.default_price.product) == (None, product.id)
    assert product.default_price.unit_amount_decimal == Decimal("0.5")


async def test_updates_change_and_unset_and_are_told(api):
    product = await api.products.create_async({"name": "Old", "description": "Dusty"})
    product = await api.products.update_async(product.id, {"name": "New", "description": "", "active": False})
    assert (product.name, product.description, product.active) == ("New", None, False)
    event = (await api.events.list_async({"type": "product.updated"})).data[0]
    assert event.data.previous_attributes.name == "Old"


async def test_a_product_with_a_price_stays_and_one_without_goes(api):
    price, lone = await priced(api), await api.products.create_async({"name": "Lone"})
    with pytest.raises(stripe.InvalidRequestError, match="user-created prices"):
        await api.products.delete_async(price.product)
    assert (await api.products.delete_async(lone.id)).deleted
    with pytest.raises(stripe.InvalidRequestError, match="No such product"):
        await api.products.retrieve_async(lone.id)


async def test_lists_filter(api):
    first, second = await priced(api), await priced(api, lookup_key="hardback", active=False)
    assert [p.id for p in (await api.prices.list_async({"product": first.product})).data] == [first.id]
    assert [p.id for p in (await api.prices.list_async({"active": False})).data] == [second.id]
    assert [p.id for p in (await api.prices.list_async({"lookup_keys": ["hardback"]})).data] == [second.id]
    found = await api.products.search_async({"query": "active:'true' AND name~'book'"})
    assert {p.id for p in found.data} == {first.product, second.product}


async def test_a_lookup_key_is_for_one_price_and_can_be_handed_on(api):
    first = await priced(api, lookup_key="hardback")
    with pytest.raises(stripe.InvalidRequestError, match="already uses that lookup key"):
        await priced(api, lookup_key="hardback")
    await priced(api, lookup_key="hardback", transfer_lookup_key=True)
    assert (await api.prices.retrieve_async(first.id)).lookup_key is None


@pytest.mark.parametrize(
    ("price", "param"),
    [
        ({"unit_amount": -1}, "unit_amount"),
        ({"product": "prod_none"}, "product"),
        ({"currency": "xyz"}, "currency"),
    ],
)
async def test_what_cannot_be_a_price_is_refused(api, price, param):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await priced(api, **price)
    assert refused.value.param == param


async def test_prices_of_the_settings_are_there_from_the_start(tmp_path, client_for):
    async with sandbox_at(tmp_path / "sandbox.db", prices=(("price_tshirt", 2000, "usd"),)) as sandbox:
        price = await client_for(sandbox.url).v1.prices.retrieve_async("price_tshirt")
    assert (price.unit_amount, price.currency) == (2000, "usd")
