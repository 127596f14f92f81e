"""Whole months counted from the month of a value date."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sf2530.sandbox.registrar import first_day, last_day


@pytest.mark.parametrize(
    ("months", "first", "last"),
    [
        (0, date(2026, 11, 1), date(2026, 11, 30)),
        (1, date(2026, 12, 1), date(2026, 12, 31)),
        (2, date(2027, 1, 1), date(2027, 1, 31)),
        (-10, date(2026, 1, 1), date(2026, 1, 31)),
        (-11, date(2025, 12, 1), date(2025, 12, 31)),
        (15, date(2028, 2, 1), date(2028, 2, 29)),
    ],
)
def test_months_are_counted_over_the_turn_of_the_year(months: int, first: date, last: date) -> None:
    assert first_day(date(2026, 11, 30), months) == first
    assert last_day(date(2026, 11, 30), months) == last


@given(
    st.dates(min_value=date(2020, 1, 1), max_value=date(2060, 1, 1)), st.integers(min_value=-60, max_value=60)
)
def test_months_follow_each_other_without_gap(day: date, months: int) -> None:
    assert last_day(day, months) + timedelta(days=1) == first_day(day, months + 1)
    assert first_day(day, 0) <= day <= last_day(day, 0)
