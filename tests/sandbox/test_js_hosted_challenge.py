"""The challenge as a page of its own: where an intent sends the shopper that the shop's server confirmed."""

import httpx
import pytest

from .js_support import checkout_fixture, origins_fixture

checkout, origins = checkout_fixture, origins_fixture


async def sent_to_the_bank(checkout):
    intent = await checkout.stripe.v1.payment_intents.create_async(
        {
            "amount": 1999,
            "currency": "usd",
            "confirm": True,
            "payment_method": "pm_card_authenticationRequired",
            "return_url": f"{checkout.shop}/return?order=7",
        }
    )
    checkout.intent = intent
    return intent.next_action.redirect_to_url.url


@pytest.mark.parametrize(("button", "outcome"), [("Complete", "succeeded"), ("Fail", "failed")])
async def test_the_page_leads_back_to_the_shop_with_the_outcome(checkout, button, outcome):
    await checkout.page.goto(await sent_to_the_bank(checkout))
    await checkout.page.get_by_role("button", name=f"{button} authentication").click()
    await checkout.page.wait_for_url(
        f"**/return?order=7&payment_intent={checkout.intent.id}&**&redirect_status={outcome}"
    )
    expected = {"succeeded": "succeeded", "failed": "requires_payment_method"}[outcome]
    assert (await checkout.answer())["paymentIntent"]["status"] == expected


async def test_handle_next_action_goes_there(checkout):
    await checkout.open()
    await sent_to_the_bank(checkout)
    secret = checkout.intent.client_secret
    await checkout.page.evaluate("(clientSecret) => { stripe.handleNextAction({ clientSecret }); }", secret)
    await checkout.page.wait_for_url("**/3d_secure_2/hosted?**")
    await checkout.page.locator("#test-source-authorize-3ds").click()
    await checkout.page.wait_for_url("**redirect_status=succeeded")


async def test_it_needs_no_script_and_can_be_sent_twice(checkout):
    address = await sent_to_the_bank(checkout)
    secret = checkout.intent.client_secret
    form = {"key": "pk_test_sandbox", "client_secret": secret, "outcome": "complete"}
    async with httpx.AsyncClient() as browser:
        first, second = await browser.post(address, data=form), await browser.post(address, data=form)
        again = await browser.get(address)
    assert [reply.status_code for reply in (first, second, again)] == [303, 303, 303]
    assert first.headers["Location"] == second.headers["Location"] == again.headers["Location"]
    assert (await checkout.retrieve()).amount_received == 1999


async def test_without_the_client_secret_there_is_no_such_page(checkout):
    address = await sent_to_the_bank(checkout)
    async with httpx.AsyncClient() as browser:
        assert (await browser.get(address.replace("_secret_", "_secret_x"))).status_code == 404
