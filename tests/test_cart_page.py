"""What the cart's pages are made of, with and without htmx."""

import re

from shop.templating import SEEN
from tests.conftest import NewShopper
from tests.shopper import Shopper, text

DATABASE = "sqlite"
DREAM, CODE = "the-dream-machine", "the-code-book"
FRAGMENT = {"HX-Request-Type": "partial"}


async def test_every_enhanced_form_sends_the_same_without_htmx(shopper: Shopper) -> None:
    await shopper.add(DREAM)
    await shopper.post(f"/cart/items/{DREAM}", quantity=0)
    await shopper.add(CODE)
    pages = [await shopper.get(path) for path in ("/", f"/books/{DREAM}", "/cart", f"/cart?added={CODE}")]
    forms = {form for page in pages for form in re.findall(r"<form[^>]*\bhx-[^>]*>", page.text)}
    assert len(forms) >= 4
    for form in forms:
        found = re.search(r' action="(\S+)" method="(\w+)".* hx-(post|get)="(\S+)"', form)
        assert found, form
        assert found.groups()[:2] == (found[4], found[3])


async def test_each_cart_page_is_whole_or_a_fragment_by_the_header_and_says_so_to_caches(
    shopper: Shopper,
) -> None:
    for htmx in (True, False):
        await shopper.post("/cart/items", htmx, book=CODE)
        headers = {"HX-Request-Type": "partial"} if htmx else {}
        replies = [
            await shopper.get("/cart", **headers),
            await shopper.post(f"/cart/items/{CODE}", htmx, quantity="x"),
            await shopper.post("/cart/undo", htmx, change="99"),
            await shopper.post("/cart/items", htmx, book="no-such-book"),
        ]
        for reply in replies:
            assert ("<html" in reply.text) is not htmx
            assert "HX-Request-Type" in reply.headers["Vary"]


async def test_an_empty_cart_has_one_way_back_to_the_books(shopper: Shopper) -> None:
    main = (await shopper.get("/cart")).text.partition("<main")[2].partition("</main>")[0]
    assert re.findall(r'href="([^"]+)"', main) == ["/"]
    assert "<form" not in main


async def test_shipping_and_tax_are_told_before_payment(shopper: Shopper) -> None:
    await shopper.check_out(CODE)
    for path in ("/cart", f"{shopper.order}/pay"):
        assert "Shipping free Tax included Total $17.99" in text(await shopper.get(path))


async def test_who_has_the_same_line_as_another_still_has_a_page_of_his_own(
    shopper: Shopper, new_shopper: NewShopper
) -> None:
    other = new_shopper()
    for each in (shopper, other):
        await each.add(CODE, 2)
    await other.add(DREAM)
    pages = [await each.get("/cart", **asked) for each in (shopper, other) for asked in ({}, FRAGMENT)]
    shown = [re.findall(r'name="seen" value="(\d+)\.([^"]+)"', page.text) for page in pages]
    assert [{revision for revision, _ in each} for each in shown] == [{"1"}, {"1"}, {"2"}, {"2"}]
    assert len({name for each in shown for _, name in each}) == 4
    assert SEEN not in "".join(page.text for page in pages)
