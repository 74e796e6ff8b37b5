"""An offline double of Stripe: its HTTP API, its stripe.js and its webhooks, with a database of its own."""

from quart import Quart

from . import api, delivery, settle, wire
from .api import webhook_endpoints
from .elements import elements
from .hosted_challenge import hosted_challenge
from .settings import SandboxSettings
from .store import Store

__all__ = ["SandboxSettings", "create_sandbox"]

PAGES = (elements, hosted_challenge)
"""Blueprints of what a browser sees: stripe.js and its frames, the control pages."""


def create_sandbox(settings: SandboxSettings) -> Quart:
    app = Quart(__name__, static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=1024 * 1024, PROPAGATE_EXCEPTIONS=False)
    app.extensions["settings"] = settings
    app.extensions["store"] = Store(settings.database)
    webhook_endpoints.seed(app.extensions["store"], settings)
    wire.attach(app)
    settle.attach(app)
    delivery.attach(app)
    for blueprint in (*api.BLUEPRINTS, *PAGES):
        app.register_blueprint(blueprint)

    @app.after_serving
    async def close() -> None:
        app.extensions["store"].close()

    return app
