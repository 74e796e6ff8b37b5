"""Configuration: what is wrong is said in one line, before anything is served."""

import contextlib
import os
import re
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from shop.checks import ConfigurationError
from shop.settings import ROOT, Settings

SECRET = "k" * 32
REAL = {"STRIPE_SECRET_KEY": "sk_test_1", "STRIPE_PUBLISHABLE_KEY": "pk_test_1", "SECRET_KEY": SECRET}

LIVE = {
    **REAL,
    "STRIPE_SECRET_KEY": "sk_live_1",
    "STRIPE_PUBLISHABLE_KEY": "pk_live_1",
    "ALLOW_LIVE": "1",
}
MAIL = {
    "SMTP_URL": "smtp://ada:open%20sesame@mail.example",
    "MAIL_FROM": "Colophon <books@shop.example>",
    "SHOP_URL": "https://shop.example",
}


def settings(tmp_path: Path, **env: str) -> Settings:
    return Settings.from_env({"INSTANCE_PATH": str(tmp_path), **env})


def test_without_keys_the_sandbox_runs_on_the_next_port(tmp_path: Path) -> None:
    made = settings(tmp_path, PORT="9000")
    assert made.runs_sandbox
    assert made.stripe_api_base == "http://127.0.0.1:9001"
    assert made.stripe_js_url == "http://127.0.0.1:9001/endive/stripe.js"


def test_with_test_keys_everything_goes_to_stripe(tmp_path: Path) -> None:
    made = settings(tmp_path, **REAL)
    assert not made.runs_sandbox
    assert made.stripe_api_base is None
    assert made.sandbox_url is None
    assert made.stripe_js_url == "https://js.stripe.com/endive/stripe.js"


def test_a_sandbox_elsewhere(tmp_path: Path) -> None:
    made = settings(tmp_path, STRIPE_API_BASE="http://sandbox:12111", SANDBOX_URL="https://pay.example")
    assert not made.runs_sandbox
    assert made.stripe_api_base == "http://sandbox:12111"
    assert made.stripe_js_url == "https://pay.example/endive/stripe.js"


def test_a_secret_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    first, second = settings(tmp_path), settings(tmp_path)
    assert len(first.secret_key) >= 32
    assert first.secret_key == second.secret_key
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_secrets_do_not_show_when_settings_are_printed(tmp_path: Path) -> None:
    made = settings(
        tmp_path, **{**REAL, "STRIPE_WEBHOOK_SECRET": "whsec_1", "SECRET_KEY": f"{SECRET} {SECRET}"}
    )
    assert not re.search("sk_test_1|whsec_1|kkk", repr(made))


def test_a_secret_is_changed_by_writing_the_new_one_before_the_old(tmp_path: Path) -> None:
    new = "n" * 32
    made = settings(
        tmp_path, **{**REAL, "SECRET_KEY": f"{new}, {SECRET}", "STRIPE_WEBHOOK_SECRET": "whsec_2 whsec_1"}
    )
    assert (made.secret_key, made.old_secret_keys) == (new, (SECRET,))
    assert (made.stripe_webhook_secret, made.old_webhook_secrets) == ("whsec_2", ("whsec_1",))


def test_live_keys_work_once_they_are_allowed_and_the_shop_knows_its_address(tmp_path: Path) -> None:
    made = settings(tmp_path, **LIVE, SHOP_URL="https://books.example/")
    assert (made.stripe_secret_key, made.url) == ("sk_live_1", "https://books.example")


