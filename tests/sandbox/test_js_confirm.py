"""stripe.confirmPayment(), from the shopper's side of the form."""

from urllib.parse import parse_qs, urlsplit

from .js_support import checkout_page

checkout = checkout_page


async def test_a_paid_card_brings_the_shopper_to_the_return_url(checkout):
    await checkout.open()
    await checkout.pay()
    await checkout.page.wait_for_url("**/return?**")
    query = parse_qs(urlsplit(checkout.page.url).query)
    assert query == {
        "order": ["7"],
        "payment_intent": [checkout.intent.id],
        "payment_intent_client_secret": [checkout.intent.client_secret],
        "redirect_status": ["succeeded"],
    }
    assert (await checkout.answer())["paymentIntent"]["status"] == "succeeded"
