"""The key of a payout run, and the delivery ids and file names that follow from it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NewType

from sf2530.denmark.municipalities import MunicipalityCode

DeliveryId = NewType("DeliveryId", str)
"""LEVERANCEID of a file, also its SendersFileId on the platform."""

_TAIL = re.compile(r"(\d{4})(\d{8})(MD|SU)(\d{2})", re.ASCII)
_NAME = re.compile(r"[A-Z]+_(\d{4})_(\d{8})_(MD|SU)(\d{2})\.txt", re.ASCII)


class RunType(StrEnum):
    """What kind of payout run it is (KOERSELSTYPE)."""

    MONTHLY = "MD"
    SUPPLEMENTARY = "SU"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class RunKey:
    """What a payout run is known by: planning the same key twice plans one run."""

    municipality: MunicipalityCode
    value_date: date
    run_type: RunType = RunType.MONTHLY
    sequence: int = 1

    def __str__(self) -> str:
        return f"{self.municipality} {self.value_date.isoformat()} {self.run_type}{self.sequence:02d}"


def inquiry_id(key: RunKey) -> DeliveryId:
    """Give the delivery id of the run's inquiry: `F010120261130MD01`."""
    return _delivery_id("F", key)


def report_id(key: RunKey) -> DeliveryId:
    """Give the delivery id of the run's withholding report: `T010120261130MD01`."""
    return _delivery_id("T", key)


def inquiry_name(key: RunKey) -> str:
    """Give the file name of the run's inquiry: `BAFORESP_0101_20261130_MD01.txt`."""
    return _file_name("BAFORESP", key)


def report_name(key: RunKey) -> str:
    """Give the file name of the run's withholding report: `KHTILBAG_0101_20261130_MD01.txt`."""
    return _file_name("KHTILBAG", key)


def key_in_delivery_id(delivery_id: str | None) -> RunKey | None:
    """Read the run's key out of any of its delivery ids; None where it has another form."""
    return _key(_TAIL.fullmatch(delivery_id[1:])) if delivery_id else None


def key_in_file_name(name: str) -> RunKey | None:
    """Read the run's key out of any of its file names; None where it has another form."""
    return _key(_NAME.fullmatch(name))


def _delivery_id(letter: str, key: RunKey) -> DeliveryId:
    return DeliveryId(f"{letter}{key.municipality}{key.value_date:%Y%m%d}{key.run_type}{key.sequence:02d}")


def _file_name(prefix: str, key: RunKey) -> str:
    return f"{prefix}_{key.municipality}_{key.value_date:%Y%m%d}_{key.run_type}{key.sequence:02d}.txt"


def _key(found: re.Match[str] | None) -> RunKey | None:
    if found is None:
        return None
    municipality, day, run_type, sequence = found.groups()
    try:
        value_date = date(int(day[:4]), int(day[4:6]), int(day[6:]))
    except ValueError:
        return None
    return RunKey(
        municipality=MunicipalityCode(municipality),
        value_date=value_date,
        run_type=RunType(run_type),
        sequence=int(sequence),
    )
