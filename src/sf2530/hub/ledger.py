"""The ledger: every transfer's whole life as events that are only ever added, each sealed by the next.

An event's hash covers all it says and the hash of the event before it, so nothing can be changed, left
out or put in between without `verify` seeing it. Whoever holds a copy of one hash can later prove all
that came before it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa

from sf2530.hub.states import EventKind
from sf2530.hub.tables import event, ledger_head
from sf2530.language import _

BEGINNING: Final = "0" * 64  # what stands in place of a hash before the first event
_CHECKED_AT_ONCE: Final = 1_000

# Built once: a statement is made more slowly than it is run, and these run for every event.
_HEAD = sa.select(ledger_head.c.number, ledger_head.c.hash).with_for_update()
_INSERT = sa.insert(event)
_ADVANCE = sa.update(ledger_head).values(number=sa.bindparam("number"), hash=sa.bindparam("hash"))

Detail = str | int | list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened. `transfer` is a FileTransferUUID; `details` never holds file content."""

    kind: EventKind
    at: datetime
    system: str | None = None
    address: str | None = None
    transfer: str | None = None
    details: Mapping[str, Detail] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who does something, and when: a system (row and name), and its address if it came over SFTP."""

    system_id: int
    system: str
    now: datetime
    address: str | None = None

    def event(self, kind: EventKind, transfer: str | None = None, **details: Detail) -> Event:
        """Make the event of this actor's doing."""
        return Event(
            kind=kind,
            at=self.now,
            system=self.system,
            address=self.address,
            transfer=transfer,
            details=details,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """A place where the chain does not hold: what was found at the event of that number."""

    number: int
    why: str

    def __str__(self) -> str:
        return _("event %(number)s: %(why)s") % {"number": self.number, "why": self.why}


@dataclass(frozen=True, slots=True)
class _Head:
    number: int
    hash: str


def lock(tx: sa.Connection) -> None:
    """Become the only one who writes to the ledger until the transaction ends; others wait here.

    On SQLite a writing transaction is alone already.
    """
    if tx.dialect.name != "sqlite":
        _head(tx)


def append(tx: sa.Connection, events: Sequence[Event]) -> None:
    """Add events, in order, in the caller's transaction. Locks the ledger until that ends."""
    if not events:
        return
    head = _head(tx)
    rows = []
    for entry in events:
        row = _row(head, entry)
        rows.append(row)
        head = _Head(row["number"], row["hash"])
    tx.execute(_INSERT, rows)
    tx.execute(_ADVANCE, {"number": head.number, "hash": head.hash})


def verify(tx: sa.Connection) -> Iterator[Break]:
    """Walk the whole chain and give every place where it does not hold. Meant for a read transaction."""
    expected = _Head(0, BEGINNING)
    for row in _all_rows(tx):
        if row["number"] != expected.number + 1:
            yield Break(number=row["number"], why=_("events before it are missing"))
        elif row["previous"] != expected.hash:
            yield Break(number=row["number"], why=_("it does not follow from the event before it"))
        if row["hash"] != _seal(row):
            yield Break(number=row["number"], why=_("it has been changed"))
        expected = _Head(row["number"], row["hash"])
    head = tx.execute(sa.select(ledger_head.c.number, ledger_head.c.hash)).one()
    if (head.number, head.hash) != (expected.number, expected.hash):
        yield Break(number=expected.number, why=_("it is not the last event that was written"))


def events_of(tx: sa.Connection, transfer: str) -> list[dict[str, Any]]:
    """Give a transfer's events in order, as rows with their details read."""
    chosen = sa.select(event).where(event.c.transfer == transfer).order_by(event.c.number)
    return [
        dict(row) | {"details": json.loads(row["details"])} for row in tx.execute(chosen).mappings().all()
    ]


def length(tx: sa.Connection) -> int:
    """Give the number of events."""
    return int(tx.execute(sa.select(ledger_head.c.number)).scalar_one())


def _head(tx: sa.Connection) -> _Head:
    row = tx.execute(_HEAD).one()
    return _Head(row.number, row.hash)


def _row(head: _Head, entry: Event) -> dict[str, Any]:
    row = {
        "number": head.number + 1,
        "at": entry.at.astimezone(UTC),
        "kind": str(entry.kind),
        "transfer": entry.transfer,
        "system": entry.system,
        "address": entry.address,
        "details": json.dumps(dict(entry.details), ensure_ascii=False, sort_keys=True),
        "previous": head.hash,
    }
    return row | {"hash": _seal(row)}


def _seal(row: Mapping[str, Any] | sa.RowMapping) -> str:
    said = [
        row["number"],
        row["at"].isoformat(timespec="microseconds"),
        *(row[name] for name in ("kind", "transfer", "system", "address", "details", "previous")),
    ]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def _all_rows(tx: sa.Connection) -> Iterator[sa.RowMapping]:
    last = 0
    while True:
        chosen = sa.select(event).where(event.c.number > last).order_by(event.c.number)
        rows = tx.execute(chosen.limit(_CHECKED_AT_ONCE)).mappings().all()
        if not rows:
            return
        yield from rows
        last = rows[-1]["number"]
