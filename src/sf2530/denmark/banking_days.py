"""Banking days: the days on which Danish banks move money, as Nationalbanken publishes them."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import ClassVar

from danish_banking_holidays import DanishBankingCalendar

from sf2530.errors import DataError
from sf2530.language import _

_CALENDAR = DanishBankingCalendar()
_SATURDAY = 5


class BankingDaysUnknown(DataError):
    """No one can say which days of that year are banking days."""

    code: ClassVar[str] = "banking-days-unknown"


@cache
def closing_days(year: int) -> frozenset[date]:
    """Give the Mondays to Fridays of `year` on which banks are closed. Weekends are closed anyway.

    Raises BankingDaysUnknown for years that no calendar reaches.
    """
    try:
        holidays = _CALENDAR.get_holidays(year)
    except ValueError as error:
        raise BankingDaysUnknown(
            _("The banking days of this year are not known"),
            where=str(year),
            remedy=_("Give a year from %(first)d to %(last)d.")
            % {"first": _CALENDAR.MIN_YEAR, "last": _CALENDAR.MAX_YEAR},
        ) from error
    return frozenset(day for day in holidays if day.weekday() < _SATURDAY)


def is_banking_day(day: date) -> bool:
    """Say whether banks are open on `day`."""
    return day.weekday() < _SATURDAY and day not in closing_days(day.year)


def next_banking_day(day: date) -> date:
    """Give the first banking day after `day`, never `day` itself."""
    return _step(day, timedelta(days=1))


def previous_banking_day(day: date) -> date:
    """Give the last banking day before `day`, never `day` itself."""
    return _step(day, timedelta(days=-1))


def add_banking_days(day: date, count: int) -> date:
    """Go `count` banking days forward from `day`, or back if it is negative; 0 is `day` itself.

    `day` need not be a banking day: from a Saturday, one forward is the next banking day.
    """
    step = timedelta(days=1 if count > 0 else -1)
    for _each in range(abs(count)):
        day = _step(day, step)
    return day


def last_banking_day(year: int, month: int) -> date:
    """Give the last banking day of a month: the day on which monthly benefits are paid out.

    It is never 31 December, on which banks are always closed.
    """
    first_of_next = date(year + month // 12, month % 12 + 1, 1)
    return previous_banking_day(first_of_next)


def _step(day: date, step: timedelta) -> date:
    day += step
    while not is_banking_day(day):
        day += step
    return day
