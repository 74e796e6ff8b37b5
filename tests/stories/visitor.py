"""A shopper in a story: does what is asked if the page at hand allows it, and remembers what the page showed."""

import html
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import httpx

from tests.shopper import Shopper, text

CARDS = {
    "good": "pm_card_visa",
    "declined": "pm_card_visa_chargeDeclined",
    "challenged": "pm_card_threeDSecure2Required",
    "bank": "pm_usBankAccount_success",
    "bad bank": "pm_usBankAccount_insufficientFunds",
    "saved": "pm_card_visa",  # by who is signed in the one that they have saved, or else this one, and it is saved
}
NEW = {"type": "card", "card": {"token": "tok_visa"}, "allow_redisplay": "always"}
ACCOUNTS = {"ada": "ada@example.com", "eve": "eve@example.com"}


@dataclass
class Visitor(Shopper):
    revision: str = ""
    total: str = ""
    secret: str = ""  # of the intent on the pay page
    country: str = ""  # that the pay page asks for an address in
    allowed: bool = False  # by the press on Pay
    session: str = ""  # at Stripe
    challenge: dict[str, str] | None = None  # of the bank
    fetched: int = 0  # files
    send_letters: Callable[[], Awaitable[object]] | None = None
    accounts: set[str] = field(default_factory=set)  # in which this visitor has ever been
    reused: int = 0  # cards that were saved
    cards: str = ""  # by which the pay page may show saved ones
    confirmed: dict[str, str] = field(default_factory=dict)  # the revision that the page showed, by order

    async def post(self, path: str, /, htmx: bool = False, **form: object) -> httpx.Response:
        return _answered(await super().post(path, htmx, **form))

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return _answered(await super().get(path, **headers))

    async def puts_in_the_cart(self, slug: str) -> None:
        await self.add(slug)

    async def takes_out_of_the_cart(self, slug: str) -> None:
        await self.post(f"/cart/items/{slug}", quantity=0)

    async def undoes(self, which: str) -> None:
        """One of the changes that the cart offers to undo, as the page stands that offers it."""
        page = (await self.get("/cart")).text.partition('id="cart-changes"')[2]
        offers = re.findall(
            r'name="change" value="(\d+)">\s*<input type="hidden" name="seen" value="(\S+)"', page
        )
        for change, seen in offers[:1] if which == "the last" else offers[-1:]:
            await self.post("/cart/undo", change=change, seen=seen)

    async def types_a_code(self, code: str) -> None:
        await self.post("/cart/discount", code=code)

    async def removes_the_code(self, _: str) -> None:
        await self.post("/cart/discount/removal")

    async def chooses_a_country(self, country: str) -> None:
        await self.post("/cart/country", country=country)

    async def signs_in(self, account: str) -> None:
        """By the newest letter that there is."""
        assert self.send_letters
        await self.post("/sign-in", email=ACCOUNTS[account])
        await self.send_letters()
        letters = re.findall(
            rf'"(/mailbox/[^"]+)">Sign in[^<]*</a> <span>to {ACCOUNTS[account]}',
            (await self.get("/mailbox")).text,
        )
        if letters and (found := re.search(r"(/sign-in/[\w.-]+)", (await self.get(letters[0])).text)):
            self.accounts.add(ACCOUNTS[account])
            await self.post(found[1])

    async def signs_out(self, _: str) -> None:
        await self.post("/account/sign-out")

    async def removes_a_card(self, _: str) -> None:
        page = await self.get("/account")
        for path in re.findall(r'action="(/account/cards/[^"]+)"', page.text)[:1]:
            await self.post(path)

    async def checks_out(self, _: str) -> None:
        self._goes_to(await self.post("/checkout"))

    async def buys_now(self, slug: str) -> None:
        self._goes_to(await self.post(f"/books/{slug}/checkout"))

    async def opens_the_pay_page(self, _: str) -> None:
        if self.order:
            self._reads(await self.get(f"{self.order}/pay"))

    async def presses_pay(self, _: str) -> None:
        if self.secret:
            form = {"email": "ada@example.com", "total": self.total, "revision": self.revision}
            reply = await self.post(f"{self.order}/pay", True, **form)
            self.allowed = reply.status_code == 204

    async def pays(self, card: str) -> None:
        """What stripe.js asks for, once the press was allowed."""
        if self.allowed:
            await self.pays_behind_the_shops_back(card)

    async def pays_behind_the_shops_back(self, card: str) -> None:
        if self.secret:
            params = {
                **await self._method(card),
                "use_stripe_sdk": True,
                **sent_to(self.country, "shipping"),
            }
            self.confirmed[self.order] = self.revision
            intent = await self.stripe.v1.payment_intents.confirm_async(
                self.secret.split("_secret_")[0], params
            )
            self._is_challenged(intent.to_dict())

    async def answers_the_bank(self, outcome: str) -> None:
        if self.challenge:
            challenge, self.challenge = self.challenge, None
            await self.stripe.raw_request_async("post", "/v1/3ds2/authenticate", outcome=outcome, **challenge)

    async def goes_to_stripes_page(self, _: str) -> None:
        if self.order:
            form = {"total": self.total, "revision": self.revision} if self.total else {}
            reply = await self.post(f"{self.order}/session", **form)
            if found := re.search(r"/(cs_\w+)", reply.headers.get("Location", "")):
                self.session = found[1]

    async def pays_there(self, card: str) -> None:
        if self.session:
            path = f"/v1/payment_pages/{self.session}/confirm"
            shown = await self.stripe.v1.checkout.sessions.retrieve_async(self.session)
            params = {**await self._method_there(card), "expected_amount": shown.amount_total}
            if shown.shipping_address_collection:
                [country] = shown.shipping_address_collection.allowed_countries
                params |= sent_to(country, "shipping_address")
            page = await self.stripe.raw_request_async("post", path, use_stripe_sdk=True, **params)
            self._is_challenged(page.data.get("payment_intent") or {})

    async def comes_back_to_our_page(self, _: str) -> None:
        if self.order:
            await self.post(f"{self.order}/intent")
            await self.opens_the_pay_page("")

    async def cancels(self, _: str) -> None:
        if self.order:
            await self.post(f"{self.order}/cancellation")

    async def puts_the_books_back(self, _: str) -> None:
        if self.order:
            await self.post(f"{self.order}/cart")

    async def checks_out_again(self, _: str) -> None:
        if self.order:
            self._goes_to(await self.post(f"{self.order}/checkout"))

    async def looks(self, _: str) -> None:
        if self.order:
            await self.look()

    async def fetches_the_e_book(self, _: str) -> None:
        """As often as the page that is open lets it."""
        if self.order:
            page = await self.look()
            for path in re.findall(r'action="(/downloads/[^"]+)"', page.text):
                reply = await self.post(path)
                self.fetched += reply.status_code == 200  # not in one line: several may come at once

    async def _method(self, card: str) -> dict[str, object]:
        """What the form on the pay page makes of it."""
        if card != "saved" or not self.cards:
            return {"payment_method": CARDS[card]}
        path = "/v1/customer_sessions/payment_methods"
        listed = await self.stripe.raw_request_async("get", path, client_secret=self.cards)
        saved = await self._own(listed.data["data"])
        return saved or {"payment_method_data": NEW, "setup_future_usage": "on_session"}

    async def _method_there(self, card: str) -> dict[str, object]:
        page = (await self.stripe.raw_request_async("get", f"/v1/payment_pages/{self.session}")).data
        saved = await self._own(page["saved_payment_methods"])
        if card != "saved" or not page["payment_method_save"]:
            return {"payment_method": CARDS[card]}
        return saved or {"payment_method_data": NEW, "save_payment_method": True}

    async def _own(self, saved: Sequence[dict[str, str]]) -> dict[str, object]:
        """The first. Whoever sees cards has been signed in as their owner."""
        for card in saved[:1]:
            owner = await self.stripe.v1.customers.retrieve_async(card["customer"])
            assert owner.email in self.accounts, f"sees a card of {owner.email}"
            self.reused += 1
            return {"payment_method": card["id"]}
        return {}

    def _goes_to(self, reply: httpx.Response) -> None:
        if found := re.match(r"(/orders/[\w-]+)", reply.headers.get("Location", "")):
            self.order = found[1]

    def _reads(self, page: httpx.Response) -> None:
        found = {
            name: re.search(pattern, page.text)
            for name, pattern in (
                ("secret", 'data-secret="([^"]+)"'),
                ("total", 'name="total" value="([^"]+)"'),
                ("revision", 'name="revision" value="([^"]+)"'),
                ("country", 'data-country="([^"]+)"'),
                ("cards", 'data-cards="([^"]+)"'),
            )
        }
        if found["secret"]:
            for name, match in found.items():
                setattr(self, name, html.unescape(match[1]) if match else "")
            self.allowed = False

    def _is_challenged(self, intent: dict[str, object]) -> None:
        match intent:
            case {"next_action": {"use_stripe_sdk": {"source": str(source)}}, "client_secret": str(secret)}:
                self.challenge = {"source": source, "client_secret": secret}


def sent_to(country: str, name: str) -> dict[str, object]:
    """An address there, as a parameter of Stripe's; none where there is no country."""
    return {name: {"name": "Ada", "address": {"line1": "1 Main St", "country": country}}} if country else {}


def _answered(reply: httpx.Response) -> httpx.Response:
    """Whatever goes wrong, no page is a crash."""
    assert reply.status_code != 500, text(reply)
    return reply
