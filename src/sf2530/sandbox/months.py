"""Whole months counted from the month of a value date."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache


@cache
def first_day(value_date: date, months: int) -> date:
    """Give the first day of the month `months` after that of `value_date`; before it if negative."""
    month_number = value_date.year * 12 + value_date.month - 1 + months
    year, month = divmod(month_number, 12)
    return date(year, month + 1, 1)


@cache
def last_day(value_date: date, months: int) -> date:
    """Give the last day of the month `months` after that of `value_date`; before it if negative."""
    return first_day(value_date, months + 1) - timedelta(days=1)
