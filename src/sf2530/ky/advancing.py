"""What a run does by itself: allocate when answer and payments are there, report when allocated.

Each step is one leased transaction, found by the state it starts from, so it is found again after a crash at
any point: `before-allocating`, `after-allocating` and `after-reporting` are crash points. Any number of
workers may run passes at the same time; each run is one worker's.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final

import sqlalchemy as sa
import structlog
from sqlalchemy import Connection

from sf2530 import crashing
from sf2530.database import leases
from sf2530.database.leases import Lease, LeaseLost
from sf2530.errors import UnreachableError
from sf2530.exchange.alarms import raise_alarm
from sf2530.exchange.desk import Desk, described
from sf2530.ky import runs
from sf2530.ky.envelopes import Terms
from sf2530.ky.reporting import report
from sf2530.ky.runs import RunId
from sf2530.ky.states import RunState
from sf2530.ky.tables import payout_run
from sf2530.ky.withholding import withhold
from sf2530.language import _

RUN_HELD: Final = "run-held"
"""The code of the alarm about a run whose step kept failing."""

_STATES: Final = (RunState.ANSWERED, RunState.ALLOCATED)

_log = structlog.get_logger()


def advance(desk: Desk, *, terms: Terms) -> bool:
    """Take one step with the next run that can take one; say whether there was one.

    Raises UnreachableError if the database is; the run is then given back untried, or its lease ends.
    """
    with desk.engine.begin() as tx:
        _hold_fatal(tx, desk)
        taken = _take(tx, desk)
    if taken is None:
        return False
    lease, state = taken
    try:
        _step(desk, lease, state, terms=terms)
    except LeaseLost:
        _log.info("run-overtaken", run_id=lease.id)
    except UnreachableError:
        _let_go(desk, lease)
        raise
    except Exception as error:  # noqa: BLE001  whatever it is, it is this run's alone, and goes on its row
        _log.error("run-step-failed", run_id=lease.id, error=described(error))
        _give_back(desk, lease, error)
    return True


def _take(tx: Connection, desk: Desk) -> tuple[Lease, RunState] | None:
    c = payout_run.c
    held = leases.take(
        tx,
        payout_run,
        states=_STATES,
        owner=desk.owner,
        now=desk.clock(),
        seconds=desk.settings.lease_seconds,
        # an answered run waits for its payments without a worker looking at it
        where=sa.or_(c.state != RunState.ANSWERED, c.payments.is_not(None)),
    )
    if not held:
        return None
    return held[0], runs.by_id(tx, RunId(held[0].id)).state


def _step(desk: Desk, lease: Lease, state: RunState, *, terms: Terms) -> None:
    if state is RunState.ANSWERED:
        crashing.reached("before-allocating")
        withhold(desk.engine, lease, now=desk.clock())
        crashing.reached("after-allocating")
    else:
        report(desk.engine, lease, terms=terms, now=desk.clock())
        crashing.reached("after-reporting")


def _let_go(desk: Desk, lease: Lease) -> None:
    """Give the run back untried: an outage is not its fault, and must not come to hold it."""
    with suppress(UnreachableError, LeaseLost), desk.engine.begin() as tx:
        leases.let_go(tx, payout_run, lease, now=desk.clock())


def _give_back(desk: Desk, lease: Lease, error: Exception) -> None:
    now = desk.clock()
    with desk.engine.begin() as tx:
        if runs.give_back(tx, lease, error=described(error), now=now, retry=desk.retry):
            _raise_held(tx, RunId(lease.id), desk)


def _hold_fatal(tx: Connection, desk: Desk) -> None:
    """Hold runs whose step has killed its worker again and again."""
    now = desk.clock()
    fatal = leases.quarantine(
        tx, payout_run, states=_STATES, now=now, retry=desk.retry, quarantine_state=RunState.HELD
    )
    for run_id in fatal:
        runs.note_held(tx, RunId(run_id), now=now)
        _raise_held(tx, RunId(run_id), desk)


def _raise_held(tx: Connection, run_id: RunId, desk: Desk) -> None:
    run = runs.by_id(tx, run_id)
    raise_alarm(
        tx,
        code=RUN_HELD,
        subject=str(run.key),
        text=_("The payout run is held: %(why)s") % {"why": run.problem},
        remedy=_("Remove the reason, then let it go on with `sf2530 ky run resume`."),
        now=desk.clock(),
    )
