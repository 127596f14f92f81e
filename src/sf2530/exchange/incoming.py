"""What others have sent us: registered and archived before anyone looks inside, worked on once.

A file is known by two keys, its name and its transfer id. The same key with the same bytes is a repeat:
noted, no new work. The same key with other bytes is a conflict: kept, and a person decides.

The party's handler ends its work with `processed` in its own business transaction, so that effect and
state are there together or not at all. If the process dies

- before a file is registered: it still lies in `IN`, and is fetched again;
- after (crash point `after-register`): its bytes are ours; any process works on it;
- while a handler runs: its transaction is undone; the lease ends, and another process works on it;
- after the handler's commit (crash point `after-processing`): only the deletion on the hub is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from sf2530.database import content as archive
from sf2530.database import leases
from sf2530.database.leases import Lease, RetryPolicy
from sf2530.exchange.advice import command
from sf2530.exchange.alarms import close_alarms, raise_alarm
from sf2530.exchange.documents import FileMetadata
from sf2530.exchange.states import IncomingState
from sf2530.exchange.tables import incoming_file
from sf2530.language import _
from sf2530.logs import mask_cpr_numbers

_SETTLED = (IncomingState.PROCESSED, IncomingState.REPEAT, IncomingState.DISCARDED)
_FOR_A_PERSON = (IncomingState.CONFLICT, IncomingState.QUARANTINED)
_LONGEST_OUTCOME = 200
_ALARMS = ("incoming-conflict", "incoming-quarantined")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One file as it lay in `IN`: its metadata, read and raw, and its bytes, of the announced size."""

    metadata: FileMetadata
    raw_metadata: bytes
    content: bytes

    @property
    def name(self) -> str:
        """The data file's name."""
        return self.metadata.descriptor.file_name


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingFile:
    """One file for us. `sender` is an SFTP user; `senders_file_id` is the sender's own id, if it gave one."""

    id: int
    name: str
    size_bytes: int
    sha256: str
    transfer_id: str
    sender: str
    senders_file_id: str | None
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InOurIn:
    """A registered file that still lies in our `IN`, as far as we know. `settled`: it may be deleted."""

    id: int
    name: str
    metadata_sha256: str
    settled: bool
    received_at: datetime


def register(tx: Connection, fetched: Fetched, *, now: datetime) -> IncomingState | None:
    """Archive a fetched file and register it: as new work, as a repeat, or as a conflict with an alarm.

    Gives its state; None if another process of ours has registered this very file already. Raises
    IntegrityError if one does so at this moment; its transaction then holds the file.
    """
    sha256 = archive.put(tx, fetched.content)
    metadata_sha256 = archive.put(tx, fetched.raw_metadata)
    earlier = _earlier(tx, fetched)
    if any(row.metadata_sha256 == metadata_sha256 and row.deleted_at is None for row in earlier):
        return None
    state, keys = _compared(earlier, fetched, sha256)
    descriptor = fetched.metadata.descriptor
    row = {
        "name": fetched.name,
        "size_bytes": len(fetched.content),
        "sha256": sha256,
        "metadata_sha256": metadata_sha256,
        "transfer_id": fetched.metadata.transfer_id,
        "sender": descriptor.sender,
        "senders_file_id": descriptor.senders_file_id,
        "received_at": now,
        "state": state,
        "settled_at": now if state is IncomingState.REPEAT else None,
    }
    new = sa.insert(incoming_file).values(**row, **keys).returning(incoming_file.c.id)
    file_id: int = tx.execute(new).scalar_one()
    if state is IncomingState.CONFLICT:
        _raise_conflict(tx, file_id, fetched.name, now=now)
    return state


def still_in_our_in(tx: Connection) -> list[InOurIn]:
    """Give what is registered and not yet deleted on the hub."""
    c = incoming_file.c
    rows = tx.execute(
        sa.select(c.id, c.name, c.metadata_sha256, c.state, c.received_at).where(c.deleted_at.is_(None))
    )
    return [
        InOurIn(
            id=row.id,
            name=row.name,
            metadata_sha256=row.metadata_sha256,
            settled=row.state in _SETTLED,
            received_at=row.received_at,
        )
        for row in rows
    ]


def note_deleted(tx: Connection, ids: Sequence[int], *, now: datetime) -> None:
    """Note that these no longer lie in our `IN`. Harmless when said twice."""
    c = incoming_file.c
    tx.execute(sa.update(incoming_file).where(c.id.in_(ids), c.deleted_at.is_(None)).values(deleted_at=now))


def take(tx: Connection, *, owner: str, now: datetime, seconds: float, limit: int) -> list[Lease]:
    """Lease files that wait for the party's handler, oldest first."""
    states = [IncomingState.REGISTERED]
    return leases.take(tx, incoming_file, states=states, owner=owner, now=now, seconds=seconds, limit=limit)


def load(tx: Connection, file_id: int) -> tuple[IncomingFile, bytes]:
    """Give a registered file and its archived bytes. Raises ContentDamaged, ContentMissing."""
    row = tx.execute(sa.select(incoming_file).where(incoming_file.c.id == file_id)).one()
    return _file(row), archive.get(tx, row.sha256)


def processed(tx: Connection, lease: Lease, *, outcome: str, now: datetime) -> None:
    """End the work on a file, in the handler's business transaction. Raises LeaseLost with nothing written.

    `outcome` says for people and programs what came of it (`answered`, `rejected`); a file whose data are
    wrong is processed too, since the party has decided what to do about it.
    """
    leases.move(
        tx, incoming_file, lease, to=IncomingState.PROCESSED, now=now, outcome=outcome, settled_at=now
    )


