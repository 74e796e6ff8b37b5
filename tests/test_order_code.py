"""The code of an order can be read aloud and typed as people type."""

import pytest

from shop.order_code import LETTERS, order_code, read_code


def test_a_code_has_no_letters_that_are_taken_for_others() -> None:
    codes = {order_code() for _ in range(200)}
    assert len(codes) == 200
    assert not set("".join(codes)) - set(LETTERS) - {"-"}
    assert all(read_code(code) == code for code in codes)


@pytest.mark.parametrize(
    "typed", ["C-7K3M-91XD", " c7k3m9ixd ", "7K3M 9lXD", "7k3m–91xd", "C–7K3M–9IXD", "C 7 K 3 M 9 1 X D"]
)
def test_it_is_known_however_it_is_typed(typed: str) -> None:
    assert read_code(typed) == "C-7K3M-91XD"


@pytest.mark.parametrize(
    "typed", ["", "C", "7K3M-91X", "C-7K3M-91XDD", "X-7K3M-91XD", "C-7K3M-91XU", "\x00", "é" * 8]
)
def test_what_is_none_is_known_too(typed: str) -> None:
    assert read_code(typed) is None
