"""The calendar of a payout run: its value date, the benefit period it pays, and the day to ask. Pure."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from sf2530.denmark.banking_days import add_banking_days, last_banking_day


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDates:
    """The days of one payout run, all business dates in Denmark."""

    value_date: date
    period_from: date
    period_to: date
    ask_on: date


def monthly_dates(year: int, month: int, *, ask_banking_days_before: int) -> RunDates:
    """Give the dates of the monthly run: paid on the month's last banking day, in arrears for that month.

    >>> monthly_dates(2026, 12, ask_banking_days_before=5).value_date
    datetime.date(2026, 12, 30)
    """
    return dates_of(last_banking_day(year, month), ask_banking_days_before=ask_banking_days_before)


def dates_of(value_date: date, *, ask_banking_days_before: int) -> RunDates:
    """Give the dates of a run with a value date of its own choosing: it pays for the month it lies in.

    How long before the payout KY asks is not public (assumption); so it is a setting.
    """
    last = monthrange(value_date.year, value_date.month)[1]
    return RunDates(
        value_date=value_date,
        period_from=value_date.replace(day=1),
        period_to=value_date.replace(day=last),
        ask_on=add_banking_days(value_date, -ask_banking_days_before),
    )
