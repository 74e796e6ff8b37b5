"""What is written down is so."""

import ast
import re

from shop.settings import ROOT
from shop.webhooks import HANDLERS

README = (ROOT / "README.md").read_text()


def test_every_setting_is_in_the_example_and_read_by_the_code() -> None:
    example = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M))
    code = (ROOT / "shop/settings.py").read_text()
    read = set(re.findall(r'env\.get\("([A-Z_]+)"', code))
    assert read == example


def test_every_setting_is_in_the_readmes_table() -> None:
    example = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M))
    table = README.partition("## Configuration")[2].partition("## ")[0]
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", table, re.M)) == example


def test_every_handled_event_is_in_the_readme() -> None:
    assert set(re.findall(r"^\| `([a-z_]+\.[a-z_.]+)` \|", README, re.M)) == set(HANDLERS)


def test_every_link_of_the_documents_leads_to_a_file() -> None:
    for document in (ROOT / "README.md", ROOT / "docs/operating.md"):
        for target in re.findall(r"\]\(([^)#]+)\)", document.read_text()):
            assert "://" in target or (document.parent / target).exists(), target


def test_every_call_of_the_readme_is_a_method_of_the_gateway() -> None:
    gateway = (ROOT / "shop/gateway.py").read_text()
    rows = re.findall(r"^\| `(?:GET|POST) [^|]+\|([^|]+)\|", README, re.M)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert named == set(
        re.findall(
            r"async def ([a-z]\w+_(?:intent|session|refund|disputes|promotion|event|customer|cards?))\(",
            gateway,
        )
    )


def imports(path: str) -> set[str]:
    """The modules that a file imports; relative names as they are written."""
    found: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level + (node.module or ""))
    return found


def test_the_sandbox_imports_nothing_from_the_shop() -> None:
    for file in (ROOT / "shop/sandbox").rglob("*.py"):
        depth = len(file.relative_to(ROOT / "shop/sandbox").parts)
        for name in imports(str(file.relative_to(ROOT))):
            assert not re.match(r"shop(\.(?!sandbox)|$)", name), f"{file} imports {name}"
            assert len(name) - len(name.lstrip(".")) <= depth, f"{file} imports {name}"


def test_the_shop_knows_the_sandbox_only_where_it_is_started() -> None:
    knowing = {
        str(file.relative_to(ROOT))
        for file in (ROOT / "shop").rglob("*.py")
        if "sandbox" not in file.parts
        for name in imports(str(file.relative_to(ROOT)))
        if name.startswith("shop.sandbox")
    }
    assert knowing == {"shop/cli.py", "shop/server.py"}


def test_only_the_gateway_and_the_transport_import_stripe_at_run_time() -> None:
    importing = set()
    for file in (ROOT / "shop").rglob("*.py"):
        tree = ast.parse(file.read_text())
        typing_only = [
            n for n in tree.body if isinstance(n, ast.If) and "TYPE_CHECKING" in ast.unparse(n.test)
        ]
        hidden = {id(node) for block in typing_only for node in ast.walk(block)}
        for node in ast.walk(tree):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            if id(node) not in hidden and any(name.split(".")[0] == "stripe" for name in names):
                importing.add(str(file.relative_to(ROOT)))
    assert importing == {"shop/gateway.py", "shop/sandbox/transport.py"}


def test_no_lock_file_names_a_host_or_a_path() -> None:
    for lock in (ROOT / "requirements").iterdir():
        assert not re.search(r"://|file:|^/|index-url", lock.read_text(), re.M), lock
