"""Charging from the back office what was authorised, or letting it go."""

import httpx
import pytest

from tests.shopper import Shopper, text
from tests.test_capture import authorised

__all__ = ["authorised"]  # a fixture
DATABASE = "sqlite"


@pytest.mark.parametrize(
    ("act", "status", "shoppers"),
    [
        ("capture", "Status paid", "Charged $35.00"),
        ("release", "Status cancelled", "Nothing was charged."),
    ],
)
async def test_an_authorised_order_is(
    act: str, status: str, shoppers: str, authorised: Shopper, staff: httpx.AsyncClient
) -> None:
    page = await staff.get(f"/staff{authorised.order}")
    assert "Shipped: charge $35.00" in text(page)
    assert "Let $35.00 go and cancel" in text(page)
    for _ in range(2):  # a double click
        assert (await staff.post(f"/staff{authorised.order}/{act}")).status_code == 303
    page = await staff.get(f"/staff{authorised.order}")
    assert status in text(page)
    assert "Shipped: charge" not in text(page)
    assert shoppers in text(await authorised.look())


async def test_what_is_not_authorised_cannot_be(shopper: Shopper, staff: httpx.AsyncClient) -> None:
    order = await shopper.check_out("the-dream-machine")
    for act in ("capture", "release"):
        reply = await staff.post(f"/staff{order}/{act}")
        assert (reply.status_code, "there is nothing authorised" in text(reply)) == (409, True)
