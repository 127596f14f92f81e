"""CPR numbers of made-up persons: as many as wanted, each once, 60 added to every day of birth."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from math import gcd

from sf2530.denmark.cpr import TEST_DAY_OFFSET, CprNumber, century
from sf2530.sandbox.dice import Dice

_FIRST_BIRTHDAY = date(1960, 1, 1)
_BIRTHDAYS = (date(2006, 1, 1) - _FIRST_BIRTHDAY).days
_TAILS_A_DAY = 6000
"""Each of these years can be meant by six of the ten digits 7, each with 000-999 after it."""

HOW_MANY = _BIRTHDAYS * _TAILS_A_DAY
"""How many different numbers there are: some hundred million."""


class MadeUpNumbers:
    """The made-up CPR numbers of one seed, by index: different indexes give different numbers.

    All numbers there are stand in a circle, and a step that shares no divisor with its length visits
    each of them once. So a municipality can make its own numbers without knowing those of any other.
    """

    def __init__(self, seed: int) -> None:
        dice = Dice(seed, "numbers")
        self._start = dice.below(HOW_MANY)
        self._step = dice.below(HOW_MANY)
        while gcd(self._step, HOW_MANY) != 1:
            self._step += 1

    def number(self, index: int) -> CprNumber:
        """Give the number at `index`, which is 0 or more and below HOW_MANY."""
        place = (self._start + index * self._step) % HOW_MANY
        tail, birthday = divmod(place, _BIRTHDAYS)
        front, year = _birthdays()[birthday]
        return CprNumber(front + _tails(year)[tail])


@cache
def _birthdays() -> list[tuple[str, int]]:
    """Give the first six digits and the year of every birthday."""
    days = (_FIRST_BIRTHDAY + timedelta(days=n) for n in range(_BIRTHDAYS))
    return [(f"{day.day + TEST_DAY_OFFSET}{day:%m%y}", day.year) for day in days]


@cache
def _tails(year: int) -> list[str]:
    """Give the last four digits that the century rule allows in a year."""
    return [f"{n:04d}" for n in range(10_000) if century(n // 1000, year % 100) + year % 100 == year]
