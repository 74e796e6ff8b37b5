"""Paying for an order: one way of paying open at a time, kept in step with the order's revisions.

Every change at Stripe is written down before it is asked for, so that a lost answer can be asked for again with the
same idempotency key. How a payment went comes in by `syncing` alone."""

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.attempts import make_at_stripe
from shop.db import Database, now, retried
from shop.errors import (
    BadInput,
    IntentClosed,
    IntentMissing,
    PaymentRefused,
    PaymentUnavailable,
    PaymentUnderway,
)
from shop.failures import check_failures, find_excesses
from shop.gateway import Gateway
from shop.models import Order, OrderRevision, OrderStatus, Payment, PaymentKind, random_id
from shop.order_parts import lock_order, lock_payment, lock_row
from shop.orders import glance_at, hold_amount, place_order, remember_email
from shop.promotions import look_again
from shop.settings import Settings
from shop.settling import complete_free_order, give_up
from shop.syncing import Truth, newest_at_stripe, sync_order, sync_payment

if TYPE_CHECKING:
    from stripe.params import PaymentIntentCancelParams, PaymentIntentCreateParams


def intent_params(
    order: Order, revision: OrderRevision, payment: Payment, settings: Settings
) -> "PaymentIntentCreateParams":
    """What we ask Stripe for. The revision travels with its amount, so that the two cannot part."""
    params: PaymentIntentCreateParams = {
        "amount": revision.total,
        "currency": revision.currency,
        "automatic_payment_methods": {"enabled": True},
        "metadata": stated(metadata(order, revision, payment)),
    }
    if settings.capture_method == "manual":
        params["capture_method"] = "manual"
    return params


def metadata(order: Order, revision: OrderRevision, payment: Payment) -> dict[str, str]:
    """By which an intent, or a session, is ours. An order redeems its code once, so that it names the redemption.

    A blank takes away what an earlier revision has said: Stripe keeps the keys that an update does not name."""
    off = sum(line.discount for line in revision.lines)
    return {
        "order": order.public_id,
        "revision": str(revision.number),
        "payment": payment.public_id,
        "promotion_code": revision.promotion_id or "",
        "discount": str(off) if revision.promotion_id else "",
    }


def stated(metadata: dict[str, str]) -> dict[str, str]:
    """Of what is new at Stripe, where there is nothing to take away."""
    return {key: value for key, value in metadata.items() if value}


async def check_out(
    db: Database,
    gateway: Gateway,
    settings: Settings,
    cart_id: str | None,
    cart_revision: int | None = None,
    shown: int | None = None,
    only: str | None = None,
) -> str:
    """From a cart, or from one book, to an order that Stripe is ready to take money for. Returns its public id.

    However often and in however many tabs: one cart or book, one order, one intent. Raises BadInput, Conflict (of these
    PaymentUnderway and TotalChanged), PaymentRefused, PaymentUnavailable and TooManyFailures."""
    order_id, begun = None, list[Payment]()
    begin = partial(_begin_payment, settings=settings, begun=begun)
    if only is None:
        await look_again(db, gateway, cart_id)
    for _ in range(2):
        try:
            placed = await place_order(db, cart_id, cart_revision, shown, only, settings.charges, begin)
            order_id = placed.public_id
            await bring_up_to_date(db, gateway, settings, placed, checked=placed.open_payment in begun)
            return order_id
        except PaymentUnderway as underway:
            order = await _end_lapsed_press(db, gateway, underway.order_id)
        except (IntentClosed, IntentMissing):
            # Paid or cancelled while nobody was looking. If paid, the cart has now given up what was bought.
            assert order_id
            order = await sync_order(db, gateway, order_id)
            cart_revision = shown = None
        except BadInput:
            if order_id is None:
                raise
            return order_id  # nothing is left to check out: show what became of the order
        if only and order.status not in (OrderStatus.PENDING, OrderStatus.CANCELED):
            return order.public_id  # the book is bought, and one press buys it once
    placed = await place_order(db, cart_id, only=only, charges=settings.charges, also=begin)
    await bring_up_to_date(db, gateway, settings, placed, checked=placed.open_payment in begun)
    return placed.public_id


