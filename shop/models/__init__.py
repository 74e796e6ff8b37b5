"""The tables, a room for each noun. Amounts are integers in minor units of the row's currency; times are UTC."""

from shop.models.books import FORMATS, UNLIMITED, Book, BookFormat, CatalogueChange
from shop.models.carts import Cart, CartChange, CartItem
from shop.models.customers import AccountSession, Customer, SignIn
from shop.models.downloads import DOWNLOADS, Download
from shop.models.duties import Duty
from shop.models.letters import LookUp, Mail
from shop.models.orders import Order, OrderEvent, OrderLine, OrderRevision, OrderStatus
from shop.models.payments import EventOutcome, FailedAttempt, Payment, PaymentKind, StripeEvent
from shop.models.promotions import CodeGuess, Promotion, Redemption, RedemptionState
from shop.models.public_id import random_id
from shop.models.refunds import Refund, RefundStatus
from shop.models.staff import CatalogueUpload, StaffAttempt, StaffSession
from shop.models.stock import HoldState, StockHold

__all__ = [
    "DOWNLOADS",
    "FORMATS",
    "UNLIMITED",
    "AccountSession",
    "Book",
    "BookFormat",
    "Cart",
    "CartChange",
    "CartItem",
    "CatalogueChange",
    "CatalogueUpload",
    "CodeGuess",
    "Customer",
    "Download",
    "Duty",
    "EventOutcome",
    "FailedAttempt",
    "HoldState",
    "LookUp",
    "Mail",
    "Order",
    "OrderEvent",
    "OrderLine",
    "OrderRevision",
    "OrderStatus",
    "Payment",
    "PaymentKind",
    "Promotion",
    "Redemption",
    "RedemptionState",
    "Refund",
    "RefundStatus",
    "SignIn",
    "StaffAttempt",
    "StaffSession",
    "StockHold",
    "StripeEvent",
    "random_id",
]
