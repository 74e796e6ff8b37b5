"""A shopper without a browser: the same requests, the same pages, and Stripe by its public key."""

import html
import re
from dataclasses import dataclass, field
from typing import Any

import httpx
import stripe

TAGS = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.S)
VISA, DECLINED, CHALLENGE = "pm_card_visa", "pm_card_visa_chargeDeclined", "pm_card_threeDSecure2Required"


@dataclass
class Shopper:
    http: httpx.AsyncClient
    stripe: stripe.StripeClient
    order: str = ""  # the path of the order, once there is one
    intent_id: str = ""  # as the pay page gave it last
    pages: list[httpx.Response] = field(default_factory=list)

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.http.get(path, headers=headers)

    async def post(self, path: str, /, htmx: bool = False, **form: Any) -> httpx.Response:
        headers = {"HX-Request-Type": "partial"} if htmx else {}
        return await self.http.post(path, data=form, headers=headers)

    async def add(self, slug: str, quantity: int = 1) -> httpx.Response:
        return await self.post("/cart/items", book=slug, quantity=quantity)

    async def check_out(self, *slugs: str) -> str:
        """Put the books in the cart and check out; the order's path."""
        for slug in slugs:
            assert (await self.add(slug)).status_code == 303
        reply = await self.post("/checkout")
        assert reply.status_code == 303, text(reply)
        self.order, self.intent_id = reply.headers["Location"].removesuffix("/pay"), ""
        return self.order

    async def buy_now(self, slug: str) -> str:
        """Press Buy now on the book's page; the order's path."""
        reply = await self.post(f"/books/{slug}/checkout")
        assert reply.status_code == 303, text(reply)
        self.order = reply.headers["Location"].removesuffix("/pay")
        return self.order

    async def client_secret(self) -> str:
        return (await self._open_pay_page())[0]

    async def _open_pay_page(self) -> tuple[str, int]:
        """The client secret and the total on it."""
        page = await self.get(f"{self.order}/pay")
        found = re.search(r'data-secret="([^"]+)".*name="total" value="(\d+)"', page.text, re.S)
        assert found, f"{page.status_code} {text(page)}"
        self.intent_id = found[1].split("_secret_")[0]
        return found[1], int(found[2])

    async def intent(self) -> stripe.PaymentIntent:
        await self._open_pay_page()
        return await self.stripe.v1.payment_intents.retrieve_async(self.intent_id)

    async def intent_now(self) -> stripe.PaymentIntent:
        """The one that the pay page named last, whatever has become of it."""
        return await self.stripe.v1.payment_intents.retrieve_async(self.intent_id)

    async def press(self, email: str = "ada@example.com", total: int | None = None) -> httpx.Response:
        total = (await self._open_pay_page())[1] if total is None else total
        return await self.post(f"{self.order}/pay", htmx=True, email=email, total=total)

    async def confirm(self, card: str = VISA) -> stripe.PaymentIntent:
        """What the browser asks of Stripe after the press."""
        if not self.intent_id:
            await self._open_pay_page()
        return await self.stripe.v1.payment_intents.confirm_async(
            self.intent_id, {"payment_method": card, "return_url": "https://example.com/"}
        )

    async def pay(self, card: str = VISA, email: str = "ada@example.com") -> httpx.Response:
        """Press Pay, confirm, and come back to the order's page."""
        assert (await self.press(email)).status_code == 204
        await self.confirm(card)
        return await self.look()

    async def open_session(self) -> str:
        """Choose Stripe's page; the id of the session that is open there."""
        reply = await self.post(f"{self.order}/session")
        assert reply.status_code == 303, text(reply)
        found = re.search(r"/(cs_\w+)", reply.headers["Location"])
        assert found, reply.headers["Location"]
        return found[1]

    async def pay_session(self, session_id: str, card: str = VISA, **typed: Any) -> None:
        """What Stripe's page does when the shopper presses its button there. Raises StripeError."""
        session = await self.stripe.v1.checkout.sessions.retrieve_async(session_id)
        wanted = {"payment_method": card, "expected_amount": session.amount_total, **typed}
        await self.stripe.raw_request_async("post", f"/v1/payment_pages/{session_id}/confirm", **wanted)

    async def look(self) -> httpx.Response:
        return await self.get(self.order)


def text(page: httpx.Response) -> str:
    """What a person reads on the page, with single spaces."""
    return " ".join(html.unescape(TAGS.sub(" ", page.text)).split())
