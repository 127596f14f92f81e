"""The outbox: what we owe to others, from the business transaction to the technical receipt.

`put` stands in the caller's transaction: the business effect and the bytes that tell of it are there
together or not at all. From then on a file keeps its name and its bytes, however often it is sent.
Only the platform's receipt closes it. If the process dies

- before the caller's commit: nothing has happened;
- after it: the row waits, and any process sends it;
- while sending, or after the upload (crash point `after-upload`): the lease ends, and it is sent again;
- after the commit that says `sent`: the receipt closes it, or the deadline sends it again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy import Connection

from sf2530.database import content as archive
from sf2530.database import leases
from sf2530.database.leases import Lease, RetryPolicy
from sf2530.errors import DataError
from sf2530.exchange.advice import command
from sf2530.exchange.alarms import close_alarms, raise_alarm
from sf2530.exchange.documents import ROUTING_RECIPIENT, DynamicRouting, FileDescriptor, Trigger
from sf2530.exchange.file_names import check_data_file_name
from sf2530.exchange.settings import ExchangeSettings
from sf2530.exchange.states import OutgoingState
from sf2530.exchange.tables import outgoing_file
from sf2530.language import _

_routing_json = TypeAdapter(DynamicRouting)
_TO_BE_SENT = (OutgoingState.WAITING, OutgoingState.SENT)
_AFRESH = {
    "state": OutgoingState.WAITING,
    "closed_at": None,
    "sendings": 0,
    "attempts": 0,
    "next_try": None,
    "last_error": None,
}
_ALARMS = ("receipt-missing", "receipt-refused", "sending-failed")


class OutboxConflict(DataError):
    """A file of this name or sender's file id is in the outbox already, and is not the same."""

    code = "outbox-conflict"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingFile:
    """One file of ours. `sendings` counts the uploads that came through."""

    id: int
    name: str
    size_bytes: int
    sha256: str
    recipient: str
    senders_file_id: str
    routing: DynamicRouting | None
    subject: str
    state: OutgoingState
    sendings: int

    def trigger(self, sender: str) -> Trigger:
        """Make the trigger that announces this file; the same each time."""
        return Trigger(
            descriptor=FileDescriptor(
                file_name=self.name,
                size_bytes=self.size_bytes,
                sender=sender,
                senders_file_id=self.senders_file_id,
                recipients=(self.recipient,),
            ),
            routing=self.routing,
        )


def put(  # noqa: PLR0913  what a file needs to leave the house, all of it
    tx: Connection,
    *,
    name: str,
    content: bytes,
    recipient: str,
    senders_file_id: str,
    subject: str,
    now: datetime,
    routing: DynamicRouting | None = None,
) -> int:
    """Put a file into the outbox, in the caller's transaction, and give its id.

    The same file again (name, bytes, recipient, sender's file id) changes nothing and gives the same id.
    `recipient` is an SFTP user; with `routing` it is ROUTING_V1_0_0 and the platform finds the user.
    `subject` says what the file is about, for people. Raises OutboxConflict if the name or the sender's
    file id stands for another file, and FileNameRefused.
    """
    check_data_file_name(name)
    if routing is not None:
        recipient = ROUTING_RECIPIENT
    sha256 = hashlib.sha256(content).hexdigest()
    wanted = (name, sha256, recipient, senders_file_id)
    if earlier := _with_key(tx, name=name, senders_file_id=senders_file_id):
        if any((row.name, row.sha256, row.recipient, row.senders_file_id) != wanted for row in earlier):
            raise _conflict(name)
        return int(earlier[0].id)

    archive.put(tx, content)
    row = {
        "name": name,
        "size_bytes": len(content),
        "sha256": sha256,
        "recipient": recipient,
        "senders_file_id": senders_file_id,
        "routing": None if routing is None else _routing_json.dump_json(routing).decode(),
        "subject": subject,
        "created_at": now,
        "state": OutgoingState.WAITING,
    }
    return int(tx.execute(sa.insert(outgoing_file).values(**row).returning(outgoing_file.c.id)).scalar_one())


def find(tx: Connection, *, name: str, lock: bool = False) -> OutgoingFile | None:
    """Give the file of that name, if there is one in the outbox; with `lock`, keep others from it."""
    query = sa.select(outgoing_file).where(outgoing_file.c.name == name)
    row = tx.execute(query.with_for_update() if lock else query).one_or_none()
    return None if row is None else _file(row)


def names_of(tx: Connection, held: Sequence[Lease]) -> dict[int, str]:
    """Give the name of each leased file by its id, without looking at anything else of it."""
    c = outgoing_file.c
    chosen = sa.select(c.id, c.name).where(c.id.in_([lease.id for lease in held]))
    return {row.id: row.name for row in tx.execute(chosen)}


def name_of(tx: Connection, file_id: int) -> str | None:
    """Give the name of the file with that id, if there is one in the outbox."""
    return tx.scalar(sa.select(outgoing_file.c.name).where(outgoing_file.c.id == file_id))


def take(tx: Connection, *, owner: str, now: datetime, seconds: float, limit: int) -> list[Lease]:
    """Lease files that wait to be sent, and sent ones whose receipt is overdue.

    Those that have failed come last, each alone: a server works off one session's requests in order, so
    that one file it is stuck at makes others fail with it, and they must not fail with it twice. Any
    number of processes may run this at the same time.
    """
    failed = outgoing_file.c.attempts > 0
    for where, count in ((sa.not_(failed), limit), (failed, 1)):
        taken = leases.take(
            tx,
            outgoing_file,
            states=_TO_BE_SENT,
            owner=owner,
            now=now,
            seconds=seconds,
            limit=count,
            where=where,
        )
        if taken:
            return taken
    return []


