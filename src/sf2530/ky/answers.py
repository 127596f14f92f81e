"""Store the agreements of an accepted answer, as given: it is a snapshot, and the run uses it as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from sf2530.ky.runs import RunId
from sf2530.ky.tables import answered_agreement
from sf2530.records.reading import Decoded

_ROWS_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What an accepted answer holds: how many agreements, and what they add up to."""

    agreements: int
    agreed_ore: int


def store(tx: Connection, run_id: RunId, decoded: Decoded) -> Answered:
    """Store every agreement of the answer for the run."""
    rows = (_row(run_id, record) for record in decoded.rows("020"))
    count = agreed_ore = 0
    while batch := list(islice(rows, _ROWS_AT_ONCE)):
        tx.execute(sa.insert(answered_agreement), batch)
        count += len(batch)
        agreed_ore += sum(row["agreed_ore"] for row in batch)
    return Answered(agreements=count, agreed_ore=agreed_ore)


def _row(run_id: RunId, record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "agreement_number": record["AFTALENR"],
        "cpr": record["PNR"],
        "agreement_type": record["AFTALETYPE"],
        "priority": record["PRIORITET"],
        "agreed_ore": record["MDRBELOEB"],
        "valid_from": record["GYLDIG_FRA"],
        "valid_to": record["GYLDIG_TIL"],
        "due_date": record["FORFALDSDATO"],
        "contributions": record["ANTAL_BIDRAG"],
        "claim_reference": record["KRAVREF"],
    }
