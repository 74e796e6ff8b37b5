"""Errors as Stripe words them: one class, and a function for each that several nouns raise."""

from typing import Any

Json = dict[str, Any]


class ApiError(Exception):
    """An answer that is not 2xx. `begun` says that the endpoint had begun to act: what it wrote stays, the
    result is kept for the idempotency key and carries `Stripe-Should-Retry: false`."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        code: str | None = None,
        param: str | None = None,
        type: str = "invalid_request_error",
        begun: bool = False,
        headers: dict[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(message)
        self.status, self.begun, self.headers = status, begun, headers or {}
        docs = code and f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"
        fields = {"code": code, "doc_url": docs, "message": message, "param": param, "type": type, **extra}
        self.error = {name: value for name, value in fields.items() if value is not None}


def missing_resource(noun: str, given: str, param: str = "id", status: int = 404) -> ApiError:
    return ApiError(f"No such {noun}: '{given}'", status=status, code="resource_missing", param=param)


def invalid(message: str, param: str | None = None, code: str | None = None) -> ApiError:
    return ApiError(message, param=param, code=code)
