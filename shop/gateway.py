"""Stripe, one method per call. Translates Stripe's errors; decides nothing. The only file of
the shop that imports stripe at run time."""

import asyncio
import json
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import httpx
import stripe
import structlog

from shop.db import transaction_is_open
from shop.errors import IntentClosed, IntentMissing, PaymentBusy, PaymentRefused, PaymentUnavailable
from shop.settings import Settings
from shop.stripe_calls import begin_calls, told

if TYPE_CHECKING:
    from stripe import RequestOptions
    from stripe.params import (
        CustomerCreateParams,
        CustomerSessionCreateParams,
        PaymentIntentCancelParams,
        PaymentIntentCreateParams,
        PaymentIntentUpdateParams,
        RefundCreateParams,
    )
    from stripe.params.checkout import SessionCreateParams

T = TypeVar("T")
log = structlog.get_logger()


class InvalidEvent(Exception):
    """The webhook was not signed with our secret, was altered, is older than five minutes, or is no event."""


@dataclass(frozen=True)
class Patience:
    """For how many seconds we wait for Stripe: shorter than a shopper waits for us."""

    queue: float = 5  # for a free place among the calls
    connect: float = 2
    read: float = 6  # for one answer; Stripe takes up to four where a bank takes its time
    call: float = 15  # for a call with all its retries


PATIENCE = Patience()


