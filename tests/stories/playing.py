"""Stories at random, from a seed."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

import uvloop
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.stories.story import BOOKS, FAULTS, WISHES, Act, Scene, perform
from tests.stories.theatre import Theatre
from tests.stories.visitor import CARDS

whos = st.integers(0, 2)
cards = st.sampled_from(["good", "good", *CARDS])
books = st.sampled_from(BOOKS)
times = st.sampled_from([1, 1, 1, 2, 3])

by_visitors = st.one_of(
    st.builds(Act, st.sampled_from(["puts_in_the_cart", "takes_out_of_the_cart"]), books, whos),
    st.builds(Act, st.sampled_from(["pays", "pays_there", "pays_behind_the_shops_back"]), cards, whos, times),
    st.builds(Act, st.just("answers_the_bank"), st.sampled_from(["complete", "complete", "fail"]), whos),
    st.builds(
        Act,
        st.sampled_from(
            [
                *("checks_out", "opens_the_pay_page", "presses_pay", "goes_to_stripes_page", "looks"),
                *("comes_back_to_our_page", "cancels", "puts_the_books_back", "checks_out_again"),
            ]
        ),
        st.just(""),
        whos,
        times,
    ),
)
by_others = st.one_of(
    st.builds(Act, st.just("stripe"), st.sampled_from(sorted(FAULTS))),
    st.builds(
        Act,
        st.just("a_webhook"),
        st.sampled_from(["comes", "comes", "overtakes the others", "comes again", "is lost"]),
    ),
    st.builds(
        Act, st.sampled_from(["the_banks_settle", "time_passes", "the_shop_recovers", "letters_are_sent"])
    ),
    st.builds(Act, st.just("the_merchant_refunds_at_stripe"), st.sampled_from(["all", "part"])),
    st.builds(Act, st.just("the_merchant_refunds_in_the_shop"), st.sampled_from(sorted(WISHES)), whos, times),
    st.builds(Act, st.just("the_stock_is_counted"), books),
)


@st.composite
def purchases(draw: st.DrawFn) -> list[Scene]:
    """The way to a payment, so that stories get far."""
    who, card = draw(whos), draw(cards)
    here = (("opens_the_pay_page", ""), ("presses_pay", ""), ("pays", card))
    there = (("goes_to_stripes_page", ""), ("pays_there", card))
    way = (
        ("puts_in_the_cart", draw(books)),
        ("checks_out", ""),
        *draw(st.sampled_from([here, there])),
        ("looks", ""),
    )
    return [(Act(verb, what, who, draw(times) if verb != "puts_in_the_cart" else 1),) for verb, what in way]


alone = by_visitors.map(lambda act: [(act,)])
at_once = st.lists(by_visitors, min_size=2, max_size=3).map(lambda acts: [tuple(acts)])
by_chance = by_others.map(lambda act: [(act,)])
stories = st.lists(st.one_of(purchases(), by_chance, by_chance, alone, at_once), min_size=3, max_size=12).map(
    lambda parts: [scene for part in parts for scene in part]
)


def play(theatre: AbstractAsyncContextManager[Theatre], number: int, count: int, tally: Counter[str]) -> None:
    """So many stories that come from this seed; what there is in them goes to the tally. Raises AssertionError with the
    shortest story that does not end well."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        stage = runner.run(theatre.__aenter__())

        @seed(number)
        @settings(
            max_examples=count,
            deadline=None,
            database=None,
            print_blob=False,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )
        @given(stories)
        def each(story: Sequence[Scene]) -> None:
            tally.update(runner.run(perform(stage, story)))

        try:
            each()
        finally:
            runner.run(theatre.__aexit__(None, None, None))
