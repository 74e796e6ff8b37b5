"""What need not be done for each page is done when its template is compiled: what it includes becomes a part of it,
and sentences that tell of nothing are said. A cart's page included 25 times and said 60 such sentences, which took a
third of its template's time."""

from jinja2 import nodes
from jinja2.visitor import NodeTransformer
from quart.templating import Environment

from shop.words import gettext


class Flat(Environment):
    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        template = super()._parse(source, name, filename)
        flat: nodes.Template = _Flattening(self).visit(template)
        return flat


class _Flattening(NodeTransformer):
    def __init__(self, templates: Flat) -> None:
        self.templates = templates

    def visit_Include(self, include: nodes.Include) -> nodes.Node:  # noqa: N802 (Jinja goes by it)
        """What it sets is its own. Where something goes wrong in it, the line that is named is the include's."""
        templates, name = self.templates, include.template.as_const()
        assert templates.loader
        source, filename, _ = templates.loader.get_source(templates, name)
        included = templates._parse(source, name, filename)
        included.set_lineno(include.lineno, override=True)
        return nodes.Scope(included.body, lineno=include.lineno)

    def visit_Call(self, call: nodes.Call) -> nodes.Node:  # noqa: N802
        self.generic_visit(call)
        match call:
            case nodes.Call(node=nodes.Name(name="_"), args=[nodes.Const(value=sentence)], kwargs=[]):
                said = nodes.Const(gettext(sentence), lineno=call.lineno)
                return nodes.MarkSafeIfAutoescape(said, lineno=call.lineno)
        return call