class Gateway:
    """A StripeClient with key, address, time-outs and retries set once; one per process.

    Each write takes the idempotency key that the caller spells from its own stored ids. At most `at_once` calls run
    at the same time."""

    def __init__(
        self,
        secret_key: str,
        webhook_secret: str,
        api_base: str | None = None,
        http: stripe.HTTPClient | None = None,
        at_once: int = 20,
        patience: Patience = PATIENCE,
        old_webhook_secrets: Sequence[str] = (),
    ) -> None:
        # Empty is not a secret but the lack of one: anybody could sign with it.
        self.webhook_secrets = [secret for secret in (webhook_secret, *old_webhook_secrets) if secret]
        self.patience = patience
        self.places = asyncio.Semaphore(at_once)
        timeout = httpx.Timeout(patience.read, connect=patience.connect)
        self.http = http or _ToldClient(timeout=timeout)
        self.client = stripe.StripeClient(
            secret_key,
            http_client=self.http,
            max_network_retries=2,
            base_addresses={"api": api_base} if api_base else {},
        )

    @classmethod
    def from_settings(cls, settings: Settings) -> "Gateway":
        return cls(
            settings.stripe_secret_key,
            settings.stripe_webhook_secret,
            settings.stripe_api_base,
            at_once=settings.stripe_concurrency,
            old_webhook_secrets=settings.old_webhook_secrets,
        )

    async def create_intent(self, params: "PaymentIntentCreateParams", key: str) -> stripe.PaymentIntent:
        return await self._call(self.client.v1.payment_intents.create_async(params, {"idempotency_key": key}))

    async def retrieve_intent(self, intent_id: str) -> stripe.PaymentIntent:
        return await self._call(
            self.client.v1.payment_intents.retrieve_async(intent_id, {"expand": ["latest_charge.refunds"]})
        )

    async def update_intent(
        self, intent_id: str, params: "PaymentIntentUpdateParams", key: str
    ) -> stripe.PaymentIntent:
        return await self._call(
            self.client.v1.payment_intents.update_async(intent_id, params, {"idempotency_key": key})
        )

    async def cancel_intent(
        self, intent_id: str, params: "PaymentIntentCancelParams", key: str
    ) -> stripe.PaymentIntent:
        return await self._call(
            self.client.v1.payment_intents.cancel_async(intent_id, params, {"idempotency_key": key})
        )

    async def capture_intent(self, intent_id: str, key: str) -> stripe.PaymentIntent:
        """All that was authorised."""
        options: RequestOptions = {"idempotency_key": key}
        return await self._call(self.client.v1.payment_intents.capture_async(intent_id, {}, options))

    async def find_intent(self, since: int, payment_id: str) -> stripe.PaymentIntent | None:
        """The intent with our payment's id in its metadata, among those created since a moment in Unix seconds.
        (Search would be shorter, but lags behind by a minute.)"""

        async def look() -> stripe.PaymentIntent | None:
            page = await self.client.v1.payment_intents.list_async({"created": {"gte": since}, "limit": 100})
            async for intent in page.auto_paging_iter():
                if getattr(intent.metadata, "payment", None) == payment_id:
                    return intent
            return None

        return await self._call(look())

    async def create_session(self, params: "SessionCreateParams", key: str) -> stripe.checkout.Session:
        return await self._call(
            self.client.v1.checkout.sessions.create_async(params, {"idempotency_key": key})
        )

    async def retrieve_session(self, session_id: str) -> stripe.checkout.Session:
        return await self._call(
            self.client.v1.checkout.sessions.retrieve_async(
                session_id, {"expand": ["payment_intent.latest_charge.refunds"]}
            )
        )

    async def expire_session(self, session_id: str, key: str) -> stripe.checkout.Session:
        options: RequestOptions = {"idempotency_key": key}
        try:
            return await self._call(self.client.v1.checkout.sessions.expire_async(session_id, {}, options))
        except PaymentRefused as error:  # Stripe has no code for: it is complete or has expired
            raise IntentClosed(session_id) from error

    async def find_session(self, since: int, payment_id: str) -> stripe.checkout.Session | None:
        """As `find_intent`."""

        async def look() -> stripe.checkout.Session | None:
            page = await self.client.v1.checkout.sessions.list_async(
                {"created": {"gte": since}, "limit": 100}
            )
            async for session in page.auto_paging_iter():
                if getattr(session.metadata, "payment", None) == payment_id:
                    return session
            return None

        return await self._call(look())

    async def create_refund(self, params: "RefundCreateParams", key: str) -> stripe.Refund:
        return await self._call(self.client.v1.refunds.create_async(params, {"idempotency_key": key}))

    async def list_refunds(self, charge: stripe.Charge) -> list[stripe.Refund]:
        """All refunds of a charge that was retrieved with its newest ten, newest first."""

        async def look() -> list[stripe.Refund]:
            return [refund async for refund in charge.refunds.auto_paging_iter()] if charge.refunds else []

        return await self._call(look())

    async def list_disputes(self, intent_id: str) -> list[stripe.Dispute]:
        """All disputes of what an intent charged, newest first."""

        async def look() -> list[stripe.Dispute]:
            page = await self.client.v1.disputes.list_async({"payment_intent": intent_id, "limit": 100})
            return [dispute async for dispute in page.auto_paging_iter()]

        return await self._call(look())

    async def find_refund(self, since: int, intent_id: str, refund_id: str) -> stripe.Refund | None:
        """The refund of an intent with our refund's id in its metadata."""

        async def look() -> stripe.Refund | None:
            page = await self.client.v1.refunds.list_async(
                {"payment_intent": intent_id, "created": {"gte": since}, "limit": 100}
            )
            async for refund in page.auto_paging_iter():
                if getattr(refund.metadata, "refund", None) == refund_id:
                    return refund
            return None

        return await self._call(look())

    async def list_intents(self, since: int) -> list[stripe.PaymentIntent]:
        """All that were created since a moment in Unix seconds, with their latest charge."""

        async def look() -> list[stripe.PaymentIntent]:
            page = await self.client.v1.payment_intents.list_async(
                {"created": {"gte": since}, "limit": 100, "expand": ["data.latest_charge"]}
            )
            return [intent async for intent in page.auto_paging_iter()]

        return await self._call(look(), pages=True)

    async def list_sessions(self, since: int) -> list[stripe.checkout.Session]:
        """As `list_intents`."""

        async def look() -> list[stripe.checkout.Session]:
            page = await self.client.v1.checkout.sessions.list_async(
                {"created": {"gte": since}, "limit": 100}
            )
            return [session async for session in page.auto_paging_iter()]

        return await self._call(look(), pages=True)

    async def find_promotion(self, code: str) -> stripe.PromotionCode | None:
        """The promotion code that a shopper means, in whatever case they write, with its coupon. Of several that were
        given the same letters, the one that is in force and for everybody, else the newest."""

        async def look() -> stripe.PromotionCode | None:
            page = await self.client.v1.promotion_codes.list_async(
                {"code": code, "limit": 100, "expand": ["data.promotion.coupon.applies_to"]}
            )
            return min(page.data, key=lambda each: (not each.active, bool(each.customer)), default=None)

        return await self._call(look())

    async def create_customer(self, params: "CustomerCreateParams", key: str) -> stripe.Customer:
        return await self._call(self.client.v1.customers.create_async(params, {"idempotency_key": key}))

    async def find_customer(self, since: int, email: str, customer_id: str) -> stripe.Customer | None:
        """As `find_intent`, of those with this email address."""

        async def look() -> stripe.Customer | None:
            page = await self.client.v1.customers.list_async(
                {"email": email, "created": {"gte": since}, "limit": 100}
            )
            async for customer in page.auto_paging_iter():
                if getattr(customer.metadata, "customer", None) == customer_id:
                    return customer
            return None

        return await self._call(look())

    async def list_customers(self, since: int) -> list[stripe.Customer]:
        """As `list_intents`."""

        async def look() -> list[stripe.Customer]:
            page = await self.client.v1.customers.list_async({"created": {"gte": since}, "limit": 100})
            return [customer async for customer in page.auto_paging_iter()]

        return await self._call(look(), pages=True)

    async def create_customer_session(self, params: "CustomerSessionCreateParams") -> stripe.CustomerSession:
        """Without a key of ours: it changes nothing, and each page has its own."""
        return await self._call(self.client.v1.customer_sessions.create_async(params))

    async def list_cards(self, customer: str) -> list[stripe.PaymentMethod]:
        """What the customer has saved, newest first."""

        async def look() -> list[stripe.PaymentMethod]:
            page = await self.client.v1.customers.payment_methods.list_async(
                customer, {"type": "card", "limit": 100}
            )
            return [card async for card in page.auto_paging_iter()]

        return await self._call(look())

    async def find_card(self, customer: str, card_id: str) -> stripe.PaymentMethod:
        """Raises IntentMissing where it is not the customer's."""
        return await self._call(self.client.v1.customers.payment_methods.retrieve_async(customer, card_id))

    async def detach_card(self, card_id: str) -> stripe.PaymentMethod:
        """Without a key of ours: it is done once anyhow, and a key would bring a failure back for a day."""
        return await self._call(self.client.v1.payment_methods.detach_async(card_id))

    def read_event(self, body: bytes, signature: str) -> stripe.Event:
        """The event in a webhook's raw body; raises InvalidEvent."""
        if not any(_signed(body, signature, secret) for secret in self.webhook_secrets):
            raise InvalidEvent
        try:
            match json.loads(body):
                case {"object": "event", "id": str(), "type": str(), "data": {"object": dict()}} as event:
                    return stripe.Event.construct_from(event, None)
        except (ValueError, RecursionError) as error:
            raise InvalidEvent from error
        raise InvalidEvent

    async def retrieve_event(self, event_id: str) -> stripe.Event:
        return await self._call(self.client.v1.events.retrieve_async(event_id))

    async def close(self) -> None:
        await self.http.close_async()  # type: ignore[no-untyped-call]

    async def _call(self, request: Coroutine[Any, Any, T], *, pages: bool = False) -> T:
        """`pages`: it may turn many pages, for nobody who waits.

        Raises PaymentUnavailable (of these PaymentBusy), PaymentRefused, IntentMissing and IntentClosed."""
        assert not transaction_is_open(), "a transaction must not stay open across a Stripe call"
        begin_calls()
        await self._take_place(request)
        try:
            async with asyncio.timeout(None if pages else self.patience.call):
                return await request
        except TimeoutError as error:
            log.warning("stripe.failed", kind="TimeoutError", after=self.patience.call)
            raise PaymentUnavailable from error
        except stripe.StripeError as error:
            raise _in_our_words(error) from error
        finally:
            self.places.release()

    async def _take_place(self, request: Coroutine[Any, Any, T]) -> None:
        try:
            async with asyncio.timeout(self.patience.queue):
                await self.places.acquire()
        except TimeoutError as error:
            request.close()  # it has not begun
            log.warning("stripe.busy")
            raise PaymentBusy from error


