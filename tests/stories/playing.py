"""Stories at random, from a seed."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

import uvloop
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.stories.story import BOOKS, CODES, EBOOK, FAULTS, WISHES, Act, Scene, perform
from tests.stories.theatre import Theatre
from tests.stories.visitor import ACCOUNTS, CARDS

whos = st.integers(0, 2)
cards = st.sampled_from(["good", "good", *CARDS])
books = st.sampled_from(BOOKS)
codes = st.sampled_from([*CODES, "WRONG"])
accounts = st.sampled_from(sorted(ACCOUNTS))
times = st.sampled_from([1, 1, 1, 2, 3])

by_visitors = st.one_of(
    st.builds(Act, st.sampled_from(["puts_in_the_cart", "takes_out_of_the_cart"]), books, whos),
    st.builds(Act, st.just("buys_now"), books, whos, times),
    st.builds(Act, st.just("types_a_code"), codes, whos, times),
    st.builds(Act, st.just("chooses_a_country"), st.sampled_from(["US", "CA"]), whos),
    st.builds(Act, st.just("signs_in"), accounts, whos, times),
    st.builds(Act, st.just("undoes"), st.sampled_from(["the last", "the oldest"]), whos, times),
    st.builds(Act, st.sampled_from(["pays", "pays_there", "pays_behind_the_shops_back"]), cards, whos, times),
    st.builds(Act, st.just("answers_the_bank"), st.sampled_from(["complete", "complete", "fail"]), whos),
    st.builds(
        Act,
        st.sampled_from(
            [
                *("checks_out", "opens_the_pay_page", "presses_pay", "goes_to_stripes_page", "looks"),
                *("comes_back_to_our_page", "cancels", "puts_the_books_back", "checks_out_again"),
                *("fetches_the_e_book", "removes_the_code", "signs_out", "removes_a_card"),
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
    st.builds(Act, st.just("the_merchant_ships"), st.sampled_from(["all", "all", "nothing"]), whos, times),
    st.builds(Act, st.just("the_stock_is_counted"), books),
)


plans = st.builds(
    lambda who, book, card, there, at_once, code, account: [
        Act(verb, what, who)
        for verb, what in (
            *(
                [("buys_now", book)]
                if at_once
                else [
                    ("puts_in_the_cart", book),
                    *([("types_a_code", code)] if code else []),
                    ("checks_out", ""),
                ]
            ),
            *((("signs_in", account),) if account else ()),
            *(
                (("goes_to_stripes_page", ""), ("pays_there", "saved" if account else card))
                if there
                else (("opens_the_pay_page", ""), ("presses_pay", ""), ("pays", "saved" if account else card))
            ),
            ("looks", ""),
            *((("fetches_the_e_book", ""),) if book == EBOOK else ()),
        )
    ],
    whos,
    books,
    cards,
    st.booleans(),
    st.booleans(),
    st.one_of(st.none(), codes),
    st.one_of(st.none(), accounts),
)


@st.composite
def stories(draw: st.DrawFn) -> list[Scene]:
    """Some purchases, step by step among each other; and whatever else happens before a step, or with it."""
    coming = draw(st.lists(plans, min_size=2, max_size=4))
    story: list[Scene] = []
    for configured in ("the_shop_charges_when_it_ships", "the_shop_charges_for_shipping_and_tax"):
        if draw(st.integers(0, 3)) == 3:
            story.append((Act(configured),))
    while coming := [plan for plan in coming if plan]:
        story += [(act,) for act in draw(st.lists(st.one_of(by_others, by_visitors), max_size=2))]
        act = draw(st.sampled_from(coming)).pop(0)
        story.append((replace(act, times=draw(times)), *draw(st.lists(by_visitors, max_size=1))))
    return story


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
        @given(stories())
        def each(story: Sequence[Scene]) -> None:
            tally.update(runner.run(perform(stage, story)))

        try:
            each()
        finally:
            runner.run(theatre.__aexit__(None, None, None))