@pytest.mark.parametrize(
    ("env", "says"),
    [
        ({**REAL, "STRIPE_SECRET_KEY": "sk_live_1"}, "ALLOW_LIVE=1"),
        ({**REAL, "STRIPE_PUBLISHABLE_KEY": "pk_live_1"}, "ALLOW_LIVE=1"),
        ({**REAL, "STRIPE_PUBLISHABLE_KEY": "pk_live_1", "ALLOW_LIVE": "1"}, "same mode"),
        (
            {
                "STRIPE_SECRET_KEY": "sk_live_1",
                "STRIPE_PUBLISHABLE_KEY": "pk_live_1",
                "ALLOW_LIVE": "1",
                "STRIPE_API_BASE": "http://127.0.0.1:12111",
            },
            "never beside the sandbox",
        ),
        (LIVE, "SHOP_URL is missing or not https"),
        ({**LIVE, "STRIPE_LOG": "debug"}, "STRIPE_LOG=debug prints client secrets"),
        ({**LIVE, "SHOP_URL": "http://books.example"}, "SHOP_URL is missing or not https"),
        ({**REAL, "SHOP_URL": "books.example"}, "SHOP_URL=books.example is not an address"),
        ({"STRIPE_SECRET_KEY": "sk_test_1"}, "STRIPE_PUBLISHABLE_KEY is missing"),
        ({"STRIPE_PUBLISHABLE_KEY": "pk_test_1"}, "STRIPE_SECRET_KEY is missing"),
        ({"STRIPE_SECRET_KEY": "pk_test_1", "STRIPE_PUBLISHABLE_KEY": "sk_test_1"}, "mixed up"),
        ({**REAL, "SECRET_KEY": ""}, "SECRET_KEY is missing"),
        ({**REAL, "SECRET_KEY": "password"}, "SECRET_KEY holds a key of 8 characters, which can be guessed"),
        ({**REAL, "SECRET_KEY": f"{SECRET}, old"}, "SECRET_KEY holds a key of 3 characters"),
        ({"PORT": "http"}, "PORT=http is not a port"),
        ({"PORT": "65535"}, "PORT=65535"),
        ({"TRUSTED_PROXIES": "10.0.0.1"}, "TRUSTED_PROXIES=10.0.0.1 is no whole number from 0 to"),
        ({"STRIPE_CONCURRENCY": "0"}, "STRIPE_CONCURRENCY=0 is no whole number from 1 to"),
        ({"WORKERS": "65"}, "WORKERS=65 is no whole number from 1 to 64."),
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL is malformed"),
        ({"DATABASE_URL": "oracle://x"}, "DATABASE_URL names oracle"),
        ({"DATABASE_URL": "sqlite://"}, "names no file"),
        ({"DATABASE_URL": "postgresql://localhost"}, "names no database"),
        ({"STRIPE_API_BASE": "sandbox"}, "STRIPE_API_BASE=sandbox is not an address"),
        ({"STRIPE_JS_URL": "x"}, "STRIPE_JS_URL=x is not an address"),
        ({**MAIL, "SMTP_URL": "mail.example:587"}, "SMTP_URL is malformed"),
        ({**MAIL, "SMTP_URL": "smtp://mail.example:mail"}, "SMTP_URL is malformed"),
        ({**MAIL, "SMTP_URL": "smtp://ada@mail.example"}, "both user and password"),
        ({**MAIL, "SMTP_URL": "smtp://mail.example?tls=1"}, "an option that is unknown"),
        ({**MAIL, "SMTP_URL": "smtps://mail.example?starttls=1"}, "smtps:// none"),
        ({**MAIL, "MAIL_FROM": ""}, "MAIL_FROM is missing"),
        ({**MAIL, "SHOP_URL": ""}, "SHOP_URL is missing"),
        ({"SHIPPING_RATES": "US=free"}, "SHIPPING_RATES=US=free is no table (free is not an amount in USD)"),
        ({"TAX": "maybe"}, "TAX=maybe is unknown: write off, or rates"),
        ({"TAX": "rates", "TAX_RATES": "US=7%"}, "TAX_RATES=US=7% is no table (7% is not a percentage"),
        ({"TAX_RATES": "US=7"}, "TAX_RATES is given and TAX is off"),
        ({**MAIL, "MAIL_FROM": "Colophon"}, "MAIL_FROM=Colophon is no sender"),
        ({"MAIL_FROM": "a@b.example\nBcc: c@d.example"}, "is no sender"),
        ({"MAIL_FROM": "a@b.example, c@d.example"}, "is no sender"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, env: dict[str, str], says: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(says)):
        settings(tmp_path, **env)


@pytest.mark.parametrize(
    ("url", "port", "tls", "starttls"),
    [
        ("smtp://localhost", 25, False, False),
        ("smtp://localhost:2525?starttls=1", 2525, False, True),
        ("smtp://ada:open%20sesame@mail.example", 587, False, True),
        ("smtp://ada:open%20sesame@[::1]?starttls=0", 587, False, False),
        ("smtps://ada:open%20sesame@mail.example", 465, True, False),
    ],
)
def test_a_mail_server_is_named_by_its_address(
    tmp_path: Path, url: str, port: int, tls: bool, starttls: bool
) -> None:
    made = settings(tmp_path, **{**MAIL, "SMTP_URL": url})
    assert (server := made.mail_server)
    assert (server.port, server.tls, server.starttls) == (port, tls, starttls)
    assert server.password == ("open sesame" if "@" in url else None)
    assert "sesame" not in repr(made)


def test_without_a_mail_server_letters_go_to_a_folder_but_not_beside_live_keys(tmp_path: Path) -> None:
    assert settings(tmp_path).mailbox == tmp_path / "mailbox"
    assert settings(tmp_path, **REAL).mailbox == tmp_path / "mailbox"
    assert settings(tmp_path, **LIVE, SHOP_URL="https://shop.example").mailbox is None
    assert settings(tmp_path, **MAIL).mailbox is None


def shop(tmp_path: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    own = {k: v for k, v in os.environ.items() if not k.startswith(("STRIPE", "SHOP"))}
    return subprocess.run(
        [sys.executable, "-m", "shop", *arguments],
        env={**own, "INSTANCE_PATH": str(tmp_path), **env},
        capture_output=True,
        text=True,
        timeout=30,
        cwd=ROOT,
    )


def one_line(ended: subprocess.CompletedProcess[str]) -> str:
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1, ended.stderr
    assert ended.stdout == ""
    return ended.stderr


def free_port() -> int:
    """A port that is free, and the next one, too."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            with contextlib.suppress(OSError, OverflowError):
                second.bind(("127.0.0.1", port + 1))
                return port


@pytest.mark.parametrize("which", [0, 1])
def test_a_busy_port_ends_the_start(tmp_path: Path, which: int) -> None:
    port = free_port()
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", port + which))
        sock.listen()
        line = one_line(shop(tmp_path, "run", PORT=str(port)))
    assert f"Port {port + which} on 127.0.0.1 cannot be used" in line


def test_a_live_key_ends_the_start(tmp_path: Path) -> None:
    keys = {"STRIPE_SECRET_KEY": "sk_live_1", "STRIPE_PUBLISHABLE_KEY": "pk_live_1"}
    assert "A live Stripe key charges real cards" in one_line(shop(tmp_path, "run", **keys))


def test_a_postgresql_address_is_taken_as_other_programs_write_it(tmp_path: Path) -> None:
    found = settings(tmp_path, DATABASE_URL="postgres://ada:secret@db.example/shop?sslmode=require")
    assert found.database_url == "postgresql+asyncpg://ada:secret@db.example/shop?ssl=require"


def test_a_postgresql_server_that_is_not_there_ends_the_start(tmp_path: Path) -> None:
    url = f"postgresql://ada:secret@127.0.0.1:{free_port()}/shop"
    said = one_line(shop(tmp_path, "migrate", DATABASE_URL=url))
    assert "cannot be used" in said
    assert "secret" not in said


def test_a_read_only_database_ends_the_start(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    assert shop(tmp_path, "migrate").returncode == 0
    path.chmod(0o444)
    assert f"The database {path} is read-only" in one_line(shop(tmp_path, "run", PORT=str(free_port())))


@pytest.mark.parametrize("place", ["/proc/shop.db", "{tmp}/file/shop.db", "{tmp}"])
def test_a_database_that_cannot_be_made_ends_the_start(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("not a folder")
    url = "sqlite:///" + place.format(tmp=tmp_path)
    assert "cannot be used" in one_line(shop(tmp_path, "migrate", DATABASE_URL=url))


def test_a_file_that_is_no_database_ends_the_start(tmp_path: Path) -> None:
    (tmp_path / "shop.db").write_bytes(b"these are not the tables you are looking for" * 100)
    assert "file is not a database" in one_line(shop(tmp_path, "migrate"))


def test_a_sandbox_database_that_cannot_be_used_ends_the_start(tmp_path: Path) -> None:
    (tmp_path / "sandbox.db").write_bytes(b"no database" * 1000)
    assert "sandbox.db cannot be used" in one_line(shop(tmp_path, "run", PORT=str(free_port())))


def test_an_instance_path_that_is_a_file_ends_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "make" in one_line(shop(tmp_path / "file", "run"))


def test_an_empty_secret_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("\n")
    assert len(settings(tmp_path).secret_key) >= 32


@pytest.mark.parametrize("option", [["--port", "99999"], ["--forward-to", "nonsense"]])
def test_a_sandbox_that_is_asked_for_the_impossible_says_so(tmp_path: Path, option: list[str]) -> None:
    one_line(shop(tmp_path, "sandbox", *option))


@pytest.mark.parametrize("command", ["run", "migrate", "import", "sandbox"])
def test_each_command_explains_itself(tmp_path: Path, command: str) -> None:
    ended = shop(tmp_path, command, "--help")
    assert ended.returncode == 0
    assert f"usage: shop {command}" in ended.stdout


def test_run_serves_a_stocked_shop_and_ends_well(tmp_path: Path) -> None:
    port = free_port()
    env = {**os.environ, "INSTANCE_PATH": str(tmp_path), "PORT": str(port)}
    process = subprocess.Popen(
        [sys.executable, "-m", "shop", "run"], env=env, cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        page = wait_for(f"http://127.0.0.1:{port}/")
        assert "The Dream Machine" in page
        assert "4242" in wait_for(f"http://127.0.0.1:{port + 1}/_sandbox/cards")
    finally:
        process.terminate()
        said, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    assert f"http://127.0.0.1:{port}" in said
    assert "sandbox" in said
    assert "4242 4242 4242 4242" in said


def wait_for(url: str) -> str:
    deadline = time.monotonic() + 20
    while True:
        try:
            return httpx.get(url).raise_for_status().text
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
