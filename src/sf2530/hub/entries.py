"""The rows of an `IN`: what stands there now, and what was deleted, which is kept as history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

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


# Built once: a statement is made more slowly than it is run, and these run for every file.
_INSERT = sa.insert(delivery)
_PRESENT = (
    sa.select(
        delivery.c.id,
        delivery.c.name,
        delivery.c.kind,
        delivery.c.size,
        delivery.c.sha256,
        delivery.c.appeared_at,
        delivery.c.read_at,
        transfer.c.uuid.label("transfer"),
    )
    .join(transfer, transfer.c.id == delivery.c.transfer_id)
    .where(delivery.c.deleted_at.is_(None))
)
_FIND = _PRESENT.where(
    delivery.c.system_id == sa.bindparam("of_system"), delivery.c.name == sa.bindparam("of_name")
)
_TAKEN = _PRESENT.where(
    sa.tuple_(delivery.c.system_id, delivery.c.name).in_(sa.bindparam("names", expanding=True))
)
_LISTING = (
    _PRESENT.where(delivery.c.system_id == sa.bindparam("of_system"), delivery.c.name > sa.bindparam("after"))
    .order_by(delivery.c.name)
    .limit(sa.bindparam("limit"))
)
_CHANGE = sa.update(delivery).where(delivery.c.id == sa.bindparam("of_id"))
_DELETE = _CHANGE.values(deleted_at=sa.bindparam("now"))
_MARK_READ = _CHANGE.where(delivery.c.read_at.is_(None)).values(read_at=sa.bindparam("now"))


def place(tx: sa.Connection, entries: Sequence[NewEntry], *, now: datetime) -> None:
    """Let entries appear. A name that is taken breaks the transaction: check or `displace` before."""
    tx.execute(
        _INSERT,
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
    found = tx.execute(_TAKEN, {"names": names}).all()
    if found:
        gone = sa.update(delivery).where(delivery.c.id.in_([row.id for row in found]))
        tx.execute(gone.values(deleted_at=now))
    return [row.transfer for row in found]


def find(tx: sa.Connection, system_id: int, name: str) -> Entry | None:
    """Give what stands under a name; None if nothing does."""
    row = tx.execute(_FIND, {"of_system": system_id, "of_name": name}).mappings().one_or_none()
    return None if row is None else _entry(row)


def listing(tx: sa.Connection, system_id: int, *, after: str, limit: int) -> Sequence[Entry]:
    """Give what stands in an `IN` by name, from the first name beyond `after` on."""
    found = tx.execute(_LISTING, {"of_system": system_id, "after": after, "limit": limit})
    return [_entry(row) for row in found.mappings()]


def delete(tx: sa.Connection, entry: Entry, *, now: datetime) -> None:
    """Take an entry out of its `IN`."""
    tx.execute(_DELETE, {"of_id": entry.id, "now": now})


def mark_read(tx: sa.Connection, entry: Entry, *, now: datetime) -> bool:
    """Note that an entry was read to its end; tells if it was the first time."""
    return tx.execute(_MARK_READ, {"of_id": entry.id, "now": now}).rowcount == 1


def _entry(row: sa.RowMapping) -> Entry:
    return Entry(**dict(row) | {"kind": EntryKind(row["kind"])})
