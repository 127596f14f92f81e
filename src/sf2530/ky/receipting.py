"""What the platform's technical receipts do to a run: delivered, closed, or held for a person.

Receipts and answers come from different senders, in any order, and twice: whatever a receipt tells that the
run knows already, or has gone beyond, changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
import structlog
from sqlalchemy import Connection

from sf2530.denmark.business_time import Clock
from sf2530.exchange.documents import ErrorMessage
from sf2530.exchange.outgoing import OutgoingFile
from sf2530.exchange.receipts import ReceiptHooks
from sf2530.ky import runs
from sf2530.ky.runs import Run
from sf2530.ky.states import RunState
from sf2530.ky.tables import payout_run
from sf2530.language import _
from sf2530.records.layout import FileKind
from sf2530.records.naming import run_of_delivery

_log = structlog.get_logger()

_WAITING_FOR: Final = {(FileKind.INQUIRY, RunState.ASKED), (FileKind.REPORT, RunState.REPORTED)}
"""Which file's receipt a run waits for, in which state."""


def receipt_hooks(clock: Clock) -> ReceiptHooks:
    """Give the hooks that the exchange calls in the transaction that closes a file of ours."""
    return ReceiptHooks(
        delivered=lambda tx, file: _note_delivered(tx, file, clock),
        refused=lambda tx, file, errors: _note_refused(tx, file, errors, clock),
    )


def _note_delivered(tx: Connection, file: OutgoingFile, clock: Clock) -> None:
    kind, run = _run_of(tx, file)
    if run is None:
        return
    if kind is FileKind.REPORT and run.state in {RunState.REPORTED, RunState.HELD}:
        runs.move(tx, run, to=RunState.CLOSED, now=clock())
        _log.info("run-closed", run=str(run.key))
    elif kind is FileKind.INQUIRY and run.awaits_answer and run.state is not RunState.DELIVERED:
        runs.move(tx, run, to=RunState.DELIVERED, now=clock())
        _log.info("inquiry-delivered", run=str(run.key))
    elif kind is FileKind.INQUIRY and run.delivered_at is None:  # the answer was faster
        tx.execute(sa.update(payout_run).where(payout_run.c.id == run.id).values(delivered_at=clock()))


def _note_refused(tx: Connection, file: OutgoingFile, errors: Sequence[ErrorMessage], clock: Clock) -> None:
    """Hold the run; the exchange raises the alarm."""
    kind, run = _run_of(tx, file)
    if (
        run is None or (kind, run.state) not in _WAITING_FOR
    ):  # a late word about the inquiry of a run beyond it
        return
    reasons = "; ".join(f"{error.code} {error.description}" for error in errors)
    problem = _("The platform refused %(file)s: %(reasons)s") % {"file": file.name, "reasons": reasons}
    runs.move(tx, run, to=RunState.HELD, now=clock(), problem=problem)
    _log.warning("run-held", run=str(run.key))


def _run_of(tx: Connection, file: OutgoingFile) -> tuple[FileKind | None, Run | None]:
    for kind in (FileKind.INQUIRY, FileKind.REPORT):
        key = run_of_delivery(file.senders_file_id, kind)
        if key is not None:
            return kind, runs.find(tx, key)
    return None, None
