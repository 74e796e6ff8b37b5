"""Metadata: what a request may write into it."""

from .errors import Json, invalid

MOST_KEYS, LONGEST_KEY, LONGEST_VALUE = 50, 40, 500


def merged(old: Json, given: Json | str | None) -> Json:
    """New keys are added, an empty value deletes its key, and "" in place of the hash deletes all."""
    if given is None:
        return old
    new = {} if isinstance(given, str) else {**old, **given}
    new = {key: value for key, value in new.items() if value != ""}
    for key, value in new.items():
        if len(key) > LONGEST_KEY:
            raise invalid(f"Metadata keys have at most {LONGEST_KEY} characters: {key}", "metadata")
        if len(value) > LONGEST_VALUE:
            raise invalid(f"Metadata values have at most {LONGEST_VALUE} characters.", f"metadata[{key}]")
    if len(new) > MOST_KEYS:
        raise invalid(f"Metadata has at most {MOST_KEYS} keys.", "metadata")
    return new
