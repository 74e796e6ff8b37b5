"""Starting the shop's process, and starting it again after it has killed itself.

Processes are forked from one that has everything imported, so that a start takes a tenth of a second. The sandbox has
a process of its own, which survives."""

import multiprocessing
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from shop.charges import Charges
from shop.settings import Settings
from tests.crash import runner

nursery = multiprocessing.get_context("forkserver")
nursery.set_forkserver_preload(["tests.crash.nursery"])


class Process:
    """A server on a socket that outlives it: what asks while it is down waits for the next."""

    def __init__(self, folder: Path, name: str) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.log = folder / f"{name}.log"
        self.process: Any = None

    def start(self, serve: Callable[..., None], *arguments: Any) -> None:
        self.process = nursery.Process(target=serve, args=(self.socket, *arguments, self.log), daemon=True)
        self.process.start()

    def died(self) -> bool:
        """Whether it has killed itself, as it was told to."""
        self.process.join(5)
        return bool(self.process.exitcode == -signal.SIGKILL)

    def stop(self) -> None:
        self.process.kill()
        self.process.join()
        self.socket.close()


class MortalShop(Process):
    def __init__(
        self, folder: Path, database_url: str, sandbox: str, *, jobs: bool, charges: Charges
    ) -> None:
        super().__init__(folder, "shop")
        self.settings = Settings(
            secret_key="signs the cookies of the tests",
            database_url=database_url,
            instance=folder,
            jobs=jobs,
            charges=charges,
            stripe_api_base=sandbox,
            stripe_js_url=f"{sandbox}/endive/stripe.js",
            sandbox_url=sandbox,
        )
        self.start_again()

    def start_again(self) -> None:
        self.start(runner.serve_shop, self.settings)


class Sandbox(Process):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "sandbox")
        self.start(runner.serve_sandbox, self.url, folder / "sandbox.db")
