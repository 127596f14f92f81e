"""Payout runs as rows: find them, lock them, and move them from state to state.

`move` is the only place that changes a run's state, with one exception that it guards as well: a step that
keeps failing is set aside by `give_back`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, NewType

import sqlalchemy as sa
from sqlalchemy import Connection

from sf2530.database import leases
from sf2530.database.leases import Lease, RetryPolicy
from sf2530.denmark.municipalities import MunicipalityCode
from sf2530.errors import UseError
from sf2530.ky.states import RunState, check_move
from sf2530.ky.tables import payout_run
from sf2530.language import _
from sf2530.logs import mask_cpr_numbers
from sf2530.records.naming import RunKey, RunType

RunId = NewType("RunId", int)


class RunUnknown(UseError):
    """There is no payout run with that key."""

    code: ClassVar[str] = "run-unknown"


class RunChangedMeanwhile(UseError):
    """Another process moved the run between our look and our change; nothing was written."""

    code: ClassVar[str] = "run-changed-meanwhile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One payout run as it stood when it was read. Amounts are whole øre; None: not known yet."""

    id: RunId
    key: RunKey
    state: RunState
    period_from: date
    period_to: date
    ask_on: date
    problem: str | None
    asked_at: datetime | None
    delivered_at: datetime | None
    answered_at: datetime | None
    allocated_at: datetime | None
    reported_at: datetime | None
    closed_at: datetime | None
    answer_id: str | None
    answer_sha256: str | None
    agreements: int | None
    agreed_ore: int | None
    payments: int | None
    net_ore: int | None
    withheld_ore: int | None
    reported: int | None
    reported_ore: int | None

    @property
    def payments_complete(self) -> bool:
        """Say whether the whole payments list is there, so that withholdings can be computed."""
        return self.payments is not None

    @property
    def awaits_answer(self) -> bool:
        """Say whether an answer may still be accepted: asked for, and none accepted so far."""
        return self.asked_at is not None and self.answered_at is None and self.state is not RunState.REJECTED


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilter:
    """Which runs are meant; what is None doesn't matter."""

    value_date: date | None = None
    municipality: MunicipalityCode | None = None
    run_type: RunType | None = None
    sequence: int | None = None

    def terms(self) -> list[sa.ColumnElement[bool]]:
        """Give the filter as terms of a query on `payout_run`."""
        given = {
            payout_run.c.value_date: self.value_date,
            payout_run.c.municipality: self.municipality,
            payout_run.c.run_type: self.run_type,
            payout_run.c.sequence: self.sequence,
        }
        return [column == value for column, value in given.items() if value is not None]


def chosen(tx: Connection, which: RunFilter, *, state: RunState | None = None) -> list[Run]:
    """Give the runs meant, by value date and municipality. Reads only."""
    c = payout_run.c
    query = sa.select(payout_run).where(*which.terms())
    if state is not None:
        query = query.where(c.state == state)
    rows = tx.execute(query.order_by(c.value_date, c.municipality, c.run_type, c.sequence))
    return [of_row(row) for row in rows]


def find(tx: Connection, key: RunKey) -> Run | None:
    """Give the run with that key, locked until this transaction ends; None if it was never planned."""
    c = payout_run.c
    return _locked(
        tx,
        c.municipality == key.municipality,
        c.value_date == key.value_date,
        c.run_type == key.run_type,
        c.sequence == key.sequence,
    )


def get(tx: Connection, key: RunKey) -> Run:
    """Give the run with that key, locked until this transaction ends. Raises RunUnknown."""
    run = find(tx, key)
    if run is None:
        raise RunUnknown(
            _("There is no such payout run."), where=str(key), remedy=_("Plan it with `sf2530 ky run plan`.")
        )
    return run


def by_id(tx: Connection, run_id: RunId) -> Run:
    """Give the run with that id, locked until this transaction ends. Raises RunUnknown."""
    run = _locked(tx, payout_run.c.id == run_id)
    if run is None:
        raise RunUnknown(_("There is no such payout run."), where=f"payout_run {run_id}")
    return run


def held(tx: Connection, lease: Lease, *, now: datetime) -> Run:
    """Give the leased run, locked until this transaction ends. Raises LeaseLost."""
    return of_row(leases.hold(tx, payout_run, lease, now=now))


def move(
    tx: Connection,
    run: Run,
    *,
    to: RunState,
    now: datetime,
    lease: Lease | None = None,
    problem: str | None = None,
    **values: object,
) -> None:
    """Put the run into its next state, and note when; `values` are set with it.

    `problem` is what a person has to look at; it may hold others' words, and is masked here.

    A worker that leased the run gives its lease, which ends here. Raises MoveNotAllowed, LeaseLost, or
    RunChangedMeanwhile, with nothing written.
    """
    check_move(str(run.key), run.state, to)
    # a run that was held and goes on keeps the instants it had
    first_time = {f"{to}_at": now} if getattr(run, f"{to}_at", None) is None else {}
    changes: dict[str, Any] = {**first_time, **values, "problem": _presentable(problem)}
    if lease is not None:
        leases.move(tx, payout_run, lease, to=to, now=now, **changes)
        return
    fresh = {"attempts": 0, "next_try": None, "last_error": None}
    changed = tx.execute(
        sa.update(payout_run)
        .where(payout_run.c.id == run.id, payout_run.c.state == run.state)
        .values(state=to, **fresh, **changes)
    )
    if changed.rowcount != 1:
        raise RunChangedMeanwhile(
            _("The payout run was changed by another process at the same time."),
            where=str(run.key),
            remedy=_("Nothing was written. See where it stands with `sf2530 ky run status`."),
        )


def give_back(tx: Connection, lease: Lease, *, error: str, now: datetime, retry: RetryPolicy) -> bool:
    """End the lease of a step that failed; after its last try the run is held. Says whether it is."""
    set_aside = leases.give_back(
        tx, payout_run, lease, error=error, now=now, retry=retry, quarantine_state=RunState.HELD
    )
    if set_aside:
        note_held(tx, RunId(lease.id), now=now)
    return set_aside


def note_held(tx: Connection, run_id: RunId, *, now: datetime) -> None:
    """Note when a run was set aside; the last error is what a person has to look at."""
    tx.execute(
        sa.update(payout_run)
        .where(payout_run.c.id == run_id)
        .values(held_at=now, problem=payout_run.c.last_error)
    )


def note_problem(tx: Connection, run: Run, problem: str) -> None:
    """Show a person what is wrong with the run, which stays where it is. The text is masked here."""
    tx.execute(sa.update(payout_run).where(payout_run.c.id == run.id).values(problem=_presentable(problem)))


def of_row(row: sa.Row[Any]) -> Run:
    """Make a run out of a row of `payout_run`."""
    columns = row._mapping  # noqa: SLF001  SQLAlchemy's public name for a row as a mapping
    key = RunKey(
        municipality=MunicipalityCode(row.municipality),
        value_date=row.value_date,
        run_type=RunType(row.run_type),
        sequence=row.sequence,
    )
    same = {name: columns[name] for name in Run.__slots__ if name not in {"id", "key", "state"}}
    return Run(id=RunId(row.id), key=key, state=RunState(row.state), **same)


def _presentable(problem: str | None) -> str | None:
    """Mask a problem: UDK Debitor's and the platform's words stand in some, and nobody vouches for them."""
    return None if problem is None else mask_cpr_numbers(problem)


def _locked(tx: Connection, *terms: sa.ColumnElement[bool]) -> Run | None:
    row = tx.execute(sa.select(payout_run).where(*terms).with_for_update()).one_or_none()
    return None if row is None else of_row(row)
