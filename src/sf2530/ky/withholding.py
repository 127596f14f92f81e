"""Compute a run's withholdings, once its answer is accepted and its payments list is complete.

The lease is held from the first read to the commit: nobody can replace the payments meanwhile. If the
process dies before the commit, nothing has happened, and any worker does it when the lease ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import starmap
from typing import ClassVar

import sqlalchemy as sa
import structlog
from sqlalchemy import Connection, Engine

from sf2530.database.leases import Lease
from sf2530.errors import DataError
from sf2530.ky import runs
from sf2530.ky.allocating import Agreement, Payment, Withholding, allocate
from sf2530.ky.bulk import insert_rows
from sf2530.ky.runs import Run, RunId
from sf2530.ky.states import RunState
from sf2530.ky.tables import answered_agreement, benefit, payment, withholding, withholding_share
from sf2530.language import _

_log = structlog.get_logger()


class WithholdingsDoNotAddUp(DataError):
    """What was computed doesn't fit the accepted answer; nothing was written, and a person has to look."""

    code: ClassVar[str] = "withholdings-do-not-add-up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """What a run's allocation came to; one withholding for each answered agreement, zero included."""

    withholdings: int
    withheld_ore: int


def withhold(engine: Engine, lease: Lease, *, now: datetime) -> Withheld:
    """Give every answered agreement of the leased run its withholding, final, in one transaction.

    Raises LeaseLost, MoveNotAllowed or WithholdingsDoNotAddUp, with nothing written.
    """
    with engine.begin() as tx:
        run = runs.held(tx, lease, now=now)
        computed = allocate(_payments(tx, run.id), _agreements(tx, run.id))
        withheld = _store(tx, run.id, computed)
        _refuse_if_incomplete(run, withheld)
        runs.move(tx, run, to=RunState.ALLOCATED, now=now, lease=lease, withheld_ore=withheld.withheld_ore)
    _log.info("run-allocated", run=str(run.key), withholdings=withheld.withholdings)
    return withheld


def _payments(tx: Connection, run_id: RunId) -> Iterator[Payment]:
    """Give the payments that may be withheld from: those of benefits the table of benefits names so."""
    c = payment.c
    query = (
        sa.select(c.cpr, c.period_from, c.payment_reference, c.net_ore)
        .join(benefit, benefit.c.code == c.benefit_code)
        .where(c.run_id == run_id, benefit.c.withheld_from)
    )
    return starmap(Payment, tx.execute(query))


def _agreements(tx: Connection, run_id: RunId) -> Iterator[Agreement]:
    c = answered_agreement.c
    query = sa.select(c.cpr, c.priority, c.valid_from, c.agreement_number, c.agreed_ore)
    return starmap(Agreement, tx.execute(query.where(c.run_id == run_id)))


def _store(tx: Connection, run_id: RunId, computed: Iterable[Withholding]) -> Withheld:
    withheld = list(computed)
    insert_rows(tx, withholding, _WITHHOLDING, (_row(run_id, one) for one in withheld))
    insert_rows(tx, withholding_share, _SHARE, (row for one in withheld for row in _shares(run_id, one)))
    return Withheld(withholdings=len(withheld), withheld_ore=sum(one.withheld_ore for one in withheld))


_WITHHOLDING = ("run_id", "agreement_number", "withheld_ore", "reason", "payment_reference")
_SHARE = ("run_id", "agreement_number", "payment_reference", "withheld_ore")


def _row(run_id: RunId, one: Withholding) -> tuple[object, ...]:
    return run_id, one.agreement_number, one.withheld_ore, one.reason.value, one.payment_reference


def _shares(run_id: RunId, one: Withholding) -> Iterator[tuple[object, ...]]:
    for share in one.shares:
        yield run_id, one.agreement_number, share.payment_reference, share.withheld_ore


def _refuse_if_incomplete(run: Run, withheld: Withheld) -> None:
    if withheld.withholdings == run.agreements and withheld.withheld_ore <= (run.agreed_ore or 0):
        return
    raise WithholdingsDoNotAddUp(
        _("%(withholdings)d withholdings were computed for the %(agreements)s agreements in the answer.")
        % {"withholdings": withheld.withholdings, "agreements": run.agreements},
        where=str(run.key),
        remedy=_("Nothing was written. Compare the answer in the archive with the run."),
    )
