"""The command `shop staff-password`: makes the line for .env that opens the back office."""

import argparse
import getpass
import sys
from typing import Any

from shop.checks import ConfigurationError


def add_to(commands: Any) -> None:
    password = commands.add_parser(
        "staff-password",
        help="choose the back office's password",
        description="Read a password twice from the terminal, without showing it, and print the line for .env that "
        "opens the back office at /staff with it. Another hash signs everybody out.",
    )
    password.set_defaults(command=_staff_password)


def _staff_password(_: argparse.Namespace) -> None:
    from shop.staff.password import LONGEST, SHORTEST, hash_password

    if not sys.stdin.isatty():
        raise ConfigurationError("A password is typed on a terminal, where it is not shown: run this on one.")
    try:
        password = getpass.getpass("Password for the back office: ")
        again = getpass.getpass("The same again: ")
    except (EOFError, KeyboardInterrupt):
        raise ConfigurationError("No password was given.") from None
    if not SHORTEST <= len(password) <= LONGEST:
        raise ConfigurationError(f"A password has at least {SHORTEST} letters (and at most {LONGEST}).")
    if password != again:
        raise ConfigurationError("The two are not the same: nothing was made.")
    # In quotes, since shells take $ for the beginning of a name.
    print(f"STAFF_PASSWORD_HASH='{hash_password(password)}'")
