"""The rows of an `IN`: what stands there now, and what was deleted, which is kept as history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sf2530.hub.states import EntryKind
from sf2530.hub.tables import delivery, transfer


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """What is to appear in an `IN`; `transfer_id` is the transfer's row."""

    system_id: int
    name: str
    kind: EntryKind
    transfer_id: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What stands in an `IN`; `transfer` is the FileTransferUUID."""

    id: int
    name: str
    kind: EntryKind
    transfer: str
    size: int
    sha256: str
    appeared_at: datetime
    read_at: datetime | None


def place(tx: sa.Connection, entries: Sequence[NewEntry], *, now: datetime) -> None:
    """Let entries appear. A name that is taken breaks the transaction: check or `displace` before."""
    tx.execute(
        sa.insert(delivery),
        [
            {
                "system_id": entry.system_id,
                "name": entry.name,
                "kind": entry.kind.value,
                "transfer_id": entry.transfer_id,
                "size": entry.size,
                "sha256": entry.sha256,
                "appeared_at": now,
            }
            for entry in entries
        ],
    )


def displace(tx: sa.Connection, names: Sequence[tuple[int, str]], *, now: datetime) -> Sequence[str]:
    """Take away what stands under these names (system, name); gives the transfers it belonged to."""
    taken = sa.tuple_(delivery.c.system_id, delivery.c.name).in_(names)
    chosen = _present().where(taken)
    found = tx.execute(chosen).all()
    if found:
        gone = sa.update(delivery).where(delivery.c.id.in_([row.id for row in found]))
        tx.execute(gone.values(deleted_at=now))
    return [row.transfer for row in found]


def find(tx: sa.Connection, system_id: int, name: str) -> Entry | None:
    """Give what stands under a name; None if nothing does."""
    chosen = _present().where(delivery.c.system_id == system_id, delivery.c.name == name)
    row = tx.execute(chosen).mappings().one_or_none()
    return None if row is None else _entry(row)


def listing(tx: sa.Connection, system_id: int, *, after: str, limit: int) -> Sequence[Entry]:
    """Give what stands in an `IN` by name, from the first name beyond `after` on."""
    chosen = _present().where(delivery.c.system_id == system_id, delivery.c.name > after)
    return [_entry(row) for row in tx.execute(chosen.order_by(delivery.c.name).limit(limit)).mappings()]


def delete(tx: sa.Connection, entry: Entry, *, now: datetime) -> None:
    """Take an entry out of its `IN`."""
    tx.execute(sa.update(delivery).where(delivery.c.id == entry.id).values(deleted_at=now))


def mark_read(tx: sa.Connection, entry: Entry, *, now: datetime) -> bool:
    """Note that an entry was read to its end; tells if it was the first time."""
    first = sa.update(delivery).where(delivery.c.id == entry.id, delivery.c.read_at.is_(None))
    return tx.execute(first.values(read_at=now)).rowcount == 1


def _present() -> sa.Select[Any]:
    columns = [
        delivery.c[name] for name in ("id", "name", "kind", "size", "sha256", "appeared_at", "read_at")
    ]
    joined = sa.select(*columns, transfer.c.uuid.label("transfer")).join(
        transfer, transfer.c.id == delivery.c.transfer_id
    )
    return joined.where(delivery.c.deleted_at.is_(None))


def _entry(row: sa.RowMapping) -> Entry:
    return Entry(**dict(row) | {"kind": EntryKind(row["kind"])})
