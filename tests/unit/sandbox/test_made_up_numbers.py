"""CPR numbers of made-up persons: each once, all of them test numbers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sf2530.denmark.cpr import birth_date, is_test_number, parse
from sf2530.sandbox.made_up_numbers import HOW_MANY, MadeUpNumbers

SEEDS = st.integers()
INDEXES = st.integers(min_value=0, max_value=HOW_MANY - 1)


@given(SEEDS, INDEXES)
def test_every_number_is_a_test_number_of_an_adult(seed: int, index: int) -> None:
    cpr = parse(MadeUpNumbers(seed).number(index))

    assert is_test_number(cpr)
    assert 1960 <= birth_date(cpr).year <= 2005


@given(SEEDS, st.sets(INDEXES, max_size=200))
def test_different_indexes_give_different_numbers(seed: int, indexes: set[int]) -> None:
    numbers = MadeUpNumbers(seed)

    assert len({numbers.number(index) for index in indexes}) == len(indexes)


def test_a_quarter_of_a_million_numbers_from_anywhere_are_all_different() -> None:
    numbers = MadeUpNumbers(2530)
    starts = range(0, HOW_MANY, HOW_MANY // 50)

    made = {numbers.number(start + n) for start in starts[:50] for n in range(5_000)}

    assert len(made) == 250_000


def test_there_are_enough_for_the_biggest_sandbox_many_times_over() -> None:
    assert HOW_MANY > 30 * 3_000_000


@given(SEEDS, INDEXES)
def test_the_same_seed_gives_the_same_number(seed: int, index: int) -> None:
    assert MadeUpNumbers(seed).number(index) == MadeUpNumbers(seed).number(index)


def test_the_order_is_scattered_so_that_neighbours_share_no_birthday() -> None:
    numbers = MadeUpNumbers(2530)

    birthdays = {numbers.number(n)[:6] for n in range(100)}

    assert len(birthdays) > 90
