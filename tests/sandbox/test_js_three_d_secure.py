"""The 3-D Secure challenge over the pay page."""

import pytest_asyncio

from .js_support import CHALLENGED, checkout_fixture, origins_fixture

checkout, origins = checkout_fixture, origins_fixture

AUTHORIZE, FAIL = "button#test-source-authorize-3ds", "button#test-source-fail-3ds"


@pytest_asyncio.fixture
async def challenged(checkout):
    """A checkout that waits for the bank."""
    await checkout.open(confirm={"redirect": "if_required"})
    await checkout.pay(CHALLENGED)
    await checkout.bank.locator(AUTHORIZE).wait_for()
    return checkout


async def refused(checkout):
    """Asserts what a challenge that was not passed leaves behind."""
    error = (await checkout.answer())["error"]
    assert error["code"] == "payment_intent_authentication_failure"
    assert error["payment_intent"]["status"] == "requires_payment_method"
    assert (await checkout.retrieve()).status == "requires_payment_method"
    assert await checkout.page.locator("iframe[src*='three-ds']").count() == 0


async def test_completing_the_challenge_pays(challenged):
    await challenged.bank.get_by_role("button", name="Complete authentication").click()
    assert (await challenged.answer())["paymentIntent"]["status"] == "succeeded"
    assert (await challenged.retrieve()).amount_received == 1999


async def test_failing_the_challenge_is_an_error_and_another_card_pays(challenged):
    await challenged.bank.get_by_role("button", name="Fail authentication").click()
    await refused(challenged)
    await challenged.clear_answer()
    await challenged.pay()
    assert (await challenged.answer())["paymentIntent"]["status"] == "succeeded"


async def test_escape_abandons_the_challenge(challenged):
    await challenged.page.keyboard.press("Escape")
    await refused(challenged)


async def test_the_close_button_abandons_the_challenge(challenged):
    overlay = challenged.page.frame_locator("iframe[src*='three-ds']")
    await overlay.get_by_role("button", name="Cancel authentication").click()
    await refused(challenged)


async def test_the_challenge_takes_the_focus_and_gives_it_back(challenged):
    heading = challenged.bank.get_by_role("heading")
    await heading.and_(challenged.bank.locator(":focus")).wait_for()
    await challenged.page.keyboard.press("Tab")
    await challenged.page.keyboard.press("Enter")
    assert (await challenged.answer())["paymentIntent"]["status"] == "succeeded"
    assert await challenged.page.evaluate("document.activeElement.textContent") == "Pay now"


async def test_a_challenge_that_was_left_is_taken_up_by_handle_next_action(challenged):
    await challenged.page.reload()
    secret = challenged.intent.client_secret
    await challenged.page.evaluate(
        """(clientSecret) => { stripe.handleNextAction({ clientSecret }).then((answer) =>
             document.querySelector("output").textContent = JSON.stringify(answer)) }""",
        secret,
    )
    await challenged.bank.locator(AUTHORIZE).click()
    assert (await challenged.answer())["paymentIntent"]["status"] == "succeeded"


async def test_a_card_that_is_declined_after_its_challenge_says_so_in_the_form(checkout):
    await checkout.open(confirm={"redirect": "if_required"})
    await checkout.pay("4000008260003178")
    await checkout.bank.locator(AUTHORIZE).click()
    assert (await checkout.answer())["error"]["decline_code"] == "insufficient_funds"
    await checkout.frame.get_by_text("Your card has insufficient funds.").wait_for()


async def test_with_a_redirect_the_challenge_ends_at_the_return_url(checkout):
    await checkout.open()
    await checkout.pay(CHALLENGED)
    await checkout.bank.locator(AUTHORIZE).click()
    await checkout.page.wait_for_url("**/return?**redirect_status=succeeded")