class _ToldClient(stripe.HTTPXClient):
    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        with told(method, url) as call:
            answer = await super().request_async(method, url, headers, post_data)
            call.answered(*answer[1:])
        return answer


def _in_our_words(error: stripe.StripeError) -> Exception:
    if error.code == "payment_intent_unexpected_state":
        return IntentClosed(error.code)
    trouble = {"kind": type(error).__name__, "code": error.code, "stripe_request": error.request_id}
    ours = isinstance(error, stripe.AuthenticationError | stripe.PermissionError)
    (log.error if ours else log.warning)("stripe.failed", status=error.http_status, **trouble)
    if error.code == "resource_missing":
        return IntentMissing()
    if isinstance(error, stripe.InvalidRequestError):
        return PaymentRefused(error.code)
    # A connection error or a 409 leaves the outcome open: the same key may still get its answer.
    final = isinstance(error, stripe.APIError) and (error.http_status or 0) >= 500
    return PaymentUnavailable(error.request_id, final=final)


def _signed(body: bytes, signature: str, secret: str) -> bool:
    try:
        signature.encode("ascii")  # what has other letters trips the SDK
        return bool(stripe.WebhookSignature.verify_header(body, signature, secret, tolerance=300))
    except (ValueError, stripe.SignatureVerificationError):
        return False
