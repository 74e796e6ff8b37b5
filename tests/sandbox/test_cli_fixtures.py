"""The runner of stripe-cli's fixtures, on a few of our own making."""

import json

import pytest

from tools.cli_fixtures import filled, form, read, report, sandbox, take

INTENT = {"amount": 500, "currency": "usd", "payment_method_types": ["card"], "confirm": True}


def step(name, path, params=None, **more):
    return {"name": name, "path": path, "method": "post", "params": params or {}, **more}


def pay(card, **more):
    return step("intent", "/v1/payment_intents", {**INTENT, "payment_method": f"pm_card_{card}"}, **more)


async def test_a_fixture_whose_steps_build_on_each_other_is_green_and_told(http):
    refund = step("refund", "/v1/refunds", {"payment_intent": "${intent:id}", "amount": 100})
    note = step("note", "/v1/refunds/${refund:id}", {"metadata": {"a": "${.env:NOWHERE|b}"}})
    result = await take(http, "charge.refunded", [pay("visa"), refund, note])
    assert (result.outcome, result.told) == ("green", True)
    [made] = (await http.get("/v1/refunds")).json()["data"]
    assert made["metadata"] == {"a": "b"}


async def test_an_expected_error_is_green_and_another_one_is_red_with_its_reason(http):
    declined = pay("chargeDeclined", expected_error_type="card_error")
    assert (await take(http, "charge.failed", [declined])).outcome == "green"
    result = await take(http, "charge.failed", [pay("chargeDeclined")])
    assert (result.outcome, result.reason) == (
        "red",
        "POST /v1/payment_intents: 402 Your card was declined.",
    )


async def test_what_has_no_route_is_not_begun(http):
    result = await take(http, "levy.created", [pay("visa"), step("levy", "/v1/levies/${intent:id}")])
    assert (result.outcome, result.reason) == ("not routed", "POST /v1/levies/${intent:id}")
    assert (await http.get("/v1/payment_intents")).json()["data"] == []


async def test_a_green_one_without_its_event_says_so_and_the_totals_add_up(http):
    results = [
        await take(http, "charge.exploded", [pay("visa")]),
        await take(http, "x", [step("x", "/v1/x")]),
    ]
    assert "charge.exploded" in report(results)
    assert report(results).endswith(
        "2 fixtures, 1 of them routed: 1 green (0 with their event), 0 red; 1 not routed"
    )


@pytest.mark.parametrize(("version", "outcome"), [("2024-06-20", "green"), (None, "red")])
async def test_steps_are_taken_in_the_version_that_is_asked_for(version, outcome):
    coupon = step("coupon", "/v1/coupons", {"percent_off": 20})
    code = step("code", "/v1/promotion_codes", {"coupon": "${coupon:id}"})
    async with sandbox(None, version) as own:
        assert (await take(own, "promotion_code.created", [coupon, code])).outcome == outcome


def test_parameters_are_sent_as_the_command_line_tool_sends_them():
    params = {"a": [1], "b": [{"b": True}], "c": {"d": "${x:data.0.id}"}, "e": None}
    answers = {"x": {"data": [{"id": "o_1"}]}}
    assert list(form(params, answers)) == [("a[]", "1"), ("b[0][b]", "true"), ("c[d]", "o_1")]
    assert filled("${x:data.7.id|none}", answers) == "none"


def test_fixtures_are_read_by_the_name_of_their_file(tmp_path):
    (tmp_path / "a.b.json").write_text(json.dumps({"fixtures": [step("x", "/v1/x")]}))
    assert list(read(tmp_path)) == ["a.b"]
