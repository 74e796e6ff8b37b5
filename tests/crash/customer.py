"""A shopper whose server dies."""

import secrets
from dataclasses import dataclass, field

import httpx
import stripe

from shop.db import Database
from tests.shopper import Shopper


@dataclass(frozen=True)
class KillPoint:
    step: str
    request: int  # of the step
    point: str

    def __str__(self) -> str:
        nth = f" {self.request}" if self.request > 1 else ""
        return f"{self.step.replace('_', ' ')}{nth}, {self.point}"


@dataclass
class Customer(Shopper):
    """A shopper who notes the points that each request passes, and may have the server die at one of them."""

    db: Database = field(kw_only=True)
    after: list[int] = field(kw_only=True)  # the numbers of the last cart and order of those who came before
    email: str = field(default_factory=lambda: f"{secrets.token_hex(6)}@example.com")  # of who signs in
    fatal: KillPoint | None = None
    step: str = ""
    requests: int = 0
    passed: list[KillPoint] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.http.event_hooks = {"request": [self._arm], "response": [self._note]}

    async def _arm(self, request: httpx.Request) -> None:
        self.requests += 1
        if self.fatal and (self.fatal.step, self.fatal.request) == (self.step, self.requests):
            request.headers["Die-At"] = self.fatal.point

    async def _note(self, response: httpx.Response) -> None:
        points = [point for point in response.headers.get("Passed", "").split("|") if point]
        self.passed += [KillPoint(self.step, self.requests, point) for point in points]

    async def newest_intent(self) -> stripe.PaymentIntent:
        return (await self.stripe.v1.payment_intents.list_async({"limit": 1})).data[0]
