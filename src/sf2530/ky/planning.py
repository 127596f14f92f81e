"""Put payout runs into the plan. Planning twice plans once: the business date is part of the key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Connection, Engine

from sf2530.database.upserting import insert_new
from sf2530.denmark.municipalities import MunicipalityCode
from sf2530.ky.states import RunState
from sf2530.ky.tables import payout_run
from sf2530.ky.value_dates import RunDates
from sf2530.records.naming import RunType

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What came of planning: how many runs are new, and how many were there already."""

    new: int
    already: int


def plan(
    engine: Engine,
    municipalities: Iterable[MunicipalityCode],
    dates: RunDates,
    *,
    run_type: RunType = RunType.MONTHLY,
    sequence: int = 1,
    now: datetime,
) -> Planned:
    """Plan one run for each municipality. A run that is there already is left as it is."""
    common = {
        "value_date": dates.value_date,
        "run_type": run_type,
        "sequence": sequence,
        "period_from": dates.period_from,
        "period_to": dates.period_to,
        "ask_on": dates.ask_on,
        "planned_at": now,
        "state": RunState.PLANNED,
    }
    rows = [{"municipality": municipality, **common} for municipality in municipalities]
    with engine.begin() as tx:
        new = _insert_missing(tx, rows)
    _log.info("runs-planned", value_date=dates.value_date.isoformat(), new=new, already=len(rows) - new)
    return Planned(new=new, already=len(rows) - new)


def _insert_missing(tx: Connection, rows: list[dict[str, Any]]) -> int:
    """Insert what isn't there. Any number of planners may run it at once: each run is inserted by one."""
    if not rows:
        return 0
    return len(tx.execute(insert_new(tx, payout_run).returning(payout_run.c.id), rows).all())
