"""Lists: newest first, a page at a time, from a cursor."""

import json
from typing import Any

from .call import Call
from .errors import ApiError, Json, invalid, missing_resource
from .store import marks

Filter = tuple[str, list[str]]
"""A field, and the values of which it has one."""
FEW = 1_000
"""So many objects are read and sorted at once; more are read in order until a page is full."""

COMPARISONS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def page(call: Call, object: str, url: str, **linked: Any) -> Json:
    """The page that `limit`, `starting_after`, `ending_before` and `created` ask for. `linked` are fields and
    the value (or list of values) that they must have; None is no condition."""
    limit = limit_of(call.params)
    filters = [(f, v if isinstance(v, list) else [v]) for f, v in linked.items() if v is not None]
    moments = _created(call.params.get("created"))
    tables, columns = _way(call, object, filters, in_time=bool(moments))
    wheres: list[str] = ["objects.object = ?"]
    values: list[Any] = [object]
    for number, (field, choices) in enumerate(filters):
        table = f"l{number}"
        wheres.append(f"{table}.seq = objects.seq AND {table}.object = ? AND {table}.field = ?")
        wheres.append(f"{table}.value IN ({marks(choices)})")
        values += [object, field, *choices]
    for sign, moment in moments:
        wheres.append(f"objects.created {sign} ?")
        values.append(moment)
    cursor, forward = _cursor(call, object)
    if cursor is not None:
        wheres.append(f"{columns[-1]} {'<' if forward else '>'} ?")
        values.append(cursor)
    direction = "DESC" if forward else "ASC"
    rows = call.store.db.execute(
        f"SELECT body FROM {' CROSS JOIN '.join(tables)} WHERE {' AND '.join(wheres)} "  # noqa: S608
        f"ORDER BY {', '.join(f'{column} {direction}' for column in columns)} LIMIT ?",
        (*values, limit + 1),
    ).fetchall()
    bodies = [json.loads(row["body"]) for row in rows[:limit]]
    data = bodies if forward else bodies[::-1]
    return {"object": "list", "data": data, "has_more": len(rows) > limit, "url": url}


def _way(call: Call, object: str, filters: list[Filter], in_time: bool) -> tuple[list[str], list[str]]:
    """The tables in the order in which they are to be read, and by what the page is sorted. A filter that leaves
    few objects comes first, and one whose objects lie in the order of the page; else the objects do, in order."""
    tables = [f"links AS l{number}" for number in range(len(filters))]
    found = [call.store.count(object, field, choices, FEW) for field, choices in filters]
    rarest = found.index(min(found)) if found else 0
    if found and (found[rarest] < FEW or (len(filters[rarest][1]) == 1 and not in_time)):
        first, seq = [tables.pop(rarest), "objects"], f"l{rarest}.seq"
    else:
        first, seq = ["objects"], "objects.seq"
    return [*first, *tables], ["objects.created", seq] if in_time else [seq]


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
