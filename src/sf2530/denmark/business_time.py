"""Time: UTC inside, Europe/Copenhagen at the edge, and the clock always an argument."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]
"""Says what time it is: an aware datetime in UTC. Only the outermost code makes one."""

COPENHAGEN = ZoneInfo("Europe/Copenhagen")


def utc_now() -> datetime:
    """Read the machine's clock. The only Clock outside tests."""
    return datetime.now(UTC)


def copenhagen(instant: datetime) -> datetime:
    """Give an instant as the clocks in Denmark show it. Raises ValueError if it has no time zone."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant.astimezone(COPENHAGEN)


def business_date(instant: datetime) -> date:
    """Give the date in Denmark at an instant: what schedules and repeats are keyed by.

    Raises ValueError if the instant has no time zone.
    """
    return copenhagen(instant).date()


def instant(day: date, at: time) -> datetime:
    """Give the instant, in UTC, at which the clocks in Denmark show `at` on `day`.

    Defined for both nights of the year that have no plain answer. A time in the hour that is missing
    in spring is taken as if the clock had not yet been put forward, so 02:30 is the instant shown as
    03:30. A time in the hour that comes twice in autumn is its first coming.
    Raises ValueError if `at` has a time zone of its own.
    """
    if at.tzinfo is not None:
        raise ValueError("a time of day in Denmark has no time zone of its own")
    return datetime.combine(day, at.replace(fold=0), tzinfo=COPENHAGEN).astimezone(UTC)