def load(tx: Connection, lease: Lease) -> tuple[OutgoingFile, bytes]:
    """Give a leased file and its bytes. Raises ContentDamaged, ContentMissing."""
    row = tx.execute(sa.select(outgoing_file).where(outgoing_file.c.id == lease.id)).one()
    return _file(row), archive.get(tx, row.sha256)


def note_sent(
    tx: Connection, lease: Lease, file: OutgoingFile, *, settings: ExchangeSettings, now: datetime
) -> None:
    """Note that file and trigger lie in (or went through) `OUT`, and when the receipt is due.

    Raises LeaseLost; a receipt that was faster than this note ends the lease too.
    """
    if file.sendings >= settings.sendings_before_alarm:
        _raise_receipt_missing(tx, file, now=now)
    wait = min(settings.receipt_seconds * 2.0 ** min(file.sendings, 30), settings.longest_receipt_seconds)
    leases.move(
        tx,
        outgoing_file,
        lease,
        to=OutgoingState.SENT,
        now=now,
        next_try=now + timedelta(seconds=wait),
        sendings=file.sendings + 1,
        sent_at=now,
    )


def note_failed(tx: Connection, lease: Lease, *, error: str, retry: RetryPolicy, now: datetime) -> None:
    """Give back a file that could not be sent; after the last try it is quarantined with an alarm.

    The server would not take it, or its bytes can't be had from our archive.
    """
    quarantined = leases.give_back(
        tx,
        outgoing_file,
        lease,
        error=error,
        now=now,
        retry=retry,
        quarantine_state=OutgoingState.QUARANTINED,
    )
    if quarantined:
        _raise_sending_failed(tx, lease.id, error=error, now=now)


def let_go(tx: Connection, lease: Lease, *, now: datetime) -> None:
    """Give back a file that could not be tried, because the connection broke. Raises LeaseLost."""
    leases.let_go(tx, outgoing_file, lease, now=now)


def close(tx: Connection, file: OutgoingFile, *, to: OutgoingState, transfer_id: str, now: datetime) -> None:
    """Close a file by its receipt, whoever may be sending it just now: their lease ends here."""
    c = outgoing_file.c
    tx.execute(
        sa.update(outgoing_file)
        .where(c.id == file.id)
        .values(
            state=to,
            transfer_id=transfer_id,
            closed_at=now,
            owner=None,
            lease_until=None,
            next_try=None,
            last_error=None,
            fence=c.fence + 1,
        )
    )
    close_alarms(tx, codes=_ALARMS, subject=file.name, now=now)


def send_again(tx: Connection, *, name: str, now: datetime) -> bool:
    """Send a refused, quarantined or delivered file once more, same name, same bytes: a person's decision.

    Tells if there is such a file. One that is on its way already stays as it is.
    """
    c = outgoing_file.c
    ended = c.state.not_in(_TO_BE_SENT)
    changed = tx.execute(
        sa.update(outgoing_file).where(c.name == name, ended).values(**_AFRESH, fence=c.fence + 1)
    )
    if changed.rowcount:
        close_alarms(tx, codes=_ALARMS, subject=name, now=now)
    return bool(changed.rowcount)


def _with_key(tx: Connection, *, name: str, senders_file_id: str) -> list[sa.Row[Any]]:
    c = outgoing_file.c
    same = sa.or_(c.name == name, c.senders_file_id == senders_file_id)
    return list(tx.execute(sa.select(outgoing_file).where(same)))


def _file(row: sa.Row[Any]) -> OutgoingFile:
    return OutgoingFile(
        id=row.id,
        name=row.name,
        size_bytes=row.size_bytes,
        sha256=row.sha256,
        recipient=row.recipient,
        senders_file_id=row.senders_file_id,
        routing=None if row.routing is None else _routing_json.validate_json(row.routing),
        subject=row.subject,
        state=OutgoingState(row.state),
        sendings=row.sendings,
    )


def _conflict(name: str) -> OutboxConflict:
    return OutboxConflict(
        _("Another file of this name or with this sender's file id is in the outbox already"),
        where=name,
        remedy=_("Nothing was changed. Give the new content a new name and a new id."),
    )


def _raise_sending_failed(tx: Connection, file_id: int, *, error: str, now: datetime) -> None:
    c = outgoing_file.c
    row = tx.execute(sa.select(c.name, c.subject).where(c.id == file_id)).one()
    raise_alarm(
        tx,
        code="sending-failed",
        subject=row.name,
        text=_("%(subject)s: the file can't be put into OUT (%(why)s)")
        % {"subject": row.subject, "why": error},
        remedy=_("Remove the reason, then send the file again with `%(command)s`.")
        % {"command": command(tx, f"files send-again {file_id}")},
        now=now,
    )


def _raise_receipt_missing(tx: Connection, file: OutgoingFile, *, now: datetime) -> None:
    raise_alarm(
        tx,
        code="receipt-missing",
        subject=file.name,
        text=_("%(subject)s: sent %(count)s times, and the platform has given no receipt")
        % {"subject": file.subject, "count": file.sendings + 1},
        remedy=_("It is sent again by itself, ever more slowly. Ask the platform's operator about the file."),
        now=now,
    )
