"""Numbers as the chosen language writes them: 25.000 and 4,6 in Danish, 25,000 and 4.6 in English."""

from __future__ import annotations

from babel.numbers import format_decimal

from sf2530.language.choosing import chosen


def number(value: int) -> str:
    """Write a whole number with its thousands parted."""
    return str(format_decimal(value, locale=chosen().value))


def tenths(value: float) -> str:
    """Write a number with one decimal, rounded."""
    return str(format_decimal(round(value, 1), format="#,##0.0", locale=chosen().value))
