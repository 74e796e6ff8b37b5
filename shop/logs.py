"""Log lines: for people on a terminal, JSON elsewhere. Never a crash's variables: they hold what shoppers typed.

What libraries log comes out by the same door, and there what looks like a secret, an address or a card's number is
struck out, whoever wrote it."""

import logging
import re
import sys
from typing import Any

import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor, WrappedLogger

from shop.subject import name_subject

STRUCK_OUT = re.compile(
    r"""
    (?<=_secret_)\w+                            # of a client secret, all but the object's id
    | \b(?:sk|rk)_(?:live|test)_\w+ | \bwhsec_\w+ | \bek_(?:live|test)_\w+
    | (?<=Bearer\ )[\w.~+/=-]+ | (?<=Basic\ )[\w+/=-]+
    | (?<=://)[^\s/@"']{1,99}:[^\s/@"']{0,199}(?=@)      # user and password of a database or a mail server
    | (?<=/downloads/)[\w.~%-]+ | (?<=/sign-in/)[\w.~%-]+  # links that open something
    | [\w.+'~-]{1,64}(?:@|%40)[\w.-]+           # an email address, in a form's spelling as well
    | (?<![\w.-])\d(?:(?:[ +-]|%20)?\d){12,18}(?![\w.-])  # a card's number
    """,
    re.VERBOSE,
)


def set_up_logs(least: int = logging.INFO) -> None:
    terminal = sys.stderr.isatty()
    told: list[Processor] = [
        name_subject,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    written = _for_people() if terminal else _for_machines()
    structlog.configure(
        processors=[*told, *written],
        logger_factory=structlog.WriteLoggerFactory(
            sys.stderr
        ),  # a line is one write, whichever thread wrote it
        wrapper_class=structlog.make_filtering_bound_logger(least),
    )
    libraries = logging.StreamHandler(sys.stderr)
    unwrapped = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    libraries.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=told, processors=[unwrapped, *written])
    )
    logging.basicConfig(handlers=[libraries], level=logging.WARNING, force=True)


def _for_people() -> list[Processor]:
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    return [structlog.processors.format_exc_info, strike_out, plain]


def _for_machines() -> list[Processor]:
    tracebacks = structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False))
    return [tracebacks, strike_out, structlog.processors.JSONRenderer()]


def strike_out(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {name: _struck(value) for name, value in event.items()}


def _struck(value: Any) -> Any:
    match value:
        case None | bool() | int() | float():
            return value
        case dict():
            return {name: _struck(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_struck(inner) for inner in value]
    return STRUCK_OUT.sub("[…]", value if isinstance(value, str) else repr(value))
