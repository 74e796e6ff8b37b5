"""An offline double of Stripe: its HTTP API, its stripe.js and its webhooks, with a database of its own."""

from quart import Quart

from . import api, clock, delivery, hosts, settle, wire
from .api import prices, promotion_codes, webhook_endpoints
from .control import control
from .elements import elements
from .faults import Faults
from .hosted_challenge import hosted_challenge
from .hosted_checkout import hosted_checkout
from .pages import pages
from .panel import panel
from .recipes import recipes
from .redirect_page import redirect_page
from .settings import SandboxSettings
from .store import Store
from .workbench import workbench

__all__ = ["SandboxSettings", "create_sandbox"]

BLUEPRINTS = (
    *api.BLUEPRINTS,
    control,
    recipes,
    pages,
    workbench,
    panel,
    elements,
    hosted_challenge,
    hosted_checkout,
    redirect_page,
)
"""The API, the control plane, and what a browser sees: pages for people, stripe.js and its frames."""


def create_sandbox(settings: SandboxSettings) -> Quart:
    app = Quart(__name__, static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=1024 * 1024, PROPAGATE_EXCEPTIONS=False)
    app.extensions["settings"] = settings
    app.extensions["store"] = Store(settings.database)
    clock.attach(app)
    app.extensions["faults"] = Faults()
    webhook_endpoints.seed(app.extensions["store"], settings)
    prices.seed(app.extensions["store"], settings)
    promotion_codes.seed(app.extensions["store"], settings)
    hosts.attach(app)
    wire.attach(app)
    settle.attach(app)
    delivery.attach(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)

    @app.after_serving
    async def close() -> None:
        app.extensions["store"].close()

    return app
