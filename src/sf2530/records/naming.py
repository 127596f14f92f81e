"""How a run's files are known: the payout run's key, delivery ids and file names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, NewType

from sf2530.denmark.municipalities import MunicipalityCode, UnknownMunicipality, municipality
from sf2530.records.layout import FileKind

DeliveryId = NewType("DeliveryId", str)
"""LEVERANCEID of a file, also its SendersFileId on the platform; 20 characters at most."""

LETTERS: Final = {FileKind.INQUIRY: "F", FileKind.ANSWER: "S", FileKind.REJECT: "A", FileKind.REPORT: "T"}
"""The first letter of a delivery id."""

PREFIXES: Final = {
    FileKind.INQUIRY: "BAFORESP",
    FileKind.ANSWER: "BASVAR",
    FileKind.REJECT: "BAAFVIS",
    FileKind.REPORT: "KHTILBAG",
}
"""The first word of a file's name (assumption 7)."""

_DELIVERY_ID = re.compile(r"([A-Z])(\d{4})(\d{8})(MD|SU)(\d{2})", re.ASCII)
_FILE_NAME = re.compile(r"([A-Z]+)_(\d{4})_(\d{8})_(MD|SU)(\d{2})\.txt", re.ASCII)


class RunType(StrEnum):
    """What kind of payout run it is (KOERSELSTYPE)."""

    MONTHLY = "MD"
    SUPPLEMENTARY = "SU"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class RunKey:
    """What a payout run of a municipality is known by, on both sides. `sequence` counts from 1 to 99."""

    municipality: MunicipalityCode
    value_date: date
    run_type: RunType = RunType.MONTHLY
    sequence: int = 1

    def __str__(self) -> str:
        return f"{self.municipality}{self.value_date:%Y%m%d}{self.run_type}{self.sequence:02d}"


def delivery_id(kind: FileKind, key: RunKey) -> DeliveryId:
    """Give the delivery id of one of the run's files: `F010120261130MD01` for its inquiry."""
    return DeliveryId(f"{LETTERS[kind]}{key}")


def file_name(kind: FileKind, key: RunKey) -> str:
    """Give the name of one of the run's files: `BAFORESP_0101_20261130_MD01.txt` for its inquiry."""
    run = f"{key.run_type}{key.sequence:02d}"
    return f"{PREFIXES[kind]}_{key.municipality}_{key.value_date:%Y%m%d}_{run}.txt"


def run_of_delivery(text: str | None, kind: FileKind) -> RunKey | None:
    """Read the run's key out of the delivery id of a file of `kind`; None where it has another form.

    >>> str(run_of_delivery("F010120261130MD01", FileKind.INQUIRY))
    '010120261130MD01'
    >>> run_of_delivery("F010120261131MD01", FileKind.INQUIRY)  # the 31st of November
    """
    found = _DELIVERY_ID.fullmatch(text or "")
    return _key(found) if found and found[1] == LETTERS[kind] else None


def run_of_file(name: str, kind: FileKind | None = None) -> RunKey | None:
    """Read the run's key out of a file name, of `kind` if given; None where it has another form."""
    found = _FILE_NAME.fullmatch(name)
    expected = PREFIXES.values() if kind is None else (PREFIXES[kind],)
    return _key(found) if found and found[1] in expected else None


def _key(found: re.Match[str]) -> RunKey | None:
    _first, code, day, run_type, sequence = found.groups()
    try:
        key = RunKey(
            municipality=municipality(code).code,
            value_date=date(int(day[:4]), int(day[4:6]), int(day[6:])),
            run_type=RunType(run_type),
            sequence=int(sequence),
        )
    except (ValueError, UnknownMunicipality):
        return None
    return key if key.sequence else None
