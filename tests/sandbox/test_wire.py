"""How the sandbox speaks: keys, headers, forms, errors."""

import base64

import httpx
import pytest
import pytest_asyncio
import stripe

from shop.sandbox import SandboxSettings, create_sandbox
from shop.sandbox.faults import Fault
from shop.sandbox.transport import SandboxTransport

from .conftest import BOOK


@pytest_asyncio.fixture
async def anyone(sandbox):
    """Plain HTTP without a key."""
    async with httpx.AsyncClient(base_url=sandbox.url) as client:
        yield client


@pytest.mark.parametrize(
    "request_with",
    [
        {"headers": {"Authorization": "Bearer sk_test_sandbox"}},
        {"headers": {"Authorization": f"Basic {base64.b64encode(b'rk_test_sandbox:').decode()}"}},
        {"params": {"key": "sk_test_sandbox"}},
    ],
)
async def test_a_key_may_come_in_three_ways(anyone, request_with):
    assert (await anyone.get("/v1/payment_intents", **request_with)).status_code == 200


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("", "You did not provide an API key"),
        ("sk_test_somebody_else", "Invalid API Key provided: sk_test_"),
        ("sk_live_secret", "a live key has no place here"),
    ],
)
async def test_another_key_is_a_401_like_stripes(sandbox, anyone, client_for, key, words):
    answer = await anyone.get(
        "/v1/payment_intents", headers={"Authorization": f"Bearer {key}"} if key else {}
    )
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="Stripe"')
    assert words in answer.json()["error"]["message"]
    assert answer.json()["error"].keys() == {"message", "type"}
    assert "Request-Id" not in answer.headers
    assert "Stripe-Version" not in answer.headers


async def test_answers_carry_stripes_headers_and_let_every_origin_in(http):
    answer = await http.get("/v1/payment_intents", headers={"Stripe-Version": "2026-10-28.endive"})
    assert answer.headers["Request-Id"].startswith("req_")
    assert answer.headers["Stripe-Version"] == "2026-10-28.endive"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


async def test_a_browser_may_ask_first(anyone):
    asked = {"Origin": "http://shop", "Access-Control-Request-Headers": "authorization,x-new"}
    answer = await anyone.options("/v1/payment_intents/pi_1/confirm", headers=asked)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Headers"] == "authorization,x-new"


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/v1/books"), ("DELETE", "/v1/refunds"), ("POST", "/v2/core/x")]
)
async def test_an_unknown_route_is_a_404_that_names_it(http, method, path):
    answer = await http.request(method, path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/json")
    error = answer.json()["error"]
    assert f"{method}: {path}" in error["message"]
    assert (error.get("code"), "type" in error) == (("not_found", False) if "v2" in path else (None, True))
    assert answer.headers["Request-Id"].startswith("req_")


@pytest.mark.parametrize(
    "body",
    [
        "expand[]=payment_method&metadata[a]=b",
        "expand[0]=payment_method&metadata[a]=b",
        "expand%5B%5D=payment_method&metadata%5Ba%5D=b",
        "expand%5B0%5D=payment_method&metadata%5Ba%5D=b&metadata%5Bc%5D=",
    ],
)
async def test_brackets_come_in_every_spelling(http, body):
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    body = f"amount=1999&currency=usd&payment_method=pm_card_visa&{body}"
    answer = (await http.post("/v1/payment_intents", content=body, headers=form)).json()
    assert (answer["metadata"], answer["payment_method"]["type"]) == ({"a": "b"}, "card")


@pytest.mark.parametrize(
    "body",
    [
        b"amount=%ff",
        b"amount=1&amount[x]=2",
        b"a[b=1",
        b"[]=1",
        b"m" + b"[a]" * 20 + b"=1",
        b"a=%00",
        b"_stripe_version[a]=1",
    ],
)
async def test_a_broken_form_is_a_400(http, body):
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await http.post("/v1/payment_intents", content=body, headers=form)
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "invalid_request_error")


async def test_a_body_that_is_too_large_is_refused_as_json(http):
    answer = await http.post("/v1/payment_intents", content=b"a=" + b"x" * 2_000_000)
    assert (answer.status_code, "error" in answer.json()) == (413, True)


async def test_the_sdk_reaches_a_sandbox_in_its_own_process(tmp_path):
    app = create_sandbox(SandboxSettings(tmp_path / "s.db", "http://sandbox", settle_after=0))
    transport = SandboxTransport(app)
    client = stripe.StripeClient("sk_test_sandbox", http_client=transport)
    pay = {**BOOK, "confirm": True, "payment_method": "pm_card_visa"}
    intent = await client.v1.payment_intents.create_async(pay)
    charge = await client.v1.charges.retrieve_async(intent.latest_charge)
    assert (intent.status, charge.balance_transaction[:5]) == ("succeeded", "txn_3")
    app.extensions["faults"].add(Fault(drop=True, after_effect=True))
    with pytest.raises(stripe.APIConnectionError):
        await client.v1.payment_intents.create_async(BOOK)
    assert len((await client.v1.payment_intents.list_async()).data) == 2
    await transport.close_async()
    app.extensions["store"].close()
