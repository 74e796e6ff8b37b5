"""What stands between the heading of a shelf and its books: links to categories and orders, and the form of filters.

It is the same for all searches but for their words, so it is drawn once for each shelf and the words are put in: that
was a quarter of the time of a search."""

from collections.abc import Callable
from dataclasses import replace
from typing import cast

import jinja2
from markupsafe import Markup, escape

from shop.filters import Filters, written
from shop.models import random_id

WORDS = random_id()  # stands for the words, as nobody could type it


def tools(templates: jinja2.Environment, filters: Filters, categories: tuple[str, ...]) -> Markup:
    shelf = replace(filters, page="1", q=filters.q and WORDS)
    draw = cast("Callable[..., str]", templates.globals["shelf_tools"])
    html = str(draw(shelf, categories))
    if filters.q:
        html = html.replace(f"q={WORDS}", written("q", filters.q)).replace(WORDS, str(escape(filters.q)))
    return Markup(html)  # noqa: S704 (a template of ours has escaped it)
