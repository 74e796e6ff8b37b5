"""`shop staff-password`: what it prints opens the back office, and what is typed is never shown."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from dotenv import dotenv_values

from shop.settings import ROOT, ConfigurationError, Settings
from shop.staff.password import fits

WORDS = "correct horse battery"
# Whoever leads a session and opens a terminal has it as its own, as a shell does.
PROGRAM = "import os, sys; os.open(os.ttyname(0), os.O_RDWR); from shop.cli import main; sys.exit(main(sys.argv[1:]))"


def typed(*lines: str) -> tuple[int, str, str, str]:
    """Exit code, what was printed, what was complained of, and what the terminal showed."""
    keyboard, terminal = pty.openpty()
    run = [sys.executable, "-c", PROGRAM, "staff-password"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        run, cwd=ROOT, start_new_session=True, stdin=terminal, stdout=pipe, stderr=pipe, text=True
    ) as process:
        shown = ""
        for line in lines:
            asked = shown.count(": ")
            while shown.count(": ") == asked:
                shown += os.read(keyboard, 1000).decode()
            os.write(keyboard, f"{line}\n".encode())
        out, err = process.communicate(timeout=30)
    os.close(terminal)
    os.close(keyboard)
    return process.returncode, out, err, shown


async def test_the_line_that_it_prints_opens_the_back_office(tmp_path: Path) -> None:
    code, line, _, shown = typed(WORDS, WORDS)
    assert (code, "horse" in line + shown) == (0, False)
    (tmp_path / ".env").write_text(line)
    env = {name: value or "" for name, value in dotenv_values(tmp_path / ".env").items()}
    password_hash = Settings.from_env({"INSTANCE_PATH": str(tmp_path), **env}).staff_password_hash or ""
    assert [await fits(words, password_hash) for words in (WORDS, "", WORDS[:-1])] == [True, False, False]


@pytest.mark.parametrize(
    ("words", "again", "why"),
    [
        ("short", "short", "at least 12 letters"),
        (WORDS, f"{WORDS}!", "not the same"),
        ("\x04", "", "No password"),
    ],
)
def test_a_slip_makes_nothing(words: str, again: str, why: str) -> None:
    code, out, err, _ = typed(words, again) if again else typed(words)
    assert (code, out, why in err, err.count("\n")) == (2, "", True, 1)


def test_a_password_is_not_read_from_a_pipe() -> None:
    run = [sys.executable, "-m", "shop.cli", "staff-password"]
    done = subprocess.run(
        run, cwd=ROOT, input=f"{WORDS}\n{WORDS}\n", capture_output=True, text=True, timeout=30
    )
    assert (done.returncode, done.stdout, "on a terminal" in done.stderr) == (2, "", True)


GOOD = "$argon2id$v=19$m=65536,t=3,p=4$" + "s" * 22 + "$" + "h" * 43


@pytest.mark.parametrize(
    "text",
    ["open sesame", "'x'", GOOD[:-1], GOOD[1:], GOOD.replace("argon2id", "2b"), f"{GOOD}$", "5f4dcc3b5aa7"],
)
def test_a_setting_that_is_no_argon2_hash_is_told_and_not_shown(tmp_path: Path, text: str) -> None:
    env = {"INSTANCE_PATH": str(tmp_path), "STAFF_PASSWORD_HASH": text}
    with pytest.raises(ConfigurationError, match="is no argon2 hash: write the line that") as refused:
        Settings.from_env(env)
    assert text not in str(refused.value)
    assert GOOD not in repr(Settings.from_env({**env, "STAFF_PASSWORD_HASH": GOOD}))
