"""The sending pass: put what waits in the outbox into `OUT`, several files at once.

Lease and load in one transaction, upload outside any, note in one transaction. A process that dies in
between (crash point `after-upload`) leaves leased rows; when the lease ends they are sent again, under the
same names with the same bytes.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy import Connection

from sf2530 import crashing
from sf2530.database.leases import Lease, LeaseLost
from sf2530.exchange import outgoing
from sf2530.exchange.desk import Desk, described
from sf2530.exchange.mailbox import Mailbox, MailboxUnreachable
from sf2530.exchange.outgoing import OutgoingFile
from sf2530.exchange.tables import outgoing_file
from sf2530.exchange.xml_writing import write

_log = structlog.get_logger()
_Loaded = tuple[Lease, OutgoingFile, bytes]
_Tried = tuple[Lease, OutgoingFile, Exception | None]


async def send(mailbox: Mailbox, desk: Desk) -> int:
    """Send the files that wait and those whose receipt is overdue; give how many were tried.

    At most `files_at_once` of them: call again until it gives 0. One file's failure is noted on its row
    and stops no other. Raises MailboxUnreachable, with everything noted, when the connection is gone.
    """
    loaded = await desk.commit(partial(_take, desk=desk))
    if not loaded:
        return 0
    async with desk.keeping(outgoing_file, [lease for lease, _file, _content in loaded]):
        tried = await asyncio.gather(*(_deliver(mailbox, desk, each) for each in loaded))
    crashing.reached("after-upload")
    await desk.commit(partial(_note, desk=desk, tried=tried))
    for _lease, _file, error in tried:
        if isinstance(error, MailboxUnreachable):
            raise error
    return len(tried)


def _take(tx: Connection, now: datetime, *, desk: Desk) -> list[_Loaded]:
    settings = desk.settings
    taken = outgoing.take(
        tx, owner=desk.owner, now=now, seconds=settings.lease_seconds, limit=settings.files_at_once
    )
    return [(lease, *outgoing.load(tx, lease)) for lease in taken]


async def _deliver(mailbox: Mailbox, desk: Desk, loaded: _Loaded) -> _Tried:
    lease, file, content = loaded
    try:
        await mailbox.deliver(file.name, content, write(file.trigger(desk.own_name)))
    except Exception as error:  # noqa: BLE001  whatever it is, it is this file's alone and goes on its row
        return lease, file, error
    return lease, file, None


def _note(tx: Connection, now: datetime, *, desk: Desk, tried: list[_Tried]) -> None:
    # by name, as receipts are taken: so the two never wait for each other in a circle
    for lease, file, error in sorted(tried, key=lambda each: each[1].name):
        try:
            _note_one(tx, now, desk=desk, tried=(lease, file, error))
        except LeaseLost:  # its receipt was faster than this note, or another process has taken over
            _log.info("sending-overtaken", file=file.name)


def _note_one(tx: Connection, now: datetime, *, desk: Desk, tried: _Tried) -> None:
    lease, file, error = tried
    if error is None:
        outgoing.note_sent(tx, lease, file, settings=desk.settings, now=now)
        _log.info("file-sent", file=file.name, bytes=file.size_bytes, sendings=file.sendings + 1)
    elif isinstance(error, MailboxUnreachable):
        outgoing.let_go(tx, lease, now=now)
    else:
        _log.warning("file-not-sent", file=file.name, error=described(error))
        outgoing.note_failed(tx, lease, file, error=described(error), retry=desk.retry, now=now)
