"""The clock of a drill, at the end of each run of its tests."""

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

FILE = ".drill.toml"


def start(folder: Path, minutes: int) -> None:
    (folder / FILE).write_text(f"started = {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}\nminutes = {minutes}\n")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    said = tomllib.loads((config.rootpath / FILE).read_text())
    minute = (datetime.now(UTC) - said["started"]) // timedelta(minutes=1)
    terminalreporter.write_line(f"Minute {minute} of {said['minutes']}.")