async def press(
    db: Database,
    gateway: Gateway,
    settings: Settings,
    order_id: str,
    email: str | None,
    shown: int,
    revision: int | None,
) -> bool:
    """The press on Pay, before the browser confirms. False when there is nothing left to pay.

    Stripe is asked first: what became of an earlier press must not end the hold that this one takes.
    Raises TotalChanged, Conflict, TooManyFailures, PaymentUnavailable."""
    await remember_email(db, order_id, email)
    await sync_order(db, gateway, order_id)
    await check_failures(db, settings, order_id)
    return await hold_amount(db, order_id, shown, revision)


async def ready_to_pay(
    db: Database, gateway: Gateway, settings: Settings, order_id: str
) -> tuple[Order, Truth | None]:
    """The order, and what Stripe says of the way of paying that is open, which is made where there is none; None where
    there is nothing at Stripe. Raises as `bring_up_to_date`."""
    order = await glance_at(db, order_id)
    await bring_up_to_date(db, gateway, settings, order)
    payment = order.open_payment
    known = payment and (payment.session_id or payment.intent_id)
    stripe_id = known or await newest_at_stripe(db, order_id)
    return await sync_payment(db, gateway, stripe_id) if stripe_id else (await glance_at(db, order_id), None)


async def bring_up_to_date(
    db: Database, gateway: Gateway, settings: Settings, order: Order, *, checked: bool = False
) -> None:
    """Make the intent if there is none, then tell Stripe of each newer revision, oldest first.

    Each revision has a key of its own and is sent again until it is answered, before the next is sent: so a slow
    request of another tab can never overtake a later one and put an old amount back.
    `checked`: whether failed attempts have just been looked at.
    Raises IntentClosed, PaymentRefused, PaymentUnavailable and TooManyFailures."""
    if order.in_force.total == 0:
        await _complete_without_payment(db, gateway, order)
        return
    payment = order.open_payment
    known = payment and (payment.intent_id or payment.session_id)
    if known and order.revision >= order.in_force.number:
        return
    if settings.ui_mode == "hosted_page" and payment is None:
        return  # the way to Stripe's page makes what it needs
    if not checked:
        await check_failures(db, settings, order.public_id)
    payment = payment or await _open_payment(db, order.public_id, settings)
    payment = await make_at_stripe(db, gateway, payment)
    if payment.kind is PaymentKind.SESSION:
        return  # its amount is fixed, and its lease keeps the order from changing
    if order.in_force.number > int(payment.params["metadata"]["revision"]):
        order = await glance_at(db, order.public_id)  # others may have told Stripe of some meanwhile
        for revision in order.revisions:
            if order.revision < revision.number <= order.in_force.number:
                await _update_intent(db, gateway, order, payment, revision)


async def cancel_payment(db: Database, gateway: Gateway, order_id: str) -> Order:
    """Cancel what the shopper does not want to pay; if it has been paid, find that out instead.

    Raises NotFound, PaymentUnavailable."""
    order = await close_payment(db, gateway, order_id)
    if order.status == OrderStatus.PENDING and order.open_payment is None:
        async with db.write() as session:
            order = await lock_order(session, order_id)
            if order.open_payment is None:
                await give_up(session, order, "given up before it was paid")
    return await glance_at(db, order_id)


async def close_payment(db: Database, gateway: Gateway, order_id: str, only: int | None = None) -> Order:
    """Cancel the open intent or expire the open session, at Stripe; its answer tells whether that was in time.
    `only`: the row that is meant, if it is not to be whichever is open by then.

    Raises NotFound, PaymentUnavailable."""
    order = await sync_order(db, gateway, order_id)
    if order.open_payment is None or only not in (None, order.open_payment.id):
        return order
    with suppress(PaymentRefused):  # it never came into being
        payment = await make_at_stripe(db, gateway, order.open_payment)
        # The key changes with Stripe's truth: a refusal that was right then is not repeated now.
        key = f"{payment.public_id}-close-{payment.counter}"
        with suppress(IntentClosed):  # syncing tells which way
            if payment.session_id:
                await gateway.expire_session(payment.session_id, key)
            elif payment.intent_id:
                reason: PaymentIntentCancelParams = {"cancellation_reason": "requested_by_customer"}
                await gateway.cancel_intent(payment.intent_id, reason, key)
    return await sync_order(db, gateway, order_id)


