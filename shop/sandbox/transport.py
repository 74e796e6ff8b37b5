"""The sandbox as an HTTP client of the SDK: calls reach the app in the same process, without a port."""

from collections.abc import Mapping
from typing import Any, cast

import httpx
import stripe
from quart import Quart

from .inside import Inside


class SandboxTransport(stripe.HTTPClient):
    """`StripeClient("sk_test_sandbox", http_client=SandboxTransport(create_sandbox(settings)))`."""

    name = "sandbox"

    def __init__(self, app: Quart) -> None:
        super().__init__()
        self.http = httpx.AsyncClient(transport=Inside(cast(Any, app)), timeout=None)  # noqa: S113

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        try:
            reply = await self.http.request(method, url, headers=dict(headers), content=post_data)
        except httpx.TransportError as lost:
            raise stripe.APIConnectionError(str(lost), should_retry=True) from lost  # type: ignore[no-untyped-call]
        return reply.content, reply.status_code, reply.headers

    async def close_async(self) -> None:
        await self.http.aclose()
