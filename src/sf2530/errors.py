"""The errors that stop us: each says what, where and what to do, and knows its exit status."""

from __future__ import annotations

from typing import ClassVar


class Sf2530Error(Exception):
    """Something stopped the work. Texts are for people: masked, and in the chosen language.

    `code` is stable and kebab-case; `exit_status` is what the command line ends with
    (1 wrong data, 2 wrong use, 3 could not reach something).
    """

    code: ClassVar[str] = "error"
    exit_status: ClassVar[int] = 1

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.remedy = remedy

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f"\n{self.remedy}" if self.remedy else ""
        return f"{place}{self.what}{advice}"


class DataError(Sf2530Error):
    """Something is wrong in the data that was handed to us."""

    code = "data-wrong"


class UseError(Sf2530Error):
    """A command, setting or call was used wrongly."""

    code = "wrong-use"
    exit_status = 2


class UnreachableError(Sf2530Error):
    """A server, database or disk could not be reached."""

    code = "unreachable"
    exit_status = 3
