"""Templates, rendered in one go: Quart's own are made of coroutines, in case that one waits for something. None of ours
does, and a page takes half as long."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import jinja2
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup
from quart import Quart, current_app
from quart.templating import Environment

from shop.shelf import ShelfBook
from shop.words import LOCALE, gettext, ngettext


class Templates(Environment):
    def __init__(self, app: Quart, **options: Any) -> None:
        super().__init__(app, **options)
        self.is_async = False
        lend_words(self)


async def render_template(name: str, **context: Any) -> str:
    await current_app.update_template_context(context)
    return current_app.jinja_env.get_template(name).render(context)


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