def is_unfinished(tx: Connection, lease: Lease) -> bool:
    """Tell if the lease still holds its file: the handler returned without `processed`."""
    c = incoming_file.c
    held = (c.id == lease.id, c.fence == lease.fence, c.owner == lease.owner)
    return tx.execute(sa.select(c.id).where(*held)).first() is not None


def note_failed(tx: Connection, lease: Lease, *, error: str, retry: RetryPolicy, now: datetime) -> None:
    """Give back a file whose handler failed; after the last try it is quarantined with an alarm."""
    quarantined = leases.give_back(
        tx,
        incoming_file,
        lease,
        error=error,
        now=now,
        retry=retry,
        quarantine_state=IncomingState.QUARANTINED,
    )
    if quarantined:
        _raise_quarantined(tx, lease.id, now=now)


def let_go(tx: Connection, lease: Lease, *, now: datetime) -> None:
    """Give back a file whose handler could not run, for a reason that is not the file's."""
    leases.let_go(tx, incoming_file, lease, now=now)


def set_aside_fatal(tx: Connection, *, retry: RetryPolicy, now: datetime) -> None:
    """Quarantine files whose work has killed its process again and again."""
    states = [IncomingState.REGISTERED]
    fatal = leases.quarantine(
        tx, incoming_file, states=states, now=now, retry=retry, quarantine_state=IncomingState.QUARANTINED
    )
    for file_id in fatal:
        _raise_quarantined(tx, file_id, now=now)


def release(tx: Connection, file_id: int, *, now: datetime) -> bool:
    """Let a conflicting or quarantined file be worked on after all, as a person has decided.

    Tells if there was such a file.
    """
    return _decide(tx, file_id, {"state": IncomingState.REGISTERED, "attempts": 0, "next_try": None}, now)


def discard(tx: Connection, file_id: int, *, now: datetime, reason: str | None = None) -> bool:
    """Put a conflicting or quarantined file away without effect, as a person has decided.

    Tells if there was such a file. Its bytes stay in the archive; the reason is kept, masked, as its outcome.
    """
    values: dict[str, Any] = {"state": IncomingState.DISCARDED, "settled_at": now}
    if reason is not None:
        values["outcome"] = mask_cpr_numbers(reason)[:_LONGEST_OUTCOME]
    return _decide(tx, file_id, values, now)


def _decide(tx: Connection, file_id: int, values: dict[str, Any], now: datetime) -> bool:
    c = incoming_file.c
    decided = tx.execute(
        sa.update(incoming_file)
        .where(c.id == file_id, c.state.in_(_FOR_A_PERSON))
        .values(**values, fence=c.fence + 1)
        .returning(c.name)
    ).one_or_none()
    if decided is not None:
        close_alarms(tx, codes=_ALARMS, subject=decided.name, now=now)
    return decided is not None


def _earlier(tx: Connection, fetched: Fetched) -> list[sa.Row[Any]]:
    """Give what is known from this sender under either key.

    Each sender has keys of its own: a stranger's file must never stand in the way of the right one.
    """
    c = incoming_file.c
    same_key = sa.or_(c.name == fetched.name, c.transfer_id == fetched.metadata.transfer_id)
    same_sender = c.sender == fetched.metadata.descriptor.sender
    return list(tx.execute(sa.select(incoming_file).where(same_sender, same_key).order_by(c.id)))


def _compared(
    earlier: Sequence[sa.Row[Any]], fetched: Fetched, sha256: str
) -> tuple[IncomingState, dict[str, int]]:
    """Judge a file against what is known under its keys: each key by itself must stand for these bytes."""
    if not earlier:
        return IncomingState.REGISTERED, {}
    by_name = [row for row in earlier if row.name == fetched.name]
    by_transfer = [row for row in earlier if row.transfer_id == fetched.metadata.transfer_id]
    if all(any(row.sha256 == sha256 for row in rows) for rows in (by_name, by_transfer) if rows):
        first = next(row for row in earlier if row.sha256 == sha256)
        return IncomingState.REPEAT, {"repeat_of": first.repeat_of or first.id}
    return IncomingState.CONFLICT, {"conflict_with": earlier[0].id}


def _file(row: sa.Row[Any]) -> IncomingFile:
    return IncomingFile(
        id=row.id,
        name=row.name,
        size_bytes=row.size_bytes,
        sha256=row.sha256,
        transfer_id=row.transfer_id,
        sender=row.sender,
        senders_file_id=row.senders_file_id,
        received_at=row.received_at,
    )


def _raise_conflict(tx: Connection, file_id: int, name: str, *, now: datetime) -> None:
    raise_alarm(
        tx,
        code="incoming-conflict",
        subject=name,
        text=_("A file has come under a name or transfer id that stands for another file already"),
        remedy=_(
            "Nothing was done with it. Ask the sender which one counts. Then let it be worked on with"
            " `%(release)s`, or put it away with `%(discard)s`."
        )
        % _decisions(tx, file_id),
        now=now,
    )


def _raise_quarantined(tx: Connection, file_id: int, *, now: datetime) -> None:
    c = incoming_file.c
    row = tx.execute(sa.select(c.name, c.last_error).where(c.id == file_id)).one()
    raise_alarm(
        tx,
        code="incoming-quarantined",
        subject=row.name,
        text=_("A file can't be processed: %(why)s") % {"why": row.last_error},
        remedy=_(
            "Remove the reason, then let it be worked on with `%(release)s`; or put it away with"
            " `%(discard)s`."
        )
        % _decisions(tx, file_id),
        now=now,
    )


def _decisions(tx: Connection, file_id: int) -> dict[str, str]:
    return {
        "release": command(tx, f"files release {file_id}"),
        "discard": command(tx, f"files discard {file_id} --reason TEXT"),
    }
