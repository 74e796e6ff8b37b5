"""Lists: newest first, a page at a time, from a cursor."""

import json
from typing import Any

from .call import Call
from .errors import ApiError, Json, invalid, missing_resource

COMPARISONS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def page(call: Call, object: str, url: str, **linked: Any) -> Json:
    """The page that `limit`, `starting_after`, `ending_before` and `created` ask for. `linked` are fields and
    the value (or list of values) that they must have; None is no condition."""
    limit = limit_of(call.params)
    joins, wheres = ["objects"], ["objects.object = ?"]
    values: list[Any] = [object]
    for number, (field, value) in enumerate((f, v) for f, v in linked.items() if v is not None):
        table, choices = f"l{number}", value if isinstance(value, list) else [value]
        joins.append(f"JOIN links {table} ON {table}.seq = objects.seq AND {table}.object = objects.object")
        wheres.append(f"{table}.field = ? AND {table}.value IN ({', '.join('?' * len(choices))})")
        values += [field, *choices]
    moments = _created(call.params.get("created"))
    for sign, moment in moments:
        wheres.append(f"objects.created {sign} ?")
        values.append(moment)
    cursor, forward = _cursor(call, object)
    if cursor is not None:
        wheres.append(f"objects.seq {'<' if forward else '>'} ?")
        values.append(cursor)
    direction = "DESC" if forward else "ASC"
    columns = ["objects.created", "objects.seq"] if moments else ["objects.seq"]  # the order of an index
    rows = call.store.db.execute(
        f"SELECT body FROM {' '.join(joins)} WHERE {' AND '.join(wheres)} "  # noqa: S608
        f"ORDER BY {', '.join(f'{column} {direction}' for column in columns)} LIMIT ?",
        (*values, limit + 1),
    ).fetchall()
    bodies = [json.loads(row["body"]) for row in rows[:limit]]
    data = bodies if forward else bodies[::-1]
    return {"object": "list", "data": data, "has_more": len(rows) > limit, "url": url}


def switch(given: bool | None) -> str | None:
    """A condition on a field that is true or false, as links keep it."""
    return None if given is None else str(given).lower()


def limit_of(params: Json) -> int:
    limit: int = params.get("limit", 10)
    if not 1 <= limit <= 100:
        raise invalid("This value must be between 1 and 100.", "limit", "parameter_invalid_integer")
    return limit


def _created(given: Json | int | None) -> list[tuple[str, int]]:
    if given is None:
        return []
    if isinstance(given, int):
        return [("=", given)]
    return [(COMPARISONS[name], moment) for name, moment in given.items()]


def _cursor(call: Call, object: str) -> tuple[int | None, bool]:
    """The place in the list, and whether the page goes on from there to older objects."""
    given = {name: call.params[name] for name in ("starting_after", "ending_before") if name in call.params}
    if len(given) > 1:
        message = "You may only specify one of these parameters: starting_after, ending_before."
        raise ApiError(message, code="parameters_exclusive")
    for name, id in given.items():
        row = call.store.db.execute(
            "SELECT seq FROM objects WHERE id = ? AND object = ?", (id, object)
        ).fetchone()
        if row is None:
            raise missing_resource(object, id, name, 400)
        return row["seq"], name == "starting_after"
    return None, True
