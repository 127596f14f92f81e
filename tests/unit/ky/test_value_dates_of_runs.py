from __future__ import annotations

from datetime import date

import pytest

from sf2530.denmark.banking_days import is_banking_day
from sf2530.ky.value_dates import dates_of, monthly_dates


@pytest.mark.parametrize(
    ("year", "month", "value_date"),
    [
        (2026, 1, date(2026, 1, 30)),
        (2026, 5, date(2026, 5, 29)),
        (2026, 12, date(2026, 12, 30)),
        (2027, 10, date(2027, 10, 29)),
        (2027, 12, date(2027, 12, 30)),
    ],
)
def test_a_monthly_run_is_paid_on_the_last_banking_day(year: int, month: int, value_date: date) -> None:
    assert monthly_dates(year, month, ask_banking_days_before=5).value_date == value_date


def test_a_run_pays_for_the_whole_month_its_value_date_lies_in() -> None:
    dates = monthly_dates(2028, 2, ask_banking_days_before=5)

    assert (dates.period_from, dates.period_to) == (date(2028, 2, 1), date(2028, 2, 29))


def test_the_day_to_ask_is_counted_in_banking_days() -> None:
    assert dates_of(date(2026, 4, 8), ask_banking_days_before=3).ask_on == date(2026, 3, 31)


@pytest.mark.parametrize("month", range(1, 13))
def test_the_day_to_ask_is_a_banking_day_before_the_payout(month: int) -> None:
    dates = monthly_dates(2026, month, ask_banking_days_before=5)

    assert is_banking_day(dates.ask_on)
    assert dates.ask_on < dates.value_date
