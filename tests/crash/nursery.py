"""What the process that shops are forked from does once, so that a start takes a tenth of a second."""

import gc
import importlib
import platform
import ssl

import stripe

for name in (
    "tests.once",
    "tests.once",
    "tests.crash.runner",
    # What a server imports only when it needs it first:
    "anyio.abc",
    "anyio.lowlevel",
    "anyio.streams.tls",
    "anyio._backends._asyncio",
    "httpcore._backends.auto",
    "stripe.v2.core",
    "stripe._object_classes",
    "stripe._payment_intent_service",
    "stripe._stripe_client",
    "uvicorn.lifespan.on",
    "uvicorn.protocols.http.httptools_impl",
    "uvicorn.protocols.websockets.auto",
):
    importlib.import_module(name)

platform.platform()
ssl.create_default_context(cafile=stripe.ca_bundle_path)
gc.freeze()
