"""The addresses where the shop listens: bound once, before anything is served, and handed to whoever serves there."""

import socket
from contextlib import ExitStack
from dataclasses import dataclass

from shop.checks import ConfigurationError
from shop.settings import Settings


@dataclass(frozen=True)
class Doors:
    shop: socket.socket
    metrics: socket.socket | None = None
    sandbox: socket.socket | None = None


def open_doors(settings: Settings, stack: ExitStack) -> Doors:
    """Raises ConfigurationError."""
    shop = stack.enter_context(bind(settings.host, settings.port))
    sandbox = stack.enter_context(bind(settings.host, settings.port + 1)) if settings.runs_sandbox else None
    metrics = stack.enter_context(bind(*settings.metrics)) if settings.metrics else None
    return Doors(shop, metrics, sandbox)


def bind(host: str, port: int) -> socket.socket:
    """A listening address. Raises ConfigurationError if it cannot be had."""
    if not 0 < port < 65536:
        raise ConfigurationError(f"{port} is not a port: give a number from 1 to 65535.")
    try:
        family, *_, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        sock.listen(1024)
    except OSError as error:
        raise ConfigurationError(
            f"Port {port} on {host} cannot be used ({error.strerror}): stop what uses it, or choose another port."
        ) from error
    return sock
