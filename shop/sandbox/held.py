"""What the app that answers a request holds."""

from quart import current_app

from .faults import Faults
from .settings import SandboxSettings
from .store import Store


def store() -> Store:
    held: Store = current_app.extensions["store"]
    return held


def settings() -> SandboxSettings:
    held: SandboxSettings = current_app.extensions["settings"]
    return held


def faults() -> Faults:
    held: Faults = current_app.extensions["faults"]
    return held