async def choose_way(db: Database, gateway: Gateway, order_id: str, kind: PaymentKind) -> None:
    """Make room for a way of paying: another that is open is closed first, and only Stripe's yes opens the way.

    Raises NotFound, PaymentUnavailable."""
    payment = (await glance_at(db, order_id)).open_payment
    if payment is None or payment.kind is kind:
        return
    order = await retire_payment(db, gateway, order_id, payment.id)
    if order.status == OrderStatus.PENDING and order.open_payment and order.open_payment.kind is not kind:
        raise PaymentUnavailable


async def retire_payment(db: Database, gateway: Gateway, order_id: str, row_id: int) -> Order:
    """Close a way of paying and leave the order open to another. Raises NotFound, PaymentUnavailable."""
    async with db.write() as session:
        still_open = (Payment.id == row_id, Payment.open)
        await session.execute(update(Payment).where(*still_open).values(closing=True))
    return await close_payment(db, gateway, order_id, row_id)


async def _end_lapsed_press(db: Database, gateway: Gateway, order_id: str) -> Order:
    """A press whose outcome is open: see how it stands. If its ten minutes are over, its intent is cancelled, so
    that a confirmation that is still on its way cannot charge another amount. Raises PaymentUnderway."""
    order = await sync_order(db, gateway, order_id)
    if not order.press_is_open:
        return order
    if order.lease_until and order.lease_until > now():
        raise PaymentUnderway(order_id)
    return await cancel_payment(db, gateway, order_id)


async def _complete_without_payment(db: Database, gateway: Gateway, order: Order) -> None:
    if any(payment.open for payment in order.payments):
        await cancel_payment(db, gateway, order.public_id)
        raise IntentClosed(order.public_id)
    await complete_free_order(db, order.id)


async def _begin_payment(
    session: AsyncSession, order: Order, settings: Settings, begun: list[Payment]
) -> None:
    """In the commit of the order, where it is Stripe's turn next. `begun` gets the payment."""
    if settings.ui_mode == "hosted_page" or order.in_force.total == 0 or order.open_payment:
        return
    with session.no_autoflush:  # the order has its row, and what it sells is not asked for
        excesses = await find_excesses(session, settings, order.public_id)
    if not excesses:
        begun.append(_add_payment(order, settings))


@retried
async def _open_payment(db: Database, order_id: str, settings: Settings) -> Payment:
    """The order's open payment; the row is there before Stripe hears of it."""
    async with db.write() as session:
        order = await lock_order(session, order_id)
        if order.open_payment is None and order.status != OrderStatus.PENDING:
            raise IntentClosed(order_id)
        return order.open_payment or _add_payment(order, settings)


def _add_payment(order: Order, settings: Settings) -> Payment:
    revision = order.in_force
    payment = Payment(order_id=order.id, amount=revision.total, currency=revision.currency)
    payment.public_id = random_id()
    payment.params = dict(intent_params(order, revision, payment, settings))
    order.payments.append(payment)
    return payment


async def _update_intent(
    db: Database, gateway: Gateway, order: Order, payment: Payment, revision: OrderRevision
) -> None:
    """Raises PaymentRefused for the newest revision only: an older one is not wanted any more."""
    assert payment.intent_id
    key = f"{payment.public_id}-revision-{revision.number}-{payment.attempt}"
    try:
        await gateway.update_intent(
            payment.intent_id,
            {
                "amount": revision.total,
                "currency": revision.currency,
                "metadata": metadata(order, revision, payment),
            },
            key,
        )
    except PaymentRefused:
        if revision is order.in_force:
            raise
        return
    except PaymentUnavailable as error:
        if error.final:
            # Setting the same amount twice does no harm, so the next attempt may simply use a new key.
            async with db.write() as session:
                row = await lock_payment(session, payment.id)
                row.attempt = max(row.attempt, payment.attempt + 1)
        raise
    async with db.write() as session:
        row = await lock_payment(session, payment.id)
        accepted = await lock_row(session, payment.order_id)
        if accepted.revision < revision.number:
            accepted.revision, row.amount, row.currency = revision.number, revision.total, revision.currency
