"""One API request on its way through a handler; or the sandbox's own doing, then without a request id."""

import time
from dataclasses import dataclass, field

from . import versions
from .access import Key
from .errors import Json, missing_resource
from .settings import SandboxSettings
from .store import Store


@dataclass
class Call:
    store: Store
    settings: SandboxSettings
    route: str = ""
    """As the parameter table names it: `POST /v1/payment_intents/{intent}`."""
    sent: Json = field(default_factory=dict)
    """The fields as they came, before they were checked."""
    params: Json = field(default_factory=dict)
    key: Key = Key.SECRET
    version: str = versions.DEFAULT
    request_id: str | None = None
    idempotency_key: str | None = None
    at: float = field(default_factory=time.time)
    """When it came in."""

    def find(self, id: str, kind: str, noun: str, param: str = "id", status: int = 404) -> Json:
        """The object of that kind; without it, Stripe's refusal, in which `noun` is what it calls the kind."""
        found = self.store.get(id, kind)
        if found is None:
            raise missing_resource(noun, id, param, status)
        return found
