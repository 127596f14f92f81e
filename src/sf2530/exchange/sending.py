"""The sending pass: put what waits in the outbox into `OUT`, several files at once.

Lease in one transaction, load and upload each file by itself outside of it, note in one transaction: a
file whose bytes are missing or damaged in our archive is set aside like one that the server refuses, and
keeps no other from being sent. A process that dies in between (crash point `after-upload`) leaves leased
rows; when the lease ends they are sent again, under the same names with the same bytes.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy import Connection

from sf2530 import crashing
from sf2530.database.engines import reading
from sf2530.database.leases import Lease, LeaseLost
from sf2530.errors import UnreachableError
from sf2530.exchange import outgoing
from sf2530.exchange.desk import Desk, described
from sf2530.exchange.file_names import receipt_name
from sf2530.exchange.mailbox import Mailbox, MailboxError, MailboxUnreachable, NoAnswer
from sf2530.exchange.outgoing import OutgoingFile
from sf2530.exchange.tables import outgoing_file
from sf2530.exchange.xml_writing import write

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tried:
    """How sending one file went: `file` is there if it was sent, `error` if it was not."""

    lease: Lease
    name: str
    file: OutgoingFile | None = None
    error: Exception | None = None

    @property
    def is_untried(self) -> bool:
        """Tell if the file is not to blame: the connection broke, or our own database is away.

        Silence counts as a try: else a file that the server is stuck at would be sent for ever.
        """
        if isinstance(self.error, MailboxError):
            return isinstance(self.error, MailboxUnreachable) and not isinstance(self.error, NoAnswer)
        return isinstance(self.error, UnreachableError)


async def send(mailbox: Mailbox, desk: Desk) -> int:
    """Send the files that wait and those whose receipt is overdue; give how many were tried.

    At most `files_at_once` of them: call again until it gives 0. One file's failure is noted on its row
    and stops no other. Raises MailboxUnreachable when the connection is gone, and DatabaseUnreachable when
    files could not be loaded; the rest is noted before.
    """
    held = await desk.commit(partial(_take, desk=desk))
    if not held:
        return 0
    async with desk.keeping(outgoing_file, [lease for lease, _name in held]):
        tried = await asyncio.gather(*(_deliver(mailbox, desk, lease, name) for lease, name in held))
    crashing.reached("after-upload")
    await desk.commit(partial(_note, desk=desk, tried=tried))
    for each in tried:
        if each.error is not None and (each.is_untried or isinstance(each.error, NoAnswer)):
            raise each.error
    return len(tried)


def _take(tx: Connection, now: datetime, *, desk: Desk) -> list[tuple[Lease, str]]:
    settings = desk.settings
    taken = outgoing.take(
        tx, owner=desk.owner, now=now, seconds=settings.lease_seconds, limit=settings.files_at_once
    )
    names = outgoing.names_of(tx, taken)
    return [(lease, names[lease.id]) for lease in taken]


async def _deliver(mailbox: Mailbox, desk: Desk, lease: Lease, name: str) -> _Tried:
    try:
        file, content = await asyncio.to_thread(_load, desk, lease)
        await mailbox.deliver(file.name, content, write(file.trigger(desk.own_name)))
    except Exception as error:  # noqa: BLE001  whatever it is, it is this file's alone and goes on its row
        return _Tried(lease=lease, name=name, error=error)
    return _Tried(lease=lease, name=name, file=file)


def _load(desk: Desk, lease: Lease) -> tuple[OutgoingFile, bytes]:
    with reading(desk.engine) as tx:
        return outgoing.load(tx, lease)


def _note(tx: Connection, now: datetime, *, desk: Desk, tried: list[_Tried]) -> None:
    # in the order in which receipts are taken: so the two never wait for each other in a circle
    for each in sorted(tried, key=lambda each: receipt_name(each.name)):
        try:
            _note_one(tx, now, desk=desk, tried=each)
        except LeaseLost:  # its receipt was faster than this note, or another process has taken over
            _log.info("sending-overtaken", file=each.name)


def _note_one(tx: Connection, now: datetime, *, desk: Desk, tried: _Tried) -> None:
    if tried.file is not None:
        outgoing.note_sent(tx, tried.lease, tried.file, settings=desk.settings, now=now)
        bytes_sent, sendings = tried.file.size_bytes, tried.file.sendings + 1
        _log.info("file-sent", file=tried.name, bytes=bytes_sent, sendings=sendings)
    elif tried.error is not None and not tried.is_untried:
        _log.warning("file-not-sent", file=tried.name, error=described(tried.error))
        outgoing.note_failed(tx, tried.lease, error=described(tried.error), retry=desk.retry, now=now)
    else:
        outgoing.let_go(tx, tried.lease, now=now)
