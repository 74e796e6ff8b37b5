"""Templates, rendered in one go: Quart makes coroutines of them, in case that one waits for something, and asks another
thread for what each of them gets. A page takes half as long so."""

from collections.abc import Callable, Hashable, MutableMapping, Sequence
from functools import lru_cache
from typing import Any

import jinja2
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup
from quart import Quart, current_app, has_request_context, session

from shop.flattening import Flat
from shop.models import random_id
from shop.words import LOCALE, gettext, ngettext

# Stands in a cart's forms for what their page says that it shows (`cart.shown`), which each page says otherwise: so
# that a line is drawn once for all of them.
SEEN = random_id()


class Templates(Flat):
    def __init__(self, app: Quart, **options: Any) -> None:
        super().__init__(app, **options)
        self.is_async = False
        lend_words(self)

    def make_globals(self, more: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """In one dict: Jinja chains two, and each page, and what it extends, would be made from both."""
        return {**self.globals, **(more or {})}


async def render_template(name: str, **context: Any) -> str:
    """The template with what it is given, and `cart_count`, the number in the header."""
    count = session.get("count", 0) if has_request_context() else 0
    return current_app.jinja_env.get_template(name).render(cart_count=count, **context)


def drawn_once(
    templates: jinja2.Environment, name: str, given: Sequence[str], most: int
) -> Callable[..., str]:
    """For templates: another one, drawn from what it is `given`, and not again as long as that is the same."""

    @lru_cache(maxsize=most)
    def drawn(*values: Hashable) -> str:
        html = templates.get_template(name).render(zip(given, values, strict=True))
        return Markup(html)  # noqa: S704 (a template of ours has escaped it)

    return drawn


# By the names that templates have for them; and how many drawings are kept. What they are given must be all that they
# show: so what one shopper sees is shown to others only where they would see the same.
DRAWN_ONCE = {
    "card": ("catalogue/_book.html", ("book", "in_view"), 1024),
    "shelf_tools": ("catalogue/_tools.html", ("filters", "categories"), 128),  # see `shelf_tools`
    "cart_line": ("cart/_line.html", ("item", "most", "problem", "wrong", "focus", "swapped"), 512),
    "cart_change": ("cart/_change.html", ("change", "can_undo"), 512),
}


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
