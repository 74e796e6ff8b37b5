"""Templates, rendered in one go: Quart makes coroutines of them, in case that one waits for something, and asks another
thread for what each of them gets. A page takes half as long so."""

from collections.abc import Callable, MutableMapping
from functools import lru_cache
from typing import Any

import jinja2
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup
from quart import Quart, current_app, has_request_context, session

from shop.flattening import Flat
from shop.shelf import ShelfBook
from shop.words import LOCALE, gettext, ngettext


class Templates(Flat):
    def __init__(self, app: Quart, **options: Any) -> None:
        super().__init__(app, **options)
        self.is_async = False
        lend_words(self)

    def make_globals(self, more: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """In one dict: Jinja chains two, and each include goes through both."""
        return {**self.globals, **(more or {})}


async def render_template(name: str, **context: Any) -> str:
    """The template with what it is given, and `cart_count`, the number in the header."""
    count = session.get("count", 0) if has_request_context() else 0
    return current_app.jinja_env.get_template(name).render(cart_count=count, **context)


def cards_of_books(templates: jinja2.Environment) -> Callable[[ShelfBook, bool], str]:
    """For `card(book, in_view)` in templates: a book on the shelf, drawn once as long as it is the same."""

    @lru_cache(maxsize=4096)
    def card(book: ShelfBook, in_view: bool) -> str:
        html = templates.get_template("catalogue/_book.html").render(book=book, in_view=in_view)
        return Markup(html)  # noqa: S704 (a template of ours has escaped it)

    return card


def lend_words(templates: jinja2.Environment) -> None:
    """What pages and letters say their sentences with: `_`, `ngettext` and `locale`."""
    templates.add_extension("jinja2.ext.i18n")
    templates.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    templates.globals.update(locale=LOCALE, _=_in_page)


@pass_eval_context
def _in_page(page: EvalContext, sentence: str, **values: object) -> str:
    """`words._`, where what a sentence tells of is escaped; most sentences are said as they are."""
    said = Markup(gettext(sentence)) if page.autoescape else gettext(sentence)  # noqa: S704 (our own words)
    return said % values if values else said
