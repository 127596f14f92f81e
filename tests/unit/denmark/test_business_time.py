"""UTC inside, Copenhagen at the edge: dates around midnight, and both nights the clock is changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sf2530.denmark.business_time import COPENHAGEN, business_date, copenhagen, instant, utc_now

SPRING = date(2026, 3, 29)
AUTUMN = date(2026, 10, 25)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_the_machines_clock_is_read_in_utc() -> None:
    assert utc_now().tzinfo is UTC


@pytest.mark.parametrize(
    ("utc", "expected"),
    [
        ("2026-01-31T22:59:59", date(2026, 1, 31)),
        ("2026-01-31T23:00:00", date(2026, 2, 1)),
        ("2026-06-30T21:59:59", date(2026, 6, 30)),
        ("2026-06-30T22:00:00", date(2026, 7, 1)),
        ("2026-12-31T23:00:00", date(2027, 1, 1)),
    ],
)
def test_the_business_date_changes_at_midnight_in_denmark(utc: str, expected: date) -> None:
    assert business_date(at(utc)) == expected


def test_the_business_date_does_not_hang_on_the_zone_an_instant_is_given_in() -> None:
    one = at("2026-06-30T22:30:00")

    assert business_date(one.astimezone(timezone(timedelta(hours=-9)))) == date(2026, 7, 1)


def test_in_the_spring_night_the_missing_hour_moves_one_hour_forward() -> None:
    assert instant(SPRING, time(1, 59)) == at("2026-03-29T00:59:00")
    assert instant(SPRING, time(2, 0)) == at("2026-03-29T01:00:00")
    assert instant(SPRING, time(2, 30)) == at("2026-03-29T01:30:00")
    assert copenhagen(instant(SPRING, time(2, 30))).time() == time(3, 30)
    assert instant(SPRING, time(3, 0)) == at("2026-03-29T01:00:00")


def test_in_the_autumn_night_the_hour_that_comes_twice_is_its_first_coming() -> None:
    assert instant(AUTUMN, time(1, 59)) == at("2026-10-24T23:59:00")
    assert instant(AUTUMN, time(2, 30)) == at("2026-10-25T00:30:00")
    assert instant(AUTUMN, time(2, 30, fold=1)) == at("2026-10-25T00:30:00")
    assert instant(AUTUMN, time(3, 0)) == at("2026-10-25T02:00:00")


def test_both_comings_of_the_hour_in_autumn_are_shown_the_same_and_are_two_instants() -> None:
    first, second = at("2026-10-25T00:30:00"), at("2026-10-25T01:30:00")

    assert copenhagen(first).time() == copenhagen(second).time() == time(2, 30)
    assert copenhagen(first).utcoffset() == timedelta(hours=2)
    assert copenhagen(second).utcoffset() == timedelta(hours=1)
    assert business_date(first) == business_date(second) == AUTUMN


@pytest.mark.parametrize(("day", "hours"), [(SPRING, 23), (AUTUMN, 25), (date(2026, 6, 1), 24)])
def test_a_day_is_as_long_as_denmarks_clocks_make_it(day: date, hours: int) -> None:
    length = instant(day + timedelta(days=1), time(0)) - instant(day, time(0))

    assert length == timedelta(hours=hours)


@given(
    st.dates(min_value=date(2000, 1, 1), max_value=date(2060, 12, 31)),
    st.times(),
)
def test_every_time_on_every_day_is_one_instant_on_that_day(day: date, wall: time) -> None:
    found = instant(day, wall)

    assert found.tzinfo is UTC
    assert business_date(found) == day
    shown = copenhagen(found).replace(tzinfo=None)
    assert shown - datetime.combine(day, wall) in {timedelta(0), timedelta(hours=1)}


def test_a_time_without_a_zone_is_no_instant() -> None:
    without_zone = datetime(2026, 1, 1, 12)  # noqa: DTZ001  that is what is refused
    with pytest.raises(ValueError, match="needs a time zone"):
        business_date(without_zone)
    with pytest.raises(ValueError, match="needs a time zone"):
        copenhagen(without_zone)


def test_a_time_of_day_with_a_zone_of_its_own_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone of its own"):
        instant(AUTUMN, time(2, 30, tzinfo=COPENHAGEN))
