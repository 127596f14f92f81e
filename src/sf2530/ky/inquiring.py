"""Ask: put a run's inquiry into the outbox. One inquiry per run, and it lists no persons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy import Connection, Engine

from sf2530.database.engines import reading
from sf2530.denmark.business_time import business_date
from sf2530.exchange import outgoing
from sf2530.ky import runs
from sf2530.ky.envelopes import Terms, inquiry_id, start_record
from sf2530.ky.runs import Run, RunFilter
from sf2530.ky.states import RunState
from sf2530.language import _
from sf2530.records.layout import FileKind
from sf2530.records.naming import RunKey, file_name
from sf2530.records.writing import encode

_log = structlog.get_logger()


def ask_all(engine: Engine, which: RunFilter, *, terms: Terms, now: datetime) -> list[RunKey]:
    """Ask for every planned run that is meant, each in a transaction of its own; give those asked for.

    Safe to say twice, and by two people at once: a run that was asked for meanwhile is passed over.
    """
    with reading(engine) as tx:
        planned = runs.chosen(tx, which, state=RunState.PLANNED)
    return [run.key for run in planned if ask(engine, run.key, terms=terms, now=now)]


def ask(engine: Engine, key: RunKey, *, terms: Terms, now: datetime) -> bool:
    """Put the planned run's inquiry into the outbox; say whether that was done, or the run is beyond it.

    If the process dies before the commit, the run is still planned; after it, any process sends the file.
    """
    with engine.begin() as tx:
        run = runs.get(tx, key)
        if run.state is not RunState.PLANNED:
            return False
        _put_inquiry(tx, run, terms=terms, now=now)
        runs.move(tx, run, to=RunState.ASKED, now=now)
    _log.info("run-asked", run=str(key))
    return True


def _put_inquiry(tx: Connection, run: Run, *, terms: Terms, now: datetime) -> None:
    outgoing.put(
        tx,
        name=file_name(FileKind.INQUIRY, run.key),
        content=write_inquiry(run, terms=terms, now=now),
        recipient=terms.counterpart,
        senders_file_id=inquiry_id(run),
        subject=_("Inquiry %(run)s") % {"run": run.key},
        now=now,
    )


def write_inquiry(run: Run, *, terms: Terms, now: datetime) -> bytes:
    """Write the run's one collective inquiry. Pure."""
    return encode(
        terms.layouts[FileKind.INQUIRY],
        start=start_record(run, FileKind.INQUIRY, terms=terms, produced_at=now),
        rows={"010": _records(run, now)},
    )


def _records(run: Run, now: datetime) -> Sequence[dict[str, object]]:
    return [
        {
            "FORESPID": inquiry_id(run),
            "KOERSELSDATO": business_date(now),
            "DISPOSITIONSDATO": run.key.value_date,
            "PERIODE_FRA": run.period_from,
            "PERIODE_TIL": run.period_to,
            "KOERSELSTYPE": run.key.run_type,
        }
    ]
