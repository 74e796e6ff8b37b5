"""`shop run --workers N`: several processes on the same addresses, and a parent that serves nothing itself.

It starts anew whoever dies, and ends all when it is told to. Whoever finds that the parent is gone ends by himself.
Workers share nothing but the database: each gets sockets and settings handed over. They are forked from a process that
does nothing but load what they need, once for all of them and while the database is prepared; on macOS, where system
libraries do not bear that, each is spawned and loads it itself."""

# ruff: noqa: PLC0415 (what serves is loaded where it serves, so that the parent stays small)
import asyncio
import multiprocessing
import os
import signal
import socket
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from multiprocessing import forkserver, resource_tracker
from multiprocessing.context import ForkServerContext, SpawnContext
from multiprocessing.process import BaseProcess
from typing import Any

import structlog
import uvloop

from shop.checks import ConfigurationError
from shop.doors import Doors, open_doors
from shop.logs import set_up_logs
from shop.settings import Settings

log = structlog.get_logger()
FORKS = sys.platform == "linux"
CONTEXT: ForkServerContext | SpawnContext = (
    multiprocessing.get_context("forkserver") if FORKS else multiprocessing.get_context("spawn")
)
PAUSES = (0.1, 1, 3, 10, 30)  # seconds before a process is started anew, each time it has died again
STEADY = 60  # seconds after which one that dies has not "died again"
UNUSABLE = 2  # exit code of what no second start mends
ENDING = (signal.SIGINT, signal.SIGTERM)


async def run_workers(settings: Settings) -> int:
    """Migrate, stock an empty shelf, and have it served until SIGINT or SIGTERM; the exit code.

    Raises ConfigurationError."""
    with ExitStack() as stack:
        doors = open_doors(settings, stack)
        if FORKS:
            _begin_loading()
        await _prepare(settings)
        shop = replace(doors, sandbox=None)
        names = [f"worker {number + 1}" for number in range(settings.workers)]
        workers = [Kept(name, settings, _serve_shop, shop) for name in names]
        others = [Kept("sandbox", settings, _serve_sandbox, doors.sandbox)] if doors.sandbox else []
        return await _keep(workers, others, stack)


def _begin_loading() -> None:
    CONTEXT.set_forkserver_preload(["shop.preloaded"])
    with _signals_held_back():
        forkserver.ensure_running()


async def _prepare(settings: Settings) -> None:
    from shop.db import Database
    from shop.demo_books import fill_empty_shelf
    from shop.migrating import migrate
    from shop.welcome import welcome

    db = Database(settings.database_url)
    try:
        await migrate(db)
        await fill_empty_shelf(db)
    finally:
        await db.close()
    print(welcome(settings), flush=True)  # noqa: T201


async def _keep(workers: "list[Kept]", others: "list[Kept]", doors: ExitStack) -> int:
    """Until a signal comes, or one of them cannot be used. The workers end first: they may need the others for what
    is running."""
    loop, told = asyncio.get_running_loop(), asyncio.Event()
    for number in ENDING:
        loop.add_signal_handler(number, told.set)
    keeping = [asyncio.create_task(kept.keep(told)) for kept in (*workers, *others)]
    await told.wait()
    for number in ENDING:
        loop.add_signal_handler(number, _end_at_once, number, [*workers, *others])
    doors.close()  # nobody new is let in
    for group in (workers, others):
        await asyncio.gather(*(kept.end() for kept in group))
    await asyncio.gather(*keeping)
    return UNUSABLE if any(kept.process.exitcode == UNUSABLE for kept in (*workers, *others)) else 0


def _end_at_once(number: int, all_of_them: "list[Kept]") -> None:
    for kept in all_of_them:
        kept.process.kill()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


class Kept:
    """A process that is to run, whatever befalls it."""

    def __init__(self, name: str, settings: Settings, serve: Callable[..., None], *handed: Any) -> None:
        self.name, self.grace = name, settings.shutdown_grace
        self.serve, self.handed = serve, (settings, *handed)
        self.process = self._new()
        self.ended = asyncio.Event()

    async def keep(self, told: asyncio.Event) -> None:
        """Start it, and start it anew when it has died, until all are told to end."""
        loop, deaths = asyncio.get_running_loop(), 0
        while not told.is_set():
            began = loop.time()
            self._start(loop)
            await self.ended.wait()
            self._bury(loop)
            if told.is_set():
                return
            if self.process.exitcode == UNUSABLE:  # it has said why
                told.set()
                return
            deaths = 0 if loop.time() - began > STEADY else deaths
            pause, deaths = PAUSES[min(deaths, len(PAUSES) - 1)], deaths + 1
            died = {"worker": self.name, "pid": self.process.pid, "exit_code": self.process.exitcode}
            log.error("worker.died", **died, again_in=pause)
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await told.wait()

    async def end(self) -> None:
        """It finishes what is running, and has as long as it gives itself."""
        if self.process.pid is None:
            return
        self.process.terminate()
        try:
            async with asyncio.timeout(1.5 * self.grace + 5):
                await self.ended.wait()
        except TimeoutError:
            log.error("worker.killed", worker=self.name, pid=self.process.pid)
            self.process.kill()
            await self.ended.wait()

    def _new(self) -> BaseProcess:
        return CONTEXT.Process(target=self.serve, args=self.handed, name=self.name, daemon=True)

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        self.ended, self.process = asyncio.Event(), self._new()
        with _signals_held_back():
            self.process.start()
        loop.add_reader(self.process.sentinel, self.ended.set)
        log.info("worker.started", worker=self.name, pid=self.process.pid)

    def _bury(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.remove_reader(self.process.sentinel)
        self.process.join()
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            from prometheus_client.multiprocess import mark_process_dead

            mark_process_dead(self.process.pid)  # type: ignore[no-untyped-call]


@contextmanager
def _signals_held_back() -> Iterator[None]:
    """From what is started meanwhile. A terminal's Ctrl-C goes to every process, and a SIGTERM may go to a whole group,
    but here the parent alone tells the others when to end; a worker lets SIGTERM in again."""
    resource_tracker.ensure_running()  # which would let them in
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve_shop(settings: Settings, doors: Doors) -> None:
    from shop.server import serve_shop

    _serve(serve_shop(settings, doors, _parent()))


def _serve_sandbox(settings: Settings, sock: socket.socket) -> None:
    from shop.server import serve_sandbox

    _serve(serve_sandbox(settings, sock, _parent()))


def _parent() -> int:
    """A descriptor that can be read once the parent is gone, however it went."""
    parent = multiprocessing.parent_process()
    assert parent
    return parent.sentinel


def _serve(serving: Coroutine[Any, Any, None]) -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    set_up_logs()
    try:
        uvloop.run(serving)
    except ConfigurationError as error:
        print(f"shop: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(UNUSABLE)
