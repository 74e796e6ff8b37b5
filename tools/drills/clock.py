"""The clock of a drill, at the end of each run of its tests."""

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

FILE = ".drill.toml"


def start(folder: Path, minutes: int) -> None:
    (folder / FILE).write_text(f"started = {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}\nminutes = {minutes}\n")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    file = config.rootpath / FILE
    said = tomllib.loads(file.read_text())
    minute = said.get("green", (datetime.now(UTC) - said["started"]) // timedelta(minutes=1))
    failed = terminalreporter.stats.get("failed", []) + terminalreporter.stats.get("error", [])
    if not failed and terminalreporter.stats.get("passed") and "green" not in said:
        file.write_text(f"{file.read_text()}green = {minute}\n")
    green = "Green in" if "green" in tomllib.loads(file.read_text()) else "This is"
    terminalreporter.write_line(f"{green} minute {minute} of {said['minutes']}.")
