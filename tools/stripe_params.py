"""Write shop/sandbox/params.json: every parameter that the routes of the sandbox accept, read from the SDK.

The installed stripe package describes each request as a TypedDict; its services say which one a route takes.
Both are read as syntax trees, nothing of the SDK runs. Kinds in the table: "str", "int", "bool", "number",
"any"; a list of words (an enum); {"list": kind}, {"map": kind}, {"one": [kinds]}; "#Name" (a hash).
Run `python -m tools.stripe_params` after a change of the SDK or of the sandbox's routes.
"""

import ast
import importlib.util
import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shop.sandbox import SandboxSettings, create_sandbox

TABLE = Path(__file__).resolve().parent.parent / "shop/sandbox/params.json"
SCALARS = {
    "str": "str",
    "int": "int",
    "bool": "bool",
    "float": "number",
    "Decimal": "number",
    "datetime": "int",
}
PRIVATE = {"POST /v1/confirmation_tokens": "POST /v1/test_helpers/confirmation_tokens"}
"""Routes that only browsers call, and whose parameters they take."""

Field = tuple[str, ast.expr]


def main() -> None:
    TABLE.write_text(render(build()))


def render(table: dict[str, Any]) -> str:
    """One type or route a line, sorted, so that a change of the SDK reads well as a diff."""
    parts = []
    for section in sorted(table):
        lines = [f"{json.dumps(key)}: {json.dumps(table[section][key])}" for key in sorted(table[section])]
        parts.append(f'"{section}": {{\n' + ",\n".join(lines) + "\n}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def build() -> dict[str, Any]:
    served = served_routes()
    types = Types()
    routes = {route: types.kind_of(*params) for route, params in sdk_routes() if route in served}
    routes |= {route: routes[public] for route, public in PRIVATE.items()}
    # Browsers send the card itself along with a confirmation; the SDK, made for servers, does not type that.
    for name, fields in types.fields.items():
        if name.endswith("PaymentMethodData") and "type" in fields:
            fields |= {"card": "#PaymentMethodCreateParamsCard", "type": sorted([*fields["type"], "card"])}
    return {"routes": routes, "types": types.fields, "required": types.required}


def served_routes() -> set[str]:
    """The v1 routes of the sandbox, as "POST /v1/refunds/{refund}"."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_sandbox(SandboxSettings(database=Path(folder) / "unused.db", url="http://sandbox"))
    app.extensions["store"].close()
    return {
        f"{method} {rule.rule.replace('<', '{').replace('>', '}')}"
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
    }


def sdk_home() -> Path:
    spec = importlib.util.find_spec("stripe")
    assert spec, "the SDK is not installed"
    assert spec.origin
    return Path(spec.origin).parent


def sdk_routes() -> Iterator[tuple[str, tuple[str, str]]]:
    """("POST /v1/payment_intents", (package, TypedDict name)) for every call that the SDK can make."""
    for file in sorted(sdk_home().rglob("_*_service.py")):
        package = ".".join(file.parent.relative_to(sdk_home()).parts)
        for function in ast.walk(ast.parse(file.read_text())):
            if isinstance(function, ast.FunctionDef) and (call := request_in(function)):
                named = [
                    arg.annotation for arg in function.args.args if arg.arg == "params" and arg.annotation
                ]
                match = re.search(r"(\w+Params)\b", ast.unparse(named[0])) if named else None
                if match:
                    yield call, (package, match[1])


def request_in(function: ast.FunctionDef) -> str | None:
    for node in ast.walk(function):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "_request"
        ):
            method, path = node.args[:2]
            if isinstance(path, ast.Call) and isinstance(path.func, ast.Attribute):
                path = path.func.value
            return f"{ast.literal_eval(method).upper()} {ast.literal_eval(path)}"
    return None


class Types:
    """Collects the hashes that routes refer to; equal ones are kept once, under the first name met."""

    def __init__(self) -> None:
        self.fields: dict[str, dict[str, Any]] = {}
        self.required: dict[str, list[str]] = {}
        self._same: dict[str, str] = {}
        self._sources: dict[str, dict[str, list[Field]]] = {}

    def kind_of(self, package: str, name: str) -> str:
        fields: dict[str, Any] = {}
        required = []
        for field, annotation in self._source(package)[name]:
            optional = (
                isinstance(annotation, ast.Subscript) and ast.unparse(annotation.value) == "NotRequired"
            )
            fields[field] = self._kind(package, annotation.slice if optional else annotation)  # type: ignore[attr-defined]
            if not optional:
                required.append(field)
        same = json.dumps([fields, required], sort_keys=True)
        if same not in self._same:
            self._same[same] = name
            self.fields[name] = dict(sorted(fields.items()))
            if required:
                self.required[name] = sorted(required)
        return f"#{self._same[same]}"

    def _source(self, package: str) -> dict[str, list[Field]]:
        if package not in self._sources:
            folder = sdk_home().joinpath("params", *package.split("."))
            found = (
                pair
                for file in sorted(folder.glob("_*.py"))
                for pair in typed_dicts(ast.parse(file.read_text()))
            )
            self._sources[package] = dict(found)
        return self._sources[package]

    def _kind(self, package: str, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=str(text)):
                return self._kind(package, ast.parse(text, mode="eval").body)
            case ast.BinOp(left=left, right=right):
                return self._union(package, [left, right])
            case ast.Subscript(value=ast.Name(id="Union"), slice=ast.Tuple(elts=parts)):
                return self._union(package, parts)
            case ast.Subscript(value=ast.Name(id="Literal"), slice=words):
                return [word.value for word in (words.elts if isinstance(words, ast.Tuple) else [words])]  # type: ignore[attr-defined]
            case ast.Subscript(value=ast.Name(id="List"), slice=inner):
                return {"list": self._kind(package, inner)}
            case ast.Subscript(value=ast.Name(id="Dict"), slice=ast.Tuple(elts=[_, inner])):
                return {"map": self._kind(package, inner)}
            case ast.Subscript(value=ast.Name(id="UntypedStripeObject"), slice=inner):
                return {"map": self._kind(package, inner)}
            case ast.Name(id=name):
                return SCALARS.get(name) or ("any" if name == "Any" else self.kind_of(package, name))
        raise ValueError(f"no kind for {ast.unparse(node)}")

    def _union(self, package: str, parts: list[ast.expr]) -> Any:
        kinds: list[Any] = []
        for part in parts:
            kind = self._kind(package, part)
            kinds += kind["one"] if isinstance(kind, dict) and "one" in kind else [kind]
        kinds = [kind for position, kind in enumerate(kinds) if kind not in kinds[:position]]
        # `Literal["a", "b"] | str` is how the SDK leaves room for later versions; this one knows these words.
        if "str" in kinds and any(isinstance(kind, list) and kind != [""] for kind in kinds):
            kinds.remove("str")
        return kinds[0] if len(kinds) == 1 else {"one": kinds}


def typed_dicts(tree: ast.Module) -> Iterator[tuple[str, list[Field]]]:
    for node in tree.body:
        match node:
            case ast.ClassDef(name=name, body=body):
                fields = [item for item in body if isinstance(item, ast.AnnAssign)]
                yield (
                    name,
                    [
                        (item.target.id, item.annotation)
                        for item in fields
                        if isinstance(item.target, ast.Name)
                    ],
                )
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.Call(func=ast.Name(id="TypedDict"), args=[_, ast.Dict() as pairs]),
            ):
                yield (
                    name,
                    [
                        (ast.literal_eval(key), value)
                        for key, value in zip(pairs.keys, pairs.values, strict=True)
                        if key
                    ],
                )


if __name__ == "__main__":
    main()
