"""The command `shop`."""

import argparse
import contextlib
import gc
import sqlite3
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import uvloop

from shop import (
    backup_command,
    capture_command,
    download_command,
    import_command,
    refund_command,
    staff_command,
)
from shop.checks import ConfigurationError, workers
from shop.errors import PaymentUnavailable, ShopError
from shop.settings import Settings

if TYPE_CHECKING:
    from shop.db import Database
    from shop.gateway import Gateway


def main(argv: list[str] | None = None) -> int:
    """Exit code 2 and one line for what the operator has to mend; 1 for what did not work out."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.command(arguments) or 0)
    except ConfigurationError as error:
        print(f"shop: {error}", file=sys.stderr)
        return 2
    except PaymentUnavailable:
        sandbox = Settings.from_env().stripe_api_base
        said = f"The sandbox at {sandbox} does not answer: start the shop, or give the PORT that it has."
        print(f"shop: {said if sandbox else 'Stripe does not answer. Try again.'}", file=sys.stderr)
        return 1
    except ShopError as error:
        print(f"shop: {error.heading}. {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="shop", description="A bookshop with Stripe payments.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    run = commands.add_parser(
        "run",
        help="start the shop",
        description="Migrate the database, stock an empty shelf with the demo catalogue, and serve the shop on "
        "http://HOST:PORT (127.0.0.1:8000). Without Stripe keys, start the sandbox on the next port. Settings come "
        "from the environment and .env: see .env.example. SIGTERM or Ctrl-C lets running requests finish and "
        "ends with 0; a second one ends at once.",
    )
    run.add_argument(
        "--workers",
        metavar="N",
        help="processes that serve the shop (default WORKERS, or 1): one for each core",
    )
    run.set_defaults(command=_run)
    migrate = commands.add_parser(
        "migrate",
        help="bring the database up to date",
        description="Bring the database that DATABASE_URL names to the newest migration.",
    )
    migrate.set_defaults(command=_migrate)
    import_command.add_to(commands)
    backup_command.add_to(commands)
    sweeping = commands.add_parser(
        "sweep",
        help="recover and clear away, once",
        description="Bring payments that were begun to where Stripe says they are, cancel orders that nobody has paid "
        "for a day, delete carts that nobody has opened for half a year. The running shop does it by itself; safe "
        "beside it, and safe to repeat.",
    )
    sweeping.set_defaults(command=_sweep)
    audit = commands.add_parser(
        "audit",
        help="hold the database against Stripe",
        description="Print every disagreement between the shop's database and Stripe: a line each, exit code 1 if "
        "there is any. Work of the last ten seconds is not judged.",
    )
    audit.add_argument(
        "--fix", action="store_true", help="repair what has one right answer, and say what is left"
    )
    audit.set_defaults(command=_audit)
    capture_command.add_to(commands)
    refund_command.add_to(commands)
    download_command.add_to(commands)
    staff_command.add_to(commands)
    sandbox = commands.add_parser(
        "sandbox",
        help="run the Stripe sandbox alone",
        description="Serve Stripe's offline double by itself, for any client in any language. Keys: sk_test_sandbox "
        "and pk_test_sandbox.",
    )
    sandbox.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    sandbox.add_argument("--port", type=int, default=12111, help="port to listen on (default 12111)")
    sandbox.add_argument(
        "--database", type=Path, help="where its state lives (default instance/sandbox-PORT.db)"
    )
    sandbox.add_argument(
        "--mimic-port", type=int, help="also answer there, by TLS, to Stripe's own host names; needs openssl"
    )
    sandbox.add_argument(
        "--tls-dir",
        type=Path,
        metavar="DIR",
        help="where its cert.pem and key.pem are, or are to be made (default instance/tls)",
    )
    sandbox.add_argument("--forward-to", metavar="URL", help="deliver webhooks there, like `stripe listen`")
    sandbox.set_defaults(command=_sandbox)
    return parser


def _run(arguments: argparse.Namespace) -> int:
    from shop.commands import share_counts
    from shop.doors import open_doors
    from shop.logs import set_up_logs

    set_up_logs()
    settings = Settings.from_env()
    if arguments.workers is not None:
        settings = replace(settings, workers=workers("--workers", arguments.workers))
    if settings.metrics:
        with contextlib.ExitStack() as doors:
            # They are ours, so no other shop runs whose counts these would be.
            open_doors(settings, doors)
            share_counts(settings.instance / f"metrics-{settings.port}")
    if settings.workers > 1:
        from shop.workers import run_workers

        return uvloop.run(run_workers(settings))
    gc.disable()  # until all is loaded: see `_leave_garbage`
    from shop.server import run

    uvloop.run(run(settings))
    return 0


def _migrate(_: argparse.Namespace) -> None:
    from shop.commands import with_database

    async def nothing_more(_: "Database") -> None:
        pass

    with_database(Settings.from_env(), nothing_more)
    print("The database is up to date.")


def _sweep(_: argparse.Namespace) -> None:
    from shop.commands import with_stripe
    from shop.jobs import RECOVERED, SWEPT, note_done, recover, sweep

    async def work(db: "Database", gateway: "Gateway") -> None:
        await recover(db, gateway)
        await note_done(db, RECOVERED)
        canceled, deleted = await sweep(db, gateway)
        await note_done(db, SWEPT)
        print(f"Orders cancelled: {canceled}, carts deleted: {deleted}.")

    with_stripe(Settings.from_env(), work)


def _audit(arguments: argparse.Namespace) -> int:
    from shop.audit import audit, mend
    from shop.commands import with_stripe

    async def work(db: "Database", gateway: "Gateway") -> int:
        found = await audit(db, gateway)
        left = await mend(db, gateway, found) if found and arguments.fix else found
        for disagreement in found:
            print(f"{'' if disagreement in left else 'mended: '}{disagreement}")
        for disagreement in left:
            if disagreement not in found:
                print(disagreement)
        print(f"Disagreements: {len(left)}.")
        return 1 if left else 0

    return with_stripe(Settings.from_env(), work)


def _sandbox(arguments: argparse.Namespace) -> None:
    from shop.doors import bind
    from shop.sandbox.cli import Mimicry, run
    from shop.sandbox.hosts import browser_rules
    from shop.settings import ROOT

    if arguments.forward_to and not arguments.forward_to.startswith(("http://", "https://")):
        raise ConfigurationError(
            f"--forward-to {arguments.forward_to} is not an address: write it like http://…"
        )
    database = arguments.database or ROOT / f"instance/sandbox-{arguments.port}.db"
    url = f"http://{arguments.host}:{arguments.port}"
    with contextlib.ExitStack() as stack:
        sock, mimicry = stack.enter_context(bind(arguments.host, arguments.port)), None
        if arguments.mimic_port:
            files = _certificate(arguments.tls_dir or ROOT / "instance/tls")
            mimicry = Mimicry(stack.enter_context(bind(arguments.host, arguments.mimic_port)), *files)
        print(
            f"\n  The Stripe sandbox listens at {url}\n  Keys: sk_test_sandbox, pk_test_sandbox\n"
            "  A price: price_sandbox, 20.00 USD\n",
            flush=True,
        )
        if arguments.forward_to:
            print(f"  Webhooks go to {arguments.forward_to}, signed with whsec_sandbox\n", flush=True)
        if mimicry:
            print(
                f"  Stripe's own names are answered on port {arguments.mimic_port}, with {mimicry.certificate}\n"
                f'  Chromium: --host-resolver-rules="{browser_rules(arguments.mimic_port)}"\n',
                flush=True,
            )
        try:
            uvloop.run(run(sock, url, database, arguments.forward_to, mimicry))
        except (sqlite3.Error, OSError) as error:
            raise ConfigurationError(
                f"{database} cannot be used ({error}): name another with --database."
            ) from error


def _certificate(folder: Path) -> tuple[Path, Path]:
    from shop.sandbox.certificate import NoCertificate, certificate_in

    try:
        return certificate_in(folder)
    except NoCertificate as error:
        raise ConfigurationError(str(error)) from error


if __name__ == "__main__":
    sys.exit(main())
