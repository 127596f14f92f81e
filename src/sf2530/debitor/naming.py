"""How reject answers are named, and what the name of a received file tells. Other names: `records.naming`."""

from __future__ import annotations

import hashlib
import re
from pathlib import PurePosixPath

from sf2530.denmark.municipalities import MunicipalityCode, UnknownMunicipality, municipality
from sf2530.records.layout import FileKind
from sf2530.records.naming import LETTERS, PREFIXES, DeliveryId, RunKey, delivery_id, file_name

_NAMED_MUNICIPALITY = re.compile(r"[A-Z]+_([0-9]{4})_")


def reject_id(refused: str, kind: FileKind, key: RunKey | None) -> DeliveryId:
    """Give the delivery id of the reject answer to the file named `refused`.

    With the run's key: `A010120261130MD01` for its inquiry, `AT010120261130MD01` for its report. Without, 19
    characters of a digest of the name, so that the same file is always refused under the same id.
    """
    if key is None:
        return DeliveryId(f"A{hashlib.sha256(refused.encode()).hexdigest()[:19].upper()}")
    if kind is FileKind.INQUIRY:
        return delivery_id(FileKind.REJECT, key)
    return DeliveryId(f"{LETTERS[FileKind.REJECT]}{delivery_id(kind, key)}")


def reject_name(refused: str, kind: FileKind, key: RunKey | None) -> str:
    """Give the file name of the reject answer to the file named `refused`.

    With the run's key: `BAAFVIS_0101_20261130_MD01.txt` for its inquiry,
    `BAAFVIS_KHTILBAG_0101_20261130_MD01.txt` for its report. Without, it is named after the file.
    """
    if key is not None and kind is FileKind.INQUIRY:
        return file_name(FileKind.REJECT, key)
    after = refused if key is None else file_name(kind, key)
    return f"{PREFIXES[FileKind.REJECT]}_{PurePosixPath(after).stem}.txt"


def municipality_named(received: str) -> MunicipalityCode | None:
    """Give the municipality that a file's name speaks of: `BAFORESP_0101_…`; None where there is none."""
    found = _NAMED_MUNICIPALITY.match(received)
    try:
        return municipality(found[1]).code if found else None
    except UnknownMunicipality:
        return None
