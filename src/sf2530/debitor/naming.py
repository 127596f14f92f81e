"""How reject answers are named, and what the name of a received file tells. Other names: `records.naming`."""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

from sf2530.denmark.municipalities import MunicipalityCode, UnknownMunicipality, municipality
from sf2530.records.layout import FileKind
from sf2530.records.naming import LETTERS, PREFIXES, DeliveryId, RunKey, delivery_id, file_name

_NAME_BYTES = 200  # the longest file name is 243, with what stands around it
_NAMED_MUNICIPALITY = re.compile(r"[A-Z]+_([0-9]{4})_")


class Reject(NamedTuple):
    """How a reject answer is known."""

    file_name: str
    delivery_id: DeliveryId


def reject_of_run(kind: FileKind, key: RunKey) -> Reject:
    """Name the first reject answer to a run's file of `kind`.

    `BAAFVIS_0101_20261130_MD01.txt` and `A010120261130MD01` for its inquiry,
    `BAAFVIS_KHTILBAG_0101_20261130_MD01.txt` and `AT010120261130MD01` for its report.
    """
    if kind is FileKind.INQUIRY:
        return Reject(file_name(FileKind.REJECT, key), delivery_id(FileKind.REJECT, key))
    return Reject(
        f"{PREFIXES[FileKind.REJECT]}_{file_name(kind, key)}",
        DeliveryId(f"{LETTERS[FileKind.REJECT]}{delivery_id(kind, key)}"),
    )


def reject_of_file(refused: str, *, sender: str, sha256: str) -> Reject:
    """Name the reject answer to these bytes under this name from this sender, and to no others.

    For a file of no certain run, and for a run's file that takes the place of one that was refused:
    `BAAFVIS_<whole name>_<twelve hexadecimal digits>.txt`.
    """
    digest = hashlib.sha256(f"{sender}\n{refused}\n{sha256}".encode()).hexdigest().upper()
    readable = refused.encode()[:_NAME_BYTES].decode(errors="ignore")
    return Reject(
        f"{PREFIXES[FileKind.REJECT]}_{readable}_{digest[:12]}.txt",
        DeliveryId(f"{LETTERS[FileKind.REJECT]}{digest[:19]}"),
    )


def municipality_named(received: str) -> MunicipalityCode | None:
    """Give the municipality that a file's name speaks of: `BAFORESP_0101_…`; None where there is none."""
    found = _NAMED_MUNICIPALITY.match(received)
    try:
        return municipality(found[1]).code if found else None
    except UnknownMunicipality:
        return None
