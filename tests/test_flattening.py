"""Templates that are compiled as one say what they would say apart."""

import jinja2

from tests.conftest import ShopUnderTest

DATABASE = "sqlite"


async def said(shop: ShopUnderTest, **templates: str) -> str:
    loader = jinja2.DictLoader({f"{name}.html": source for name, source in templates.items()})
    return shop.app.jinja_env.overlay(loader=loader).get_template("page.html").render(word="a & b")


async def test_an_included_template_sees_what_stands_around_it(shop: ShopUnderTest) -> None:
    page = '{% for n in (1, 2) %}{% with m = n * 2 %}{% include "part.html" %}{% endwith %}{% endfor %}'
    assert await said(shop, page=page, part="{{ n }}{{ m }}{{ word }} ") == "12a &amp; b 24a &amp; b "


async def test_what_it_sets_is_its_own(shop: ShopUnderTest) -> None:
    page = '{% set x = 1 %}{% include "part.html" %}{{ x }}{{ y|default("none") }}'
    assert await said(shop, page=page, part="{{ x }}{% set x = 2 %}{% set y = 3 %}{{ x }}") == "121none"


async def test_sentences_are_said_with_their_marks_and_what_they_tell_of_without(shop: ShopUnderTest) -> None:
    page = '{{ _("<b>Yes</b>") }} {{ _("<i>%(it)s</i>", it=word) }} <a title="{{ _(\'No\') }}">'
    assert await said(shop, page=page) == '<b>Yes</b> <i>a &amp; b</i> <a title="No">'
