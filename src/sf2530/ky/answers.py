"""Store the agreements of an accepted answer, as given: it is a snapshot, and the run uses it as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from sf2530.ky.bulk import insert_rows
from sf2530.ky.runs import RunId
from sf2530.ky.tables import answered_agreement
from sf2530.records.reading import Decoded

_FIELD_OF = {
    "agreement_number": "AFTALENR",
    "cpr": "PNR",
    "agreement_type": "AFTALETYPE",
    "priority": "PRIORITET",
    "agreed_ore": "MDRBELOEB",
    "valid_from": "GYLDIG_FRA",
    "valid_to": "GYLDIG_TIL",
    "due_date": "FORFALDSDATO",
    "contributions": "ANTAL_BIDRAG",
    "claim_reference": "KRAVREF",
}
"""Which field of the agreement record goes into which column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What an accepted answer holds: how many agreements, and what they add up to."""

    agreements: int
    agreed_ore: int


def store(tx: Connection, run_id: RunId, decoded: Decoded) -> Answered:
    """Store every agreement of the answer for the run."""
    rows = (_row(run_id, record) for record in decoded.rows("020"))
    count = insert_rows(tx, answered_agreement, ("run_id", *_FIELD_OF), rows)
    return Answered(agreements=count, agreed_ore=int(decoded.columns["020"]["MDRBELOEB"].sum()))


def _row(run_id: RunId, record: Mapping[str, Any]) -> tuple[object, ...]:
    return (run_id, *(_stored(record[field]) for field in _FIELD_OF.values()))


def _stored(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
