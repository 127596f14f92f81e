"""Money is whole øre in an int; this is how people write and read it."""

from __future__ import annotations

import re
from typing import ClassVar

from sf2530.errors import DataError
from sf2530.language import _

_GROUP_MARKS = ". \u00a0\u202f"
"""Point, space, no-break space, narrow no-break space: what Danish writers put between thousands."""

_WRITTEN_AMOUNT = re.compile(
    rf"""
    (?P<sign>[-\u2212]?)
    (?P<kroner>[0-9]{{1,3}}(?P<mark>[{_GROUP_MARKS}])[0-9]{{3}}(?:(?P=mark)[0-9]{{3}}){{0,4}}|[0-9]{{1,15}})
    ,(?P<ore>[0-9]{{2}})
    """,
    re.VERBOSE,
)


class AmountError(DataError):
    """A text is no amount in kroner, or could be read as more than one."""

    code: ClassVar[str] = "amount-wrong"


def format_ore(ore: int) -> str:
    """Write øre as kroner the Danish way.

    >>> format_ore(123456), format_ore(-5)
    ('1.234,56', '-0,05')
    """
    kroner, rest = divmod(abs(ore), 100)
    sign = "-" if ore < 0 else ""
    grouped = f"{kroner:,}".replace(",", ".")
    return f"{sign}{grouped},{rest:02d}"


def format_kroner(ore: int) -> str:
    """Write øre as kroner with their unit.

    >>> format_kroner(123456)
    '1.234,56 kr.'
    """
    return f"{format_ore(ore)} kr."


def parse_kroner(text: str) -> int:
    """Read an amount in kroner, written the Danish way, as whole øre.

    Thousands may stand together or be parted by points or spaces. The comma and both øre digits must
    be there: "1.234" could be 1,234 kroner or 1 krone and 23.4 øre, "1234" kroner or øre, and a
    wrong guess is a payment a hundred times too big. Raises AmountError; also beyond 15 digits of kroner.

    >>> parse_kroner("1.234,56"), parse_kroner("1234,56"), parse_kroner("1 234,56")
    (123456, 123456, 123456)
    """
    written = _WRITTEN_AMOUNT.fullmatch(text)
    if written is None:
        raise AmountError(
            _("This is not an amount in kroner that can be read in one way only"),
            where=_shape(text),
            remedy=_("Write kroner, a comma and two digits of øre: 1.234,56 or 1234,56."),
        )
    kroner = "".join(digit for digit in written["kroner"] if digit not in _GROUP_MARKS)
    ore = int(kroner) * 100 + int(written["ore"])
    return -ore if written["sign"] else ore


def _shape(text: str) -> str:
    """Show how a text is written but none of its figures: it may be a CPR number in the wrong column."""
    return re.sub(r"\d", "#", text)
