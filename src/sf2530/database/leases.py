"""Leases on rows: a worker owns a unit of work for a while, and a fencing counter proves that it still does.

A table whose rows are work carries `lease_columns()` beside its `id` (an integer primary key). A worker
`take`s rows in one short transaction, works on each, and ends with `move` (done: next state), `give_back`
(failed: tried again later, or set aside) or `let_go` (stopping). Each `take` raises the row's fencing
counter, and every later write is conditional on it: a worker that was paused beyond its lease gets LeaseLost
and has written nothing. A killed worker's rows become free when their lease ends.

`sa.Index("ix_NAME_work", "state", "id")` belongs on every such table: it keeps `take` quick however many
finished rows there are.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from sf2530.database.errors import LeaseLost
from sf2530.database.types import UtcDateTime
from sf2530.language import _
from sf2530.logs import mask_cpr_numbers

__all__ = [
    "Lease",
    "LeaseLost",
    "RetryPolicy",
    "give_back",
    "hold",
    "lease_columns",
    "let_go",
    "move",
    "owner_name",
    "quarantine",
    "renew",
    "take",
]

_LONGEST_ERROR = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """What proves that a worker owns a row; `attempts` counts this one too."""

    id: int
    fence: int
    attempts: int
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """When failed work is tried again, and when it is set aside for a person: after `attempts` tries.

    The first wait is `first_seconds`; each one after is twice as long, up to `longest_seconds`.
    """

    attempts: int = 8
    first_seconds: float = 5.0
    longest_seconds: float = 3_600.0

    def delay(self, attempts: int) -> timedelta:
        """Give the wait after that many tries (1 or more)."""
        doublings = min(attempts - 1, 60)  # beyond that the float would overflow, long after the cap
        return timedelta(seconds=min(self.first_seconds * 2.0**doublings, self.longest_seconds))


def lease_columns() -> list[sa.Column[Any]]:
    """Give the columns of a table whose rows are work, to stand beside its `id`."""
    return [
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("owner", sa.String(200)),
        sa.Column("lease_until", UtcDateTime()),
        sa.Column("fence", sa.Integer, nullable=False, default=0, server_default="0"),
        sa.Column("attempts", sa.Integer, nullable=False, default=0, server_default="0"),
        sa.Column("next_try", UtcDateTime()),
        sa.Column("last_error", sa.Text),
    ]


def owner_name() -> str:
    """Give a name for a worker of this process that no other worker has."""
    return f"{socket.gethostname()[:100]}:{os.getpid()}:{secrets.token_hex(4)}"


def take(  # noqa: PLR0913  one statement's terms; grouping them would only move the list
    tx: sa.Connection,
    table: sa.Table,
    *,
    states: Iterable[str],
    owner: str,
    now: datetime,
    seconds: float,
    limit: int = 1,
    where: sa.ColumnElement[bool] | None = None,
) -> list[Lease]:
    """Lease up to `limit` rows in one of `states`, oldest first, for so many seconds.

    Leaves out rows that another worker holds, and rows whose next try lies ahead. Any number of workers may
    run it at the same time: on PostgreSQL they pass each other's rows by, on SQLite they come one by one.
    Commit at once; the work itself comes after, in a transaction of its own.
    """
    c = table.c
    free = sa.or_(c.lease_until.is_(None), c.lease_until <= now)
    due = sa.or_(c.next_try.is_(None), c.next_try <= now)
    candidates = sa.select(c.id).where(c.state.in_(list(states)), free, due).order_by(c.id).limit(limit)
    if where is not None:
        candidates = candidates.where(where)
    # a CTE that locks is run exactly once; as a plain subquery PostgreSQL may run it again for each row
    chosen = candidates.with_for_update(skip_locked=True).cte("chosen")
    leased = (
        sa.update(table)
        .where(c.id.in_(sa.select(chosen.c.id)))
        .values(
            owner=owner,
            lease_until=now + timedelta(seconds=seconds),
            fence=c.fence + 1,
            attempts=c.attempts + 1,
        )
        .returning(c.id, c.fence, c.attempts)
    )
    rows = sorted(tx.execute(leased).all(), key=lambda row: int(row.id))
    return [Lease(id=row.id, fence=row.fence, attempts=row.attempts, owner=owner) for row in rows]


def hold(tx: sa.Connection, table: sa.Table, lease: Lease, *, now: datetime) -> sa.Row[Any]:
    """Lock the leased row until this transaction ends, and give it.

    Stands first in a business transaction: from here on nobody can take the row over before the commit.
    Raises LeaseLost.
    """
    row = tx.execute(sa.select(table).where(*_held(table, lease, now)).with_for_update()).one_or_none()
    if row is None:
        raise _lost(table, lease)
    return row


def move(
    tx: sa.Connection, table: sa.Table, lease: Lease, *, to: str, now: datetime, **values: object
) -> None:
    """Put the row into its next state and end the lease: the one way to finish leased work.

    The next state starts afresh: no attempts, no error, due at once; `values` are set with it, and may say
    otherwise (`next_try` for a state that waits). Raises LeaseLost with nothing written.
    """
    fresh = {"next_try": None, "attempts": 0, "last_error": None}
    _write(tx, table, lease, now, {**fresh, **values, "state": to, **_FREE})


def renew(tx: sa.Connection, table: sa.Table, lease: Lease, *, now: datetime, seconds: float) -> None:
    """Keep the lease for so many seconds from now. Raises LeaseLost if it has ended already."""
    _write(tx, table, lease, now, {"lease_until": now + timedelta(seconds=seconds)})


def let_go(tx: sa.Connection, table: sa.Table, lease: Lease, *, now: datetime) -> None:
    """Free the row unfinished, as if never taken: for a worker that stops. Raises LeaseLost."""
    _write(tx, table, lease, now, {"attempts": table.c.attempts - 1, **_FREE})


def give_back(  # noqa: PLR0913  one statement's terms; grouping them would only move the list
    tx: sa.Connection,
    table: sa.Table,
    lease: Lease,
    *,
    error: str,
    now: datetime,
    retry: RetryPolicy,
    quarantine_state: str,
) -> bool:
    """End the lease of work that failed: it is tried again later, or set aside after the last try.

    Says True if it was set aside, into `quarantine_state`; the caller raises the alarm. `error` is kept on
    the row for people, shortened, and without anything that looks like a CPR number. Raises LeaseLost.
    """
    values: dict[str, object] = {"last_error": _presentable(error), **_FREE}
    exhausted = lease.attempts >= retry.attempts
    if exhausted:
        values |= {"state": quarantine_state, "next_try": None}
    else:
        values["next_try"] = now + retry.delay(lease.attempts)
    _write(tx, table, lease, now, values)
    return exhausted


def quarantine(
    tx: sa.Connection,
    table: sa.Table,
    *,
    states: Iterable[str],
    now: datetime,
    retry: RetryPolicy,
    quarantine_state: str,
) -> list[int]:
    """Set aside rows that nobody gave back after their last try, and give their ids for an alarm each.

    For work that kills its worker: it never reaches `give_back`, and would be taken over for ever. Run it
    before `take`.
    """
    c = table.c
    ended = sa.and_(c.lease_until.is_not(None), c.lease_until <= now)
    statement = (
        sa.update(table)
        .where(c.state.in_(list(states)), ended, c.attempts >= retry.attempts)
        .values(
            state=quarantine_state,
            next_try=None,
            last_error=_("The worker vanished %(count)s times while at it.") % {"count": retry.attempts},
            **_FREE,
        )
        .returning(c.id)
    )
    return sorted(tx.execute(statement).scalars())


_FREE: dict[str, object] = {"owner": None, "lease_until": None}


def _held(table: sa.Table, lease: Lease, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    c = table.c
    return c.id == lease.id, c.fence == lease.fence, c.owner == lease.owner, c.lease_until > now


def _write(tx: sa.Connection, table: sa.Table, lease: Lease, now: datetime, values: dict[str, Any]) -> None:
    changed = tx.execute(sa.update(table).where(*_held(table, lease, now)).values(**values))
    if changed.rowcount != 1:
        raise _lost(table, lease)


def _lost(table: sa.Table, lease: Lease) -> LeaseLost:
    return LeaseLost(
        _("The lease has ended, or another worker has taken over."),
        where=f"{table.name} {lease.id}",
        remedy=_("Nothing was written. The work is tried again by itself."),
    )


def _presentable(error: str) -> str:
    return mask_cpr_numbers(error)[:_LONGEST_ERROR]
