"""Report (SF2520): tell UDK Debitor what was withheld for every answered agreement, zero included.

The report is written once, from the stored withholdings, in the transaction that moves the run on. It is
closed when the platform's technical receipt is in. If the process dies before the commit, the run is still
allocated and any worker reports it; after it, any process sends the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy import Connection, Engine

from sf2530.database.leases import Lease
from sf2530.exchange import outgoing
from sf2530.ky import runs
from sf2530.ky.envelopes import Terms, inquiry_id, start_record
from sf2530.ky.runs import Run
from sf2530.ky.states import RunState
from sf2530.ky.tables import answered_agreement, payment, withholding
from sf2530.language import _
from sf2530.records.layout import FileKind
from sf2530.records.naming import delivery_id, file_name
from sf2530.records.writing import encode

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What a report holds: one line per answered agreement, and the sum of what was withheld."""

    lines: int
    withheld_ore: int


def report(engine: Engine, lease: Lease, *, terms: Terms, now: datetime) -> Reported:
    """Put the leased run's withholding report into the outbox. Raises LeaseLost with nothing written."""
    with engine.begin() as tx:
        run = runs.held(tx, lease, now=now)
        lines = list(_lines(tx, run))
        _put_report(tx, run, lines, terms=terms, now=now)
        reported = Reported(lines=len(lines), withheld_ore=sum(line["TILBAGEHOLDT_BELOEB"] for line in lines))
        runs.move(
            tx,
            run,
            to=RunState.REPORTED,
            now=now,
            lease=lease,
            reported=reported.lines,
            reported_ore=reported.withheld_ore,
        )
    _log.info("run-reported", run=str(run.key), lines=reported.lines)
    return reported


def _put_report(
    tx: Connection, run: Run, lines: list[dict[str, Any]], *, terms: Terms, now: datetime
) -> None:
    outgoing.put(
        tx,
        name=file_name(FileKind.REPORT, run.key),
        content=write_report(run, lines, terms=terms),
        recipient=terms.counterpart,
        senders_file_id=delivery_id(FileKind.REPORT, run.key),
        subject=_("Withholding report %(run)s") % {"run": run.key},
        now=now,
    )


def write_report(run: Run, lines: list[dict[str, Any]], *, terms: Terms) -> bytes:
    """Write the report of an allocated run. Pure: the same run and lines give the same bytes."""
    if run.allocated_at is None:
        message = "only an allocated run is reported"
        raise ValueError(message)
    start = start_record(
        run, FileKind.REPORT, terms=terms, produced_at=run.allocated_at, reference=inquiry_id(run)
    )
    return encode(terms.layouts[FileKind.REPORT], start=start, rows={"030": lines})


def _lines(tx: Connection, run: Run) -> Iterator[dict[str, Any]]:
    """Give one line per withholding, by person, in the order the agreements were filled."""
    agreement = answered_agreement.c
    query = (
        sa.select(
            agreement.cpr,
            agreement.agreement_number,
            agreement.agreed_ore,
            withholding.c.withheld_ore,
            withholding.c.reason,
            withholding.c.payment_reference,
            payment.c.benefit_code,
            payment.c.period_from,
            payment.c.period_to,
        )
        .select_from(withholding)
        .join(answered_agreement, _same(withholding.c, agreement, "agreement_number"))
        .outerjoin(payment, _same(withholding.c, payment.c, "payment_reference"))
        .where(withholding.c.run_id == run.id)
        .order_by(agreement.cpr, agreement.priority, agreement.valid_from, agreement.agreement_number)
    )
    return (_line(run, row) for row in tx.execute(query))


def _same(left: Any, right: Any, name: str) -> sa.ColumnElement[bool]:
    return sa.and_(left.run_id == right.run_id, left[name] == right[name])


def _line(run: Run, row: Any) -> dict[str, Any]:
    """Make one line. Where nobody was paid, no payment is named, and the run's period stands."""
    return {
        "PNR": row.cpr,
        "AFTALENR": row.agreement_number,
        "AFTALT_BELOEB": row.agreed_ore,
        "TILBAGEHOLDT_BELOEB": row.withheld_ore,
        "DISPOSITIONSDATO": run.key.value_date,
        "PERIODE_FRA": row.period_from or run.period_from,
        "PERIODE_TIL": row.period_to or run.period_to,
        "YDELSESKODE": row.benefit_code or "",
        "AARSAGSKODE": row.reason,
        "BETALINGSREF": row.payment_reference or "",
    }
