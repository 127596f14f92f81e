"""See how far each municipality is, by looking into KY's and UDK Debitor's databases."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

import sqlalchemy as sa

from sf2530.database.engines import reading
from sf2530.debitor.states import ReportState
from sf2530.debitor.tables import withholding_report
from sf2530.denmark.municipalities import MunicipalityCode
from sf2530.exchange.alarms import Alarm, open_alarms
from sf2530.ky.states import RunState
from sf2530.ky.tables import payout_run
from sf2530.sandbox.databases import Databases
from sf2530.sandbox.progress import Step

_STEP_OF: Final[Mapping[RunState, Step]] = {
    RunState.PLANNED: Step.PLANNED,
    RunState.ASKED: Step.SENT,
    RunState.DELIVERED: Step.DELIVERED,
    RunState.ANSWERED: Step.ANSWERED,
    RunState.ALLOCATED: Step.WITHHELD,
    RunState.REPORTED: Step.REPORTED,
    RunState.CLOSED: Step.REPORTED,
}
"""What a run's state shows. A held or rejected run stands still where nobody can mistake it for done."""


def progress(databases: Databases, value_date: date) -> dict[MunicipalityCode, Step]:
    """Give each municipality's step. Settled: KY has closed the run and UDK Debitor settled its report."""
    query = sa.select(payout_run.c.municipality, payout_run.c.state).where(
        payout_run.c.value_date == value_date
    )
    with reading(databases.ky) as tx:
        states = {row.municipality: RunState(row.state) for row in tx.execute(query)}
    settled = _settled(databases.debitor, value_date) if RunState.CLOSED in states.values() else set()
    return {
        municipality: Step.SETTLED
        if state is RunState.CLOSED and municipality in settled
        else _STEP_OF.get(state, Step.PLANNED)
        for municipality, state in states.items()
    }


def alarms(databases: Databases) -> list[Alarm]:
    """Give what KY and UDK Debitor want a person to hear of."""
    found = []
    for engine in (databases.ky, databases.debitor):
        with reading(engine) as tx:
            found += open_alarms(tx)
    return found


def _settled(debitor: sa.Engine, value_date: date) -> set[str]:
    query = sa.select(withholding_report.c.municipality).where(
        withholding_report.c.value_date == value_date,
        withholding_report.c.state.in_([ReportState.SETTLED, ReportState.SETTLED_WITH_REFUSALS]),
    )
    with reading(debitor) as tx:
        return set(tx.execute(query).scalars())
