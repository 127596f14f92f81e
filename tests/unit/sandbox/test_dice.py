"""Chance that falls the same way every time."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from sf2530.sandbox.dice import Dice


def test_the_same_words_fall_the_same_way_on_every_machine() -> None:
    dice = Dice(2530, "0101", "residents")

    assert [dice.below(1_000_000) for _each in range(4)] == [549532, 415638, 489171, 82070]


def test_other_words_fall_another_way() -> None:
    assert [Dice(1, "a").below(10**9), Dice(1, "b").below(10**9)] != [
        Dice(2, "a").below(10**9),
        Dice(2, "b").below(10**9),
    ]


@given(st.integers(), st.integers(min_value=-1000, max_value=1000), st.integers(min_value=0, max_value=1000))
def test_a_figure_stays_within_its_bounds(seed: int, first: int, width: int) -> None:
    dice = Dice(seed)

    assert all(first <= dice.between(first, first + width) <= first + width for _each in range(50))
    assert all(0 <= dice.below(width + 1) <= width for _each in range(50))


def test_both_bounds_are_reached() -> None:
    dice = Dice("bounds")

    assert {dice.between(1, 3) for _each in range(100)} == {1, 2, 3}


def test_things_are_picked_as_often_as_their_likelihood_says() -> None:
    dice = Dice("likelihood")

    picked = Counter(dice.pick((("often", 0.9), ("seldom", 0.1))) for _each in range(10_000))

    assert 8_800 < picked["often"] < 9_200
    assert set(picked) == {"often", "seldom"}


def test_what_rounding_leaves_goes_to_the_last() -> None:
    dice = Dice("rounding")

    assert {dice.pick((("first", 0.0), ("last", 0.0))) for _each in range(20)} == {"last"}
