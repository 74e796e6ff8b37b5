"""The sandbox as a program of its own."""

import socket
from pathlib import Path

import uvicorn

from . import create_sandbox
from .settings import SandboxSettings

SECRET = "whsec_sandbox"  # noqa: S105 (of a double that moves no money)


async def run(sock: socket.socket, url: str, database: Path, forward_to: str | None) -> None:
    """Serve until SIGINT or SIGTERM."""
    endpoints = ((forward_to, SECRET),) if forward_to else ()
    app = create_sandbox(SandboxSettings(database, url, endpoints))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=5))
    await server.serve(sockets=[sock])
