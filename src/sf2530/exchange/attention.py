"""Which files need a person: conflicts, quarantined ones, and those that the platform refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from sf2530.exchange.alarms import open_alarms
from sf2530.exchange.states import IncomingState, OutgoingState
from sf2530.exchange.tables import incoming_file, outgoing_file
from sf2530.logs import mask_cpr_numbers


class Direction(StrEnum):
    """Which way a file goes."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileForAPerson:
    """One file that waits for a decision. `id` counts within its direction; texts are masked."""

    direction: Direction
    id: int
    name: str
    state: str
    """An `IncomingState` or an `OutgoingState`."""
    other_party: str
    """Who sent it, or is to get it."""
    since: datetime
    """When it was received, or put into the outbox."""
    why: str | None


def files_for_a_person(tx: Connection) -> list[FileForAPerson]:
    """Give every file that a person has to decide on, those for us first, the oldest first."""
    told = {alarm.subject: alarm.text for alarm in open_alarms(tx)}
    return [*_incoming(tx, told), *_outgoing(tx, told)]


def _incoming(tx: Connection, told: dict[str, str]) -> list[FileForAPerson]:
    c = incoming_file.c
    states = (IncomingState.CONFLICT, IncomingState.QUARANTINED)
    rows = tx.execute(sa.select(incoming_file).where(c.state.in_(states)).order_by(c.id))
    return [_file(row, Direction.INCOMING, told, row.sender, row.received_at) for row in rows]


def _outgoing(tx: Connection, told: dict[str, str]) -> list[FileForAPerson]:
    c = outgoing_file.c
    states = (OutgoingState.REFUSED, OutgoingState.QUARANTINED)
    rows = tx.execute(sa.select(outgoing_file).where(c.state.in_(states)).order_by(c.id))
    return [_file(row, Direction.OUTGOING, told, row.recipient, row.created_at) for row in rows]


def _file(
    row: sa.Row[Any], direction: Direction, told: dict[str, str], other_party: str, since: datetime
) -> FileForAPerson:
    name = mask_cpr_numbers(row.name)
    return FileForAPerson(
        direction=direction,
        id=row.id,
        name=name,
        state=row.state,
        other_party=other_party,
        since=since,
        why=told.get(name) or row.last_error,
    )
