"""CPR numbers: ten digits of text that begin with a date of birth, and how to show them masked."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, NewType

from sf2530.errors import DataError
from sf2530.language import _

CprNumber = NewType("CprNumber", str)

LENGTH = 10
TEST_DAY_OFFSET = 60
"""Made-up persons have 60 added to their day of birth, so that no real person can be meant."""


class CprError(DataError):
    """A text is not a CPR number. Names it masked only."""

    code: ClassVar[str] = "cpr-wrong"


def parse(text: str, *, test_numbers: bool = True) -> CprNumber:
    """Take `text` as a CPR number: exactly ten ASCII digits that begin with a real date, ddmmyy.

    Nothing is stripped or repaired: a space or a hyphen is an error. Modulus 11 is never asked for:
    valid numbers without it have been issued since 1 October 2007 (cpr.dk, "Personnumre uden
    kontrolciffer"). A birth date in the future is no error here, since that would need a clock.
    Numbers with 60 added to the day belong to made-up persons and count unless `test_numbers` is
    false. Raises CprError.

    >>> parse("6101901234")
    '6101901234'
    """
    if len(text) != LENGTH or not _all_digits(text):
        raise CprError(
            _("A CPR number is exactly ten digits, without spaces or hyphen"),
            where=mask(text),
            remedy=_("Write it as ten digits, leading zeros kept."),
        )
    cpr = CprNumber(text)
    if not test_numbers and is_test_number(cpr):
        raise CprError(
            _("The CPR number belongs to a made-up person: 60 is added to the day of birth"),
            where=mask(text),
            remedy=_("Use test numbers only where test numbers are allowed."),
        )
    birth_date(cpr)
    return cpr


def birth_date(cpr: CprNumber) -> date:
    """Give the date of birth that the number begins with; for a test number without its added 60.

    Raises CprError if there is no such date.
    """
    day, month, year = int(cpr[0:2]), int(cpr[2:4]), int(cpr[4:6])
    if is_test_number(cpr):
        day -= TEST_DAY_OFFSET
    try:
        return date(century(int(cpr[6]), year) + year, month, day)
    except ValueError as error:
        raise CprError(
            _("The CPR number does not begin with a date"),
            where=mask(cpr),
            remedy=_("Correct the number at its source: the first six digits are day, month and year."),
        ) from error


def century(seventh_digit: int, two_digit_year: int) -> int:
    """Give the century of birth, as 1800, 1900 or 2000, that digit 7 stands for in that year.

    The rule is that of the CPR office, "Personnummeret i CPR":

    | digit 7 | years 00-36 | 37-57 | 58-99 |
    |---------|-------------|-------|-------|
    | 0-3     | 1900        | 1900  | 1900  |
    | 4, 9    | 2000        | 1900  | 1900  |
    | 5-8     | 2000        | 2000  | 1800  |

    >>> century(4, 36), century(4, 37), century(8, 57), century(8, 58)
    (2000, 1900, 2000, 1800)
    """
    if seventh_digit <= 3:  # noqa: PLR2004  the rule's own figures, as in the table above
        return 1900
    if seventh_digit in (4, 9):
        return 2000 if two_digit_year <= 36 else 1900  # noqa: PLR2004  same
    return 2000 if two_digit_year <= 57 else 1800  # noqa: PLR2004  same


def is_test_number(cpr: CprNumber) -> bool:
    """Say whether the number belongs to a made-up person: 60 added to the day of birth."""
    return int(cpr[0:2]) > TEST_DAY_OFFSET


def mask(text: str) -> str:
    """Make `text` fit to be shown: the birth date of a CPR number, and stars for all else.

    What is not ten digits may be a CPR number written in another way, so all of it is starred.

    >>> mask("6101901234"), mask("610190-1234")
    ('610190****', '***********')
    """
    if len(text) == LENGTH and _all_digits(text):
        return text[:6] + "****"
    return "*" * len(text)


def _all_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
