"""The key of a payout run, and the delivery ids and file names that follow from it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from typing import NewType

from sf2530.debitor.states import RunType
from sf2530.denmark.municipalities import MunicipalityCode, UnknownMunicipality, municipality

DeliveryId = NewType("DeliveryId", str)
"""LEVERANCEID of a file, also its SendersFileId on the platform; 20 characters at most."""

INQUIRY_LETTER = "F"
REPORT_LETTER = "T"
INQUIRY_PREFIX = "BAFORESP"
REPORT_PREFIX = "KHTILBAG"

_DELIVERY_ID = re.compile(r"([A-Z])(\d{4})(\d{8})(MD|SU)(\d{2})", re.ASCII)
_NAMED_MUNICIPALITY = re.compile(r"[A-Z]+_(\d{4})_", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class RunKey:
    """What a payout run of a municipality is known by, on both sides."""

    municipality: MunicipalityCode
    value_date: date
    run_type: RunType
    sequence: int

    def __str__(self) -> str:
        return f"{self.municipality}{self.value_date:%Y%m%d}{self.run_type}{self.sequence:02d}"


def run_key(delivery_id: str, letter: str) -> RunKey | None:
    """Read the run's key out of a delivery id that begins with `letter`; None where it has another form.

    >>> str(run_key("F010120261130MD01", "F"))
    '010120261130MD01'
    >>> run_key("F010120261131MD01", "F")  # the 31st of November
    """
    found = _DELIVERY_ID.fullmatch(delivery_id)
    if found is None or found[1] != letter or found[5] == "00":
        return None
    try:
        return RunKey(
            municipality=municipality(found[2]).code,
            value_date=date(int(found[3][:4]), int(found[3][4:6]), int(found[3][6:])),
            run_type=RunType(found[4]),
            sequence=int(found[5]),
        )
    except (ValueError, UnknownMunicipality):
        return None


def inquiry_id(key: RunKey) -> DeliveryId:
    """Give the delivery id of the run's inquiry: `F010120261130MD01`."""
    return DeliveryId(f"{INQUIRY_LETTER}{key}")


def answer_id(key: RunKey) -> DeliveryId:
    """Give the delivery id of the answer to the run's inquiry: `S010120261130MD01`."""
    return DeliveryId(f"S{key}")


def answer_name(key: RunKey) -> str:
    """Give the file name of the answer to the run's inquiry: `BASVAR_0101_20261130_MD01.txt`."""
    return _name("BASVAR", key)


def reject_id(refused: str, key: RunKey | None) -> DeliveryId:
    """Give the delivery id of the reject answer to the file named `refused`.

    With the run's key: `A010120261130MD01` for its inquiry, `AT010120261130MD01` for its report. Without, 19
    characters of a digest of the name, so that the same file is always refused under the same id.
    """
    if key is None:
        return DeliveryId(f"A{hashlib.sha256(refused.encode()).hexdigest()[:19].upper()}")
    return DeliveryId(f"A{REPORT_LETTER if _is_report(refused) else ''}{key}")


def reject_name(refused: str, key: RunKey | None) -> str:
    """Give the file name of the reject answer to the file named `refused`.

    With the run's key: `BAAFVIS_0101_20261130_MD01.txt` for its inquiry. A report's reject, and one for a
    file whose run can't be told, are named after the file: `BAAFVIS_KHTILBAG_0101_20261130_MD01.txt`.
    """
    if key is None or _is_report(refused):
        return f"BAAFVIS_{PurePosixPath(refused).stem}.txt"
    return _name("BAAFVIS", key)


def municipality_named(file_name: str) -> MunicipalityCode | None:
    """Give the municipality that a file's name speaks of: `BAFORESP_0101_…`; None where there is none."""
    found = _NAMED_MUNICIPALITY.match(file_name)
    try:
        return municipality(found[1]).code if found else None
    except UnknownMunicipality:
        return None


def _name(prefix: str, key: RunKey) -> str:
    return f"{prefix}_{key.municipality}_{key.value_date:%Y%m%d}_{key.run_type}{key.sequence:02d}.txt"


def _is_report(file_name: str) -> bool:
    return file_name.startswith(REPORT_PREFIX)
