"""The table of parameters, and the seam between the sandbox and the rest."""

import ast

from shop.sandbox.private_params import PRIVATE
from tests.conftest import ROOT
from tools import stripe_params


def test_the_table_is_what_the_installed_sdk_says():
    assert stripe_params.TABLE.read_text() == stripe_params.render(stripe_params.build())


def test_every_route_of_stripes_is_in_the_table():
    served = {route for route in stripe_params.served_routes() if " /v1/" in route}
    ours = {"POST /v1/3ds2/authenticate", *PRIVATE}
    plain = {route for route in served - ours if route.split()[0] in ("GET", "POST", "DELETE")}
    assert plain == stripe_params.build()["routes"].keys()


def test_the_sandbox_knows_nothing_of_the_shop_and_only_its_transport_knows_the_sdk():
    for file in (ROOT / "shop/sandbox").rglob("*.py"):
        for name in imported(file):
            assert not name.startswith("shop"), file
            assert name.split(".")[0] != "stripe" or file.name == "transport.py", file


def imported(file):
    depth = len(file.relative_to(ROOT / "shop/sandbox").parts)
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level <= depth, file
            yield node.module if not node.level else ""
