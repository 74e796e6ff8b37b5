"""Where two traces of one scenario differ: calls, states, fields, words, events."""

import re
from collections.abc import Iterator
from typing import Any

from .trace import Trace

WORD = re.compile(r"[a-z]+([_.][a-z]+)*|\d{4}-\d\d-\d\d(\.[a-z]+)?")
"""Text with a meaning: a status, a type, a code, a version. Other text is only compared in being there."""
ANY_TEXT = ("brand", "fingerprint", "network_transaction_id", "seller_message")
NUMBERS = re.compile(r"amount|exp_|status$")


def differences(stripes: Trace, sandboxs: Trace) -> Iterator[str]:
    for position in range(max(len(stripes.calls), len(sandboxs.calls))):
        pair = [trace.calls[position : position + 1] for trace in (stripes, sandboxs)]
        if not all(pair):
            yield f"call {position + 1}: only one side got so far"
            return
        [(name, status, answer)], [(other, code, reply)] = pair
        if (name, status) != (other, code):
            yield f"{name}: Stripe answers {status}, the sandbox {code} to {other}"
        else:
            yield from (f"{name} {status}: {difference}" for difference in _inside(answer, reply, ""))
    for type in sorted(stripes.events.keys() | sandboxs.events.keys()):
        if (times := stripes.events[type]) != (told := sandboxs.events[type]):
            yield f"event {type}: {times} from Stripe, {told} from the sandbox"


def _inside(stripes: Any, sandboxs: Any, path: str) -> Iterator[str]:
    if isinstance(stripes, dict) and isinstance(sandboxs, dict):
        for name in sorted(stripes.keys() | sandboxs.keys()):
            where = f"{path}.{name}" if path else name
            if name not in sandboxs:
                yield f"{where} is missing from the sandbox (Stripe: {shown(stripes[name], name)})"
            elif name not in stripes:
                yield f"{where} is only in the sandbox ({shown(sandboxs[name], name)})"
            else:
                yield from _inside(stripes[name], sandboxs[name], where)
    elif isinstance(stripes, list) and isinstance(sandboxs, list) and stripes and sandboxs:
        if isinstance(stripes[0], str):
            if sorted(stripes) != sorted(sandboxs):
                yield f"{path} has {stripes} from Stripe, {sandboxs} from the sandbox"
        else:
            yield from _inside(stripes[0], sandboxs[0], f"{path}[]")
    else:
        name = path.rpartition(".")[2]
        mine, its = shown(stripes, name), shown(sandboxs, name)
        if mine != its:
            yield f"{path} is {mine} from Stripe, {its} from the sandbox"


def shown(value: Any, name: str) -> str:
    """A value as far as both sides should have the same."""
    if value is None or isinstance(value, bool):
        return str(value).lower().replace("none", "null")
    if isinstance(value, int | float):
        return str(value) if NUMBERS.search(name) else "a number"
    if isinstance(value, str):
        return value if WORD.fullmatch(value) and name not in ANY_TEXT else "text"
    return "a hash" if isinstance(value, dict) else f"a list of {len(value)}"
