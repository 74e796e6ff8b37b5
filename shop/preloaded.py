"""What workers need, loaded once by the process that they are forked from. What has been made by then is no garbage: to
look for some meanwhile takes a seventh of the time, and later in each worker again."""

# ruff: noqa: E402, F401
import gc

gc.disable()

import uvicorn.lifespan.on

import shop.cli
import shop.server

gc.collect()
gc.freeze()
gc.enable()
