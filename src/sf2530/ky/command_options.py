"""The options that KY's commands share: which configuration, which runs, how to print."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Annotated, ClassVar

import typer

from sf2530.denmark.municipalities import MunicipalityCode, municipality
from sf2530.errors import UseError
from sf2530.ky.runs import RunFilter
from sf2530.language import _
from sf2530.logs import mask_cpr_numbers
from sf2530.records.naming import RunKey, RunType

CONFIG = Path("ky.toml")

ConfigOption = Annotated[Path, typer.Option("--config", metavar="PATH", help=_("KY's configuration file."))]
ValueDateOption = Annotated[
    str, typer.Option("--value-date", metavar="YYYY-MM-DD", help=_("The value date."))
]
AnyValueDateOption = Annotated[
    str | None,
    typer.Option("--value-date", metavar="YYYY-MM-DD", help=_("Only runs of this value date.")),
]
MunicipalityOption = Annotated[
    str, typer.Option("--municipality", metavar="CODE", help=_("The municipality, as 101 or 0101."))
]
AnyMunicipalityOption = Annotated[
    str | None, typer.Option("--municipality", metavar="CODE", help=_("Only this municipality."))
]
RunTypeOption = Annotated[
    RunType, typer.Option("--run-type", help=_("MD: the main run; SU: a supplementary one."))
]
SequenceOption = Annotated[
    int,
    typer.Option("--sequence", min=1, max=99, help=_("The run's number among those of its day and type.")),
]

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)


class OptionWrong(UseError):
    """The value of an option can't be used."""

    code: ClassVar[str] = "option-wrong"


def day(text: str) -> date:
    """Read a date as an option has it. Raises OptionWrong."""
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise OptionWrong(
        _("This is not a date: %(text)s") % {"text": mask_cpr_numbers(text)},
        remedy=_("Write it as YYYY-MM-DD, as 2026-11-30."),
    )


def month(text: str) -> tuple[int, int]:
    """Read a month as an option has it. Raises OptionWrong."""
    found = _MONTH.fullmatch(text)
    if found and 1 <= int(found[2]) <= 12:  # noqa: PLR2004  months of a year
        return int(found[1]), int(found[2])
    raise OptionWrong(
        _("This is not a month: %(text)s") % {"text": mask_cpr_numbers(text)},
        remedy=_("Write it as YYYY-MM, as 2026-11."),
    )


def run_key(code: str, value_date: str, run_type: RunType, sequence: int) -> RunKey:
    """Give the run that options name. Raises OptionWrong, UnknownMunicipality."""
    return RunKey(
        municipality=municipality(code).code, value_date=day(value_date), run_type=run_type, sequence=sequence
    )


def run_filter(code: str | None, value_date: str | None) -> RunFilter:
    """Give the runs that options narrow down to. Raises OptionWrong, UnknownMunicipality."""
    return RunFilter(
        municipality=None if code is None else MunicipalityCode(municipality(code).code),
        value_date=None if value_date is None else day(value_date),
    )
