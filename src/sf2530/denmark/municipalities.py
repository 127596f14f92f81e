"""The 98 Danish municipalities, by their four-digit code."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import ClassVar, NewType

from sf2530.denmark import cpr
from sf2530.errors import DataError
from sf2530.language import _

MunicipalityCode = NewType("MunicipalityCode", str)

CHRISTIANSO = "0411"
"""In many code lists, but run by the state and no municipality (Danmarks Statistik, amt-kom)."""


class UnknownMunicipality(DataError):
    """A code is not that of a municipality."""

    code: ClassVar[str] = "municipality-unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Municipality:
    """One municipality. Its region is for showing only: regions merge, and no rule hangs on them."""

    code: MunicipalityCode
    name: str
    region: str


def municipality(code: str) -> Municipality:
    """Find the municipality with `code`, in four digits as in files ("0101") or three as in speech ("101").

    Raises UnknownMunicipality, for Christiansø (0411) too.
    """
    found = _by_code().get(_four_digits(code))
    if found is None:
        raise _unknown(code)
    return found


@cache
def all_municipalities() -> tuple[Municipality, ...]:
    """Give all 98, in the order of their codes."""
    with files(__package__).joinpath("municipalities.csv").open(encoding="utf-8") as file:
        return tuple(
            Municipality(code=MunicipalityCode(row["code"]), name=row["name"], region=row["region"])
            for row in csv.DictReader(file)
        )


@cache
def _by_code() -> Mapping[str, Municipality]:
    return MappingProxyType({one.code: one for one in all_municipalities()})


def _four_digits(code: str) -> str:
    return f"0{code}" if len(code) == len("101") else code


def _unknown(code: str) -> UnknownMunicipality:
    if _four_digits(code) == CHRISTIANSO:
        return UnknownMunicipality(
            _("Christiansø has the code 0411 but is no municipality: it is run by the state"),
            where=code,
            remedy=_("Use the code of the municipality that pays."),
        )
    return UnknownMunicipality(
        _("There is no municipality with this code"),
        where=code if len(code) <= len(CHRISTIANSO) else cpr.mask(code),
        remedy=_("Municipality codes have four digits, from 0101 to 0860."),
    )
