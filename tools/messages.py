"""`make messages`: every sentence of the shop, for translators, into build/messages.pot."""

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import write_po

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "build/messages.pot"
# Functions that sentences are handed to, and which of their arguments those are.
KEYWORDS = {**DEFAULT_KEYWORDS, "counted": (1, 2), "gettext_noop": None, "whole_number": (2,)}
NEWSTYLE = {"**.*": {"newstyle_gettext": "true", "silent": "false"}}


def messages() -> Catalog:
    catalog = Catalog(project="Colophon", charset="utf-8")
    found = [
        *extract_from_dir(ROOT / "shop", [("**.py", "python")], keywords=KEYWORDS, directory_filter=_ours),
        *extract_from_dir(ROOT / "templates", [("**.*", "jinja2")], NEWSTYLE, KEYWORDS),
    ]
    for file, line, message, _, context in found:
        if message:
            catalog.add(message, None, [(file, line)], context=context)
    return catalog


def _ours(folder: str) -> bool:
    return Path(folder).name not in ("sandbox", "covers", "__pycache__")


if __name__ == "__main__":
    OUT.parent.mkdir(exist_ok=True)
    made = messages()
    with OUT.open("wb") as file:
        write_po(file, made, width=110, sort_by_file=True, omit_header=False)
    print(f"{len(made)} sentences: {OUT.relative_to(ROOT)}")
