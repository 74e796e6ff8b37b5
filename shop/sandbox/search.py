"""Search: `status:"succeeded" AND metadata["order"]:"o_1"`, as SQL over the stored objects."""

import base64
import binascii
import json
import re
from typing import Any, NamedTuple

from .call import Call
from .errors import Json, invalid
from .lists import FEW, limit_of

CLAUSE = re.compile(
    r"""\s*(?P<not>-?)(?:(?P<field>[a-z_.]+)|metadata\[(?P<q>["'])(?P<key>.*?)(?P=q)\])
        (?P<sign>:|~|>=|<=|>|<)
        (?:(?P<null>null)|(?P<q2>["'])(?P<text>(?:\\.|(?!(?P=q2)).)*)(?P=q2)|(?P<number>-?\d+))""",
    re.X,
)
JOINER = re.compile(r"\s+(AND|OR)\s+|\s*$", re.I)
NUMBERS = ("amount", "created")
WORDS = (
    "active", "currency", "customer", "email", "lookup_key", "name", "phone", "product", "status", "type",
)  # fmt: skip


class Condition(NamedTuple):
    sql: str
    values: list[Any]
    exact: bool = False
    """Whether the values are a field and the one value that it has."""


def search(call: Call, object: str, url: str) -> Json:
    query, limit = call.params["query"], limit_of(call.params)
    conditions, joiner = parse(query)
    where = f" {joiner} ".join(each.sql for each in conditions)
    values = [value for each in conditions for value in each.values]
    tables, among = _way(call, object, conditions if joiner == "AND" else [])
    rows = call.store.db.execute(
        f"SELECT seq, body FROM {tables} WHERE objects.object = ? AND seq < ? AND ({where}) "  # noqa: S608  built below
        "ORDER BY seq DESC LIMIT ?",
        (*among, object, _place(call.params.get("page")), *values, limit + 1),
    ).fetchall()
    more = len(rows) > limit
    return {
        "object": "search_result",
        "data": [json.loads(row["body"]) for row in rows[:limit]],
        "has_more": more,
        "next_page": base64.urlsafe_b64encode(str(rows[limit - 1]["seq"]).encode()).decode()
        if more
        else None,
        "url": url,
    }


def _way(call: Call, object: str, all_of: list[Condition]) -> tuple[str, list[str]]:
    """Where to look, newest first: among the objects that fulfil the rarest condition, or among all."""
    exact = [each.values for each in all_of if each.exact]
    if not exact:
        return "objects", []
    field, value = min(exact, key=lambda each: call.store.count(object, each[0], [each[1]], FEW))
    found = "SELECT seq FROM links WHERE object = ? AND field = ? AND value = ? ORDER BY seq DESC"
    return f"({found}) CROSS JOIN objects USING (seq)", [object, field, value]


def parse(query: str) -> tuple[list[Condition], str]:
    """The conditions, and the one word (AND or OR) between them."""
    conditions, joiners, place = [], set(), 0
    while place < len(query):
        clause = CLAUSE.match(query, place)
        end = JOINER.match(query, clause.end()) if clause else None
        if clause is None or end is None:
            raise invalid(f"The query could not be understood from here on: {query[place:][:60]}", "query")
        conditions.append(_condition(clause))
        joiners |= {end[1].upper()} if end[1] else set()
        place = end.end()
    if len(joiners) > 1:
        raise invalid("AND and OR cannot be mixed in one query.", "query")
    if not conditions or len(conditions) > 10:
        raise invalid("A query has between one and ten clauses.", "query")
    return conditions, joiners.pop() if joiners else "AND"


def _condition(clause: re.Match[str]) -> Condition:
    field, key, sign = clause["field"], clause["key"], clause["sign"]
    text = clause["number"] if clause["text"] is None else re.sub(r"\\(.)", r"\1", clause["text"])
    if key is not None:
        condition = _linked(f"metadata.{key}", sign, text)
    elif field in NUMBERS:
        condition = _number(field, sign, text)
    elif field in WORDS and text is not None:
        condition = _linked(field, sign, text)
    else:
        raise invalid(f"The field {field} cannot be searched by.", "query")
    # metadata["k"]:null means that there is no such key.
    without = bool(clause["not"]) != bool(clause["null"])
    return Condition(f"NOT {condition.sql}", condition.values) if without else condition


def _linked(field: str, sign: str, text: str | None) -> Condition:
    having = (
        "SELECT 1 FROM links WHERE links.seq = objects.seq AND links.object = objects.object AND field = ?"
    )
    if text is None:
        return Condition(f"EXISTS ({having})", [field])
    if sign == ":":
        return Condition(f"EXISTS ({having} AND value = ?)", [field, text], exact=True)
    if sign == "~" and len(text) >= 3:
        return Condition(f"EXISTS ({having} AND instr(lower(value), lower(?)))", [field, text])
    raise invalid("Text is searched by : or, from three characters on, by ~.", "query")


def _number(field: str, sign: str, text: str | None) -> Condition:
    if text is None or not re.fullmatch(r"-?\d{1,18}", text) or sign == "~":
        raise invalid(f"The field {field} is compared with a number.", "query")
    column = "created" if field == "created" else f"json_extract(body, '$.{field}')"
    return Condition(f"({column} {'=' if sign == ':' else sign} ?)", [int(text)])


def _place(page: str | None) -> int:
    if page is None:
        return 2**62
    try:
        return int(base64.urlsafe_b64decode(page.encode()))
    except (ValueError, binascii.Error) as error:
        raise invalid("This page is not one that a search has answered with.", "page") from error
