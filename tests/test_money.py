import re

import pytest
from babel.numbers import list_currencies
from hypothesis import given
from hypothesis import strategies as st

from shop.money import digits, minor_units, money
from shop.pricing import Adjustment, AdjustmentKind, Line, Quote, adjusted, split


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (2350, "usd", "$23.50"),
        (5, "usd", "$0.05"),
        (123456789, "usd", "$1,234,567.89"),
        (2350, "eur", "€23.50"),
        (2350, "jpy", "¥2,350"),
        (2350, "kwd", "KWD\xa02.350"),
        (2350, "isk", "ISK\xa023.50"),  # no decimals in print, two at Stripe
        (-500, "usd", "-$5.00"),
        (0, "usd", "$0.00"),
    ],
)
def test_money_reads_as_people_write_it(amount: int, currency: str, shown: str) -> None:
    assert money(amount, currency) == shown


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("23.50", "usd", 2350),
        ("5", "usd", 500),
        ("0.5", "usd", 50),
        ("2350", "jpy", 2350),
        ("2.350", "kwd", 2350),
    ],
)
def test_an_amount_is_read_as_people_write_it(text: str, currency: str, amount: int) -> None:
    assert minor_units(text, currency) == amount


@pytest.mark.parametrize(
    "text", ["", "0", "0.00", "-5", "5.001", "1e3", "1_000", "5,00", "$5", "٥", "5.", "nan"]
)
def test_what_is_no_amount_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        minor_units(text, "usd")


@given(st.integers(-(10**9), 10**9), st.sampled_from(sorted(code.lower() for code in list_currencies("en"))))
def test_no_digit_is_lost_in_any_currency(amount: int, currency: str) -> None:
    shown = money(amount, currency)
    number = "".join(c for c in shown if c.isdigit())
    assert int(number) == abs(amount)
    assert ("." in shown) == (digits(currency) > 0)
    assert shown.startswith("-") or "-" in shown or amount >= 0


lines = st.lists(
    st.builds(
        Line,
        book_id=st.integers(1, 99),
        slug=st.just("b"),
        title=st.just("B"),
        authors=st.just("A"),
        unit_price=st.integers(0, 100_000),
        quantity=st.integers(1, 20),
    ),
    max_size=8,
)


@given(lines, st.integers(0, 10_000))
def test_a_total_is_its_lines_and_its_adjustments(books: list[Line], tax: int) -> None:
    quote = adjusted(Quote(tuple(books), "usd"), [Adjustment(AdjustmentKind.TAX, "Sales tax", tax)])
    assert quote.total == sum(line.unit_price * line.quantity for line in books) + tax
    assert quote.count == sum(line.quantity for line in books)


@given(lines, st.integers(0, 3000), st.integers(0, 3000))
def test_the_lines_of_a_quote_share_its_discounts_to_the_cent(
    books: list[Line], first: int, second: int
) -> None:
    quote = Quote(tuple(books), "usd")
    for wanted in (first, second):
        off = -min(wanted, quote.total)
        quote = adjusted(quote, [Adjustment(AdjustmentKind.DISCOUNT, "Discount", off)])
    assert sum(line.amount - line.discount for line in quote.lines) == quote.total
    assert all(0 <= line.discount <= line.amount for line in quote.lines)


def test_what_is_left_over_of_a_split_goes_to_the_largest_remainders() -> None:
    assert split(100, [333, 333, 334]) == [33, 33, 34]
    assert split(5, [1799, 1299, 2500]) == [2, 1, 2]
    assert split(7, [0, 0]) == [0, 0]
