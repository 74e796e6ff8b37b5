"""The pages, in menu order."""

from shop.routes.cart import cart
from shop.routes.catalogue import catalogue
from shop.routes.checkout import checkout
from shop.routes.crawlers import crawlers
from shop.routes.downloads import downloads
from shop.routes.health import health
from shop.routes.lookup import lookup
from shop.routes.orders import orders
from shop.routes.webhooks import webhooks

BLUEPRINTS = (
    catalogue,
    cart,
    checkout,
    orders,
    downloads,
    lookup,
    crawlers,
    webhooks,
    health,
)
