"""A run's payments list: replaced as a whole, any number of times, until the withholdings are computed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, ClassVar

import sqlalchemy as sa
import structlog
from sqlalchemy import Connection, Engine

from sf2530.database.engines import reading
from sf2530.errors import DataError, UseError
from sf2530.ky import runs
from sf2530.ky.bulk import insert_rows
from sf2530.ky.payment_files import read_payments
from sf2530.ky.payment_rows import FIELDS, PaymentRow
from sf2530.ky.runs import Run, RunId
from sf2530.ky.states import RunState, state_label
from sf2530.ky.tables import benefit, payment, payout_run
from sf2530.language import _, ngettext
from sf2530.records.findings import Finding, FindingLog
from sf2530.records.naming import RunKey

_FINDINGS_SHOWN = 20

_log = structlog.get_logger()


class PaymentsRefused(DataError):
    """A payments list has errors; none of it was taken. `findings` holds the first thousand."""

    code: ClassVar[str] = "payments-refused"

    def __init__(self, name: str, log: FindingLog) -> None:
        shown = "\n".join(f"  {finding}" for finding in log.kept[:_FINDINGS_SHOWN])
        super().__init__(
            ngettext(
                "The payments list has %(count)d error:", "The payments list has %(count)d errors:", log.total
            )
            % {"count": log.total}
            + f"\n{shown}",
            where=name,
            remedy=_("Nothing was imported. Correct the list and import the whole of it again."),
        )
        self.findings: Sequence[Finding] = log.kept


class PaymentsClosed(UseError):
    """The run's withholdings are computed, or it has ended: its payments can't change any more."""

    code: ClassVar[str] = "payments-closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentsReplaced:
    """What the run's payments list holds now; `net_ore` is the sum of all nets."""

    payments: int
    net_ore: int


def import_payments(
    engine: Engine, key: RunKey, file: BinaryIO, *, name: str, now: datetime
) -> PaymentsReplaced:
    """Check the whole list, and only then put it in place of the run's payments.

    Raises PaymentsRefused with every error, RunUnknown, or PaymentsClosed.
    """
    with reading(engine) as tx:
        benefits = frozenset(tx.execute(sa.select(benefit.c.code)).scalars())
    log = FindingLog()
    rows = read_payments(file, name=name, benefits=benefits, log=log)
    if log.total:
        raise PaymentsRefused(name, log)
    with engine.begin() as tx:
        replaced = replace_payments(tx, runs.get(tx, key).id, rows, now=now)
    _log.info("payments-replaced", run=str(key), payments=replaced.payments)
    return replaced


def replace_payments(
    tx: Connection, run_id: RunId, rows: Iterable[PaymentRow], *, now: datetime
) -> PaymentsReplaced:
    """Put these payments in place of the run's, all of them, and mark the list as complete.

    An empty list is complete too: nobody is paid in this run. Waits for a worker that is computing the
    run's withholdings, and then raises PaymentsClosed.
    """
    run = runs.by_id(tx, run_id)
    _refuse_if_closed(run)
    tx.execute(sa.delete(payment).where(payment.c.run_id == run_id))
    insert_rows(tx, payment, ("run_id", *FIELDS), (_stored(run_id, row) for row in rows))
    replaced = _now_stored(tx, run_id)
    tx.execute(
        sa.update(payout_run)
        .where(payout_run.c.id == run_id)
        .values(payments_complete_at=now, payments=replaced.payments, net_ore=replaced.net_ore)
    )
    return replaced


def _refuse_if_closed(run: Run) -> None:
    if run.allocated_at is None and run.state is not RunState.REJECTED:
        return
    raise PaymentsClosed(
        _("The run is %(state)s: its payments can't change any more.") % {"state": state_label(run.state)},
        where=str(run.key),
        remedy=_("Pay and withhold what is missing in a supplementary run."),
    )


def _stored(run_id: RunId, row: PaymentRow) -> tuple[object, ...]:
    reference, cpr, code, period_from, period_to, *amounts = row
    return run_id, reference, cpr, code, period_from.isoformat(), period_to.isoformat(), *amounts


def _now_stored(tx: Connection, run_id: RunId) -> PaymentsReplaced:
    query = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(payment.c.net_ore), 0))
    count, net_ore = tx.execute(query.where(payment.c.run_id == run_id)).one()
    return PaymentsReplaced(payments=count, net_ore=int(net_ore))  # PostgreSQL sums to a Decimal
