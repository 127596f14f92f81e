"""Banking days, against Nationalbanken's own lists and an Easter computed in another way."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sf2530.denmark.banking_days import (
    BankingDaysUnknown,
    add_banking_days,
    closing_days,
    is_banking_day,
    last_banking_day,
    next_banking_day,
    previous_banking_day,
)

PUBLISHED = {
    2026: ["01-01", "04-02", "04-03", "04-06", "05-14", "05-15", "05-25", "06-05",
           "12-24", "12-25", "12-26", "12-31"],
    2027: ["01-01", "03-25", "03-26", "03-29", "05-06", "05-07", "05-17", "06-05", "12-24", "12-31"],
}  # fmt: skip
"""nationalbanken.dk, "Banklukkedage". It lists some days that fall on a weekend, and not others."""

LAST_BANKING_DAYS = {
    2026: ["01-30", "02-27", "03-31", "04-30", "05-29", "06-30",
           "07-31", "08-31", "09-30", "10-30", "11-30", "12-30"],
    2027: ["01-29", "02-26", "03-31", "04-30", "05-31", "06-30",
           "07-30", "08-31", "09-30", "10-29", "11-30", "12-30"],
}  # fmt: skip

DAYS = st.dates(min_value=date(2020, 1, 1), max_value=date(2060, 12, 31))


def published(year: int) -> list[date]:
    return [date.fromisoformat(f"{year}-{day}") for day in PUBLISHED[year]]


def easter_sunday(year: int) -> date:
    """Give the Sunday after the paschal full moon, looked up in the Gregorian table of 1900-2199.

    The calendar we rely on uses a formula of Gauss's kind instead.
    """
    golden_number = year % 19 + 1
    full_moon = [
        "04-14", "04-03", "03-23", "04-11", "03-31", "04-18", "04-08", "03-28", "04-16", "04-05",
        "03-25", "04-13", "04-02", "03-22", "04-10", "03-30", "04-17", "04-07", "03-27",
    ][golden_number - 1]  # fmt: skip
    day = date.fromisoformat(f"{year}-{full_moon}") + timedelta(days=1)
    while day.isoweekday() != 7:
        day += timedelta(days=1)
    return day


@pytest.mark.parametrize("year", PUBLISHED)
def test_every_day_of_a_published_year_is_open_or_closed_as_nationalbanken_says(year: int) -> None:
    day = date(year, 1, 1)
    while day.year == year:
        is_open = day not in published(year) and day.isoweekday() < 6
        assert is_banking_day(day) == is_open, day
        day += timedelta(days=1)


@pytest.mark.parametrize("year", PUBLISHED)
def test_the_closing_days_are_the_published_ones_that_are_no_weekend(year: int) -> None:
    assert closing_days(year) == {day for day in published(year) if day.isoweekday() < 6}


@pytest.mark.parametrize(("year", "days"), LAST_BANKING_DAYS.items())
def test_the_last_banking_days_of_the_months_are_the_known_ones(year: int, days: list[str]) -> None:
    assert [last_banking_day(year, month).isoformat() for month in range(1, 13)] == [
        f"{year}-{day}" for day in days
    ]


@pytest.mark.parametrize(
    ("year", "sunday"),
    [(2024, "03-31"), (2025, "04-20"), (2026, "04-05"), (2027, "03-28"), (2035, "03-25"), (2038, "04-25")],
)
def test_the_table_of_easter_in_this_test_is_right_where_easter_is_well_known(year: int, sunday: str) -> None:
    assert easter_sunday(year).isoformat() == f"{year}-{sunday}"


@pytest.mark.parametrize("year", range(2024, 2054))
def test_for_thirty_years_the_days_that_move_with_easter_are_closed(year: int) -> None:
    easter = easter_sunday(year)
    moving = {
        "Maundy Thursday": -3,
        "Good Friday": -2,
        "Easter Monday": 1,
        "Ascension Day": 39,
        "the day after Ascension Day": 40,
        "Whit Monday": 50,
    }
    for name, days_after_easter in moving.items():
        assert not is_banking_day(easter + timedelta(days=days_after_easter)), name
    assert is_banking_day(easter + timedelta(days=2))


@pytest.mark.parametrize("year", range(2024, 2054))
def test_for_thirty_years_no_other_weekday_is_closed(year: int) -> None:
    moving = {easter_sunday(year) + timedelta(days=n) for n in (-3, -2, 1, 39, 40, 50)}
    fixed = {
        date(year, month, day) for month, day in [(1, 1), (6, 5), (12, 24), (12, 25), (12, 26), (12, 31)]
    }

    assert closing_days(year) == {day for day in moving | fixed if day.isoweekday() < 6}


def test_great_prayer_day_was_closed_for_the_last_time_in_2023() -> None:
    assert not is_banking_day(date(2023, 5, 5))
    assert is_banking_day(date(2024, 4, 26))


@given(DAYS)
def test_next_and_previous_are_the_nearest_banking_days_and_never_the_day_itself(day: date) -> None:
    after, before = next_banking_day(day), previous_banking_day(day)

    assert before < day < after
    assert is_banking_day(after)
    assert is_banking_day(before)
    between = (before + timedelta(days=n) for n in range(1, (after - before).days))
    assert not any(is_banking_day(one) for one in between if one != day)


@given(DAYS, st.integers(min_value=0, max_value=60))
def test_counting_forward_and_back_from_a_banking_day_ends_where_it_began(day: date, count: int) -> None:
    start = next_banking_day(day)

    there = add_banking_days(start, count)

    assert add_banking_days(there, -count) == start
    assert sum(is_banking_day(start + timedelta(days=n + 1)) for n in range((there - start).days)) == count


def test_counting_over_easter_2026_skips_five_days() -> None:
    assert add_banking_days(date(2026, 4, 1), 1) == date(2026, 4, 7)
    assert add_banking_days(date(2026, 4, 7), -1) == date(2026, 4, 1)
    assert add_banking_days(date(2026, 4, 4), 0) == date(2026, 4, 4)
    assert add_banking_days(date(2026, 4, 4), 1) == date(2026, 4, 7)


@given(st.integers(min_value=2020, max_value=2060), st.integers(min_value=1, max_value=12))
def test_the_last_banking_day_is_open_and_all_after_it_in_its_month_are_closed(year: int, month: int) -> None:
    last = last_banking_day(year, month)

    assert is_banking_day(last)
    assert (last.year, last.month) == (year, month)
    assert (next_banking_day(last).year, next_banking_day(last).month) != (year, month)


@pytest.mark.parametrize("year", [1500, 2100])
def test_a_year_that_no_calendar_reaches_is_refused_and_never_guessed(year: int) -> None:
    with pytest.raises(BankingDaysUnknown, match="from 1583 to 2099"):
        is_banking_day(date(year, 6, 1) + timedelta(days=(7 - date(year, 6, 1).weekday()) % 7))
