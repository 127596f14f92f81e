"""Who writes to whom, and in which layouts: the terms, and the outside of our own files. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sf2530.denmark.business_time import copenhagen
from sf2530.ky.runs import Run
from sf2530.records.layout import FileKind, Layout
from sf2530.records.naming import DeliveryId, delivery_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What we have agreed with the counterpart. Names are SFTP users, which are the addresses too."""

    own_name: str
    counterpart: str
    """UDK Debitor; files of others are refused."""
    layouts: Mapping[FileKind, Layout]


def inquiry_id(run: Run) -> DeliveryId:
    """Give the delivery id of the run's inquiry, to which answer and report refer."""
    return delivery_id(FileKind.INQUIRY, run.key)


def start_record(
    run: Run, kind: FileKind, *, terms: Terms, produced_at: datetime, reference: str = ""
) -> Mapping[str, object]:
    """Give the start record of a file of ours.

    `produced_at` is an instant that the run keeps, so that the same file always has the same bytes.
    """
    local = copenhagen(produced_at)
    return {
        "KOMMUNENR": run.key.municipality,
        "PRODDATO": local.date(),
        "PRODTID": f"{local:%H%M%S}",
        "LEVERANCEID": delivery_id(kind, run.key),
        "REF_LEVERANCEID": reference,
        "AFSENDER": terms.own_name,
        "MODTAGER": terms.counterpart,
        "DISPOSITIONSDATO": run.key.value_date,
    }
