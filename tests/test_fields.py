"""What each field that a shopper fills in says of itself (WCAG 1.3.5, 3.3.2), and where help is (3.2.6)."""

import re

from tests.shopper import Shopper

DATABASE = "sqlite"
DREAM, EBOOK = "the-dream-machine", "the-last-page"
FIELD = re.compile(r'<label for="([^"]+)">([^<]+)</label>(.*?)(<(?:input|select)[^>]* id="\1".*?>)', re.S)


async def test_each_has_its_label_above_and_only_those_that_may_stay_empty_are_marked(
    shopper: Shopper,
) -> None:
    pages = ["/find-order", f"{await shopper.check_out(DREAM)}/pay", f"{await shopper.buy_now(EBOOK)}/pay"]
    marked = []
    for path in pages:
        main = (await shopper.get(path)).text.split("<main")[1]
        fields = FIELD.findall(main)
        assert len(fields) == len(re.findall(r'<input(?![^>]*type="hidden")', main)) >= 1
        for _, label, between, field in fields:
            assert "<input" not in between
            assert "autocomplete=" in field
            assert ('type="email"' in field) == ('inputmode="email"' in field)
            assert (" required " in field) != ("(optional)" in label)
            marked.append(label)
    assert marked == ["Order code", "Email you gave when you paid", "Email", "Email (optional)"]


async def test_help_is_at_the_same_place_on_every_page(shopper: Shopper) -> None:
    order = await shopper.check_out(DREAM, EBOOK)
    paths = ("/", "/?q=zzz", f"/books/{DREAM}", "/cart", "/find-order", "/help", "/nothing/here", "/mailbox")
    pages = [*paths, f"{order}/pay", order, "/find-order/asked"]
    after = [(await shopper.get(path)).text.split("</main>")[1].split() for path in pages]
    shopper.order = order
    after.append((await shopper.pay()).text.split("</main>")[1].split())
    assert all(footer == after[0] for footer in after)
    assert next(link for link in after[0] if link.startswith("href")).startswith('href="/help">Help')
