"""Tax calculations and transactions."""

import pytest
import stripe
from playwright.async_api import expect

from .test_hosted_checkout import open_hosted, shop
from .test_payment_pages import CARD, open_page

__all__ = ["open_hosted", "open_page", "shop"]

HOME = {
    "address": {"country": "US", "state": "NY", "postal_code": "10001", "city": "New York"},
    "address_source": "shipping",
}
SALE = {"currency": "usd", "customer_details": HOME, "line_items": [{"amount": 2000, "reference": "book"}]}


@pytest.fixture
def tax(stripe_client):
    return stripe_client.v1.tax


@pytest.mark.parametrize(
    ("address", "behavior", "exclusive", "inclusive", "total"),
    [
        ({"country": "US", "state": "NY"}, "exclusive", 178, 0, 2178),
        ({"country": "DE"}, "inclusive", 0, 319, 2000),
        ({"country": "US", "state": "OR"}, "exclusive", 0, 0, 2000),
    ],
)
async def test_where_the_customer_lives_says_what_the_tax_is(
    tax, address, behavior, exclusive, inclusive, total
):
    items = [{"amount": 2000, "reference": "book", "tax_behavior": behavior}]
    details = {"address": address, "address_source": "billing"}
    made = await tax.calculations.create_async({**SALE, "customer_details": details, "line_items": items})
    assert (made.tax_amount_exclusive, made.tax_amount_inclusive, made.amount_total) == (
        exclusive,
        inclusive,
        total,
    )


async def test_a_calculations_total_feeds_an_intent_and_a_transaction_is_made_from_it(tax, stripe_client):
    sale = {**SALE, "shipping_cost": {"amount": 500}, "expand": ["line_items"]}
    calculation = await tax.calculations.create_async(sale)
    assert (calculation.amount_total, calculation.line_items.data[0].amount_tax) == (2722, 178)
    intent = await stripe_client.v1.payment_intents.create_async(
        {
            "amount": calculation.amount_total,
            "currency": "usd",
            "metadata": {"tax_calculation": calculation.id},
        }
    )
    made = await tax.transactions.create_from_calculation_async(
        {"calculation": calculation.id, "reference": intent.id}
    )
    assert (made.type, made.reference, made.shipping_cost.amount_tax) == ("transaction", intent.id, 44)
    items = await tax.transactions.line_items.list_async(made.id)
    assert [(item.reference, item.amount_tax) for item in items.data] == [("book", 178)]
    back = await tax.transactions.create_reversal_async(
        {"mode": "full", "original_transaction": made.id, "reference": f"{intent.id}-back"}
    )
    assert (back.type, back.reversal.original_transaction) == ("reversal", made.id)


async def test_an_intent_names_the_calculation_that_it_was_taxed_by(tax, stripe_client):
    made = await tax.calculations.create_async(SALE)
    taxed = {"amount": made.amount_total, "currency": "usd"}
    taxed["hooks"] = {"inputs": {"tax": {"calculation": made.id}}}
    intent = await stripe_client.v1.payment_intents.create_async(taxed)
    assert intent.hooks.inputs.tax.calculation == made.id
    taxed["hooks"] = {"inputs": {"tax": {"calculation": "taxcalc_x"}}}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await stripe_client.v1.payment_intents.create_async(taxed)
    assert (refused.value.code, refused.value.param) == (
        "resource_missing",
        "hooks[inputs][tax][calculation]",
    )


async def test_a_reference_is_used_once(tax):
    calculation = await tax.calculations.create_async(SALE)
    record = {"calculation": calculation.id, "reference": "o_1"}
    await tax.transactions.create_from_calculation_async(record)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await tax.transactions.create_from_calculation_async(record)
    assert refused.value.param == "reference"


async def test_without_a_country_there_is_nothing_to_go_by(tax):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await tax.calculations.create_async({"currency": "usd", "line_items": [{"amount": 5}]})
    assert refused.value.code == "customer_tax_location_invalid"


async def test_a_session_with_automatic_tax_is_taxed_where_the_shopper_lives(open_page):
    page = await open_page(automatic_tax={"enabled": True})
    assert page.session.automatic_tax.status == "requires_location_inputs"
    home = {"billing_address[address][country]": "US", "billing_address[address][state]": "NY"}
    changed = await page.change(**home)
    assert (changed["amount_total"], changed["total_details"]["amount_tax"]) == (2178, 178)
    await page.confirm(**CARD, expected_amount=2178)
    session = await page.retrieve("payment_intent", "line_items")
    assert (session.payment_intent.amount_received, session.line_items.data[0].amount_tax) == (2178, 178)


async def test_on_the_hosted_page_nobody_pays_a_tax_that_they_have_not_seen(open_hosted):
    hosted = await open_hosted(automatic_tax={"enabled": True})
    await hosted.pay()
    await expect(hosted.page.get_by_role("alert")).to_contain_text("has changed the total")
    await expect(hosted.page.get_by_role("heading", level=1)).to_contain_text("$21.78")
    await hosted.page.get_by_role("button", name="Pay", exact=True).click()
    assert (await hosted.is_paid()).total_details.amount_tax == 178
