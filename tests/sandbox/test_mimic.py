"""Mimic mode: Stripe's own host names, answered by TLS, as code that knows nothing of a sandbox uses them."""

import asyncio
import signal
import ssl
import sys

import httpx
import pytest_asyncio
from playwright.async_api import async_playwright

from shop.sandbox.hosts import browser_rules
from tests.conftest import BROWSER_FLAGS, ROOT, bound_socket, browser_path, serving

from .conftest import until
from .js_shop import tiny_shop
from .js_support import CHALLENGED, Checkout

JS, CHALLENGE = "https://js.stripe.com", {"payment_method": "pm_card_authenticationRequired"}


def command(folder, *options):
    arguments = [
        "sandbox",
        "--database",
        str(folder / "sandbox.db"),
        "--tls-dir",
        str(folder / "tls"),
        *options,
    ]
    return [sys.executable, "-m", "shop.cli", *arguments]


def free_port():
    sock, url = bound_socket()
    sock.close()
    return int(url.rpartition(":")[2])


class Mimic:
    def __init__(self, folder, port, secure_port):
        self.url, self.secure_port, self.tls = f"http://127.0.0.1:{port}", secure_port, folder / "tls"

    async def get(self, name, path):
        """Ask as for https://name.stripe.com, trusting the sandbox's certificate and no other."""
        trust = ssl.create_default_context(cafile=self.tls / "cert.pem")
        trust.verify_flags |= ssl.VERIFY_X509_STRICT
        async with httpx.AsyncClient(verify=trust) as client:
            return await client.get(
                f"https://127.0.0.1:{self.secure_port}{path}",
                headers={"Host": f"{name}.stripe.com"},
                extensions={"sni_hostname": f"{name}.stripe.com"},
            )


@pytest_asyncio.fixture(scope="module")
async def mimic(tmp_path_factory):
    """`shop sandbox` at both doors, as a process of its own."""
    folder, port, secure_port = tmp_path_factory.mktemp("mimic"), free_port(), free_port()
    ports = ["--port", str(port), "--mimic-port", str(secure_port)]
    process = await asyncio.create_subprocess_exec(*command(folder, *ports), cwd=ROOT)
    running = Mimic(folder, port, secure_port)

    async def answers():
        try:
            return (await running.get("q", "/")).status_code == 200
        except (httpx.TransportError, OSError):
            return False

    await until(answers, 20)
    yield running
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0


@pytest_asyncio.fixture
async def checkout(mimic, client_for):
    """A shop that loads stripe.js from Stripe, in a browser that is led to the sandbox."""
    sock, shop = bound_socket()
    flags = [*BROWSER_FLAGS, f"--host-resolver-rules={browser_rules(mimic.secure_port)}"]
    async with (
        serving(tiny_shop(JS, "https://hooks.stripe.com https://api.stripe.com"), sock),
        async_playwright() as playwright,
    ):
        browser = await playwright.chromium.launch(executable_path=browser_path(), args=flags)
        page = await browser.new_page(ignore_https_errors=True)
        page.set_default_timeout(30_000)
        yield Checkout(page, shop, mimic.url, client_for(mimic.url))
        await browser.close()


async def test_the_certificate_stands_for_every_name_of_stripes(mimic):
    script, telemetry = await mimic.get("js", "/endive/stripe.js"), await mimic.get("r", "/0")
    assert script.headers["Content-Type"].startswith("text/javascript")
    assert (telemetry.status_code, telemetry.text) == (200, "")
    assert (await mimic.get("api", "/v1/payment_intents")).status_code == 401
    assert (mimic.tls / "key.pem").stat().st_mode & 0o077 == 0


async def test_a_payment_through_a_challenge_happens_on_stripes_own_hosts(checkout):
    await checkout.open()
    await checkout.pay(CHALLENGED)
    await checkout.bank.get_by_role("button", name="Complete authentication").click()
    await checkout.page.wait_for_url("**redirect_status=succeeded")
    assert (await checkout.retrieve()).amount_received == 1999
    hosts = {sent.split("/v1/")[0] for sent in checkout.api_calls}
    assert hosts == {"https://api.stripe.com"}


async def test_the_page_of_the_bank_is_given_out_under_its_own_name(mimic, client_for):
    intents = client_for(mimic.url).v1.payment_intents
    intent = await intents.create_async(
        {
            "amount": 500,
            "currency": "usd",
            "confirm": True,
            "return_url": "https://shop.example/",
            **CHALLENGE,
        }
    )
    assert intent.next_action.redirect_to_url.url.startswith("https://hooks.stripe.com/3d_secure_2/hosted?")


async def test_without_openssl_it_says_what_to_install(tmp_path):
    options = ["--port", str(free_port()), "--mimic-port", str(free_port())]
    process = await asyncio.create_subprocess_exec(
        *command(tmp_path, *options), cwd=ROOT, env={"PATH": "/nowhere"}, stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate()
    assert process.returncode == 2
    assert said.decode().startswith("shop: There is no openssl on the PATH")
