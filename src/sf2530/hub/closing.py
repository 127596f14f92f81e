"""Close a file: an upload becomes lasting and may be routed by it; a reading may be the first.

Named points for crash tests: `hub-before-receiving`, where the bytes are on the disk but no row names
them (the client has no answer and sends again), and `hub-after-receiving`, where all is committed but
the client does not know (it sends again, and gets the same receipt).
"""

from __future__ import annotations

import asyncio
from functools import partial

import sqlalchemy as sa

from sf2530 import crashing
from sf2530.database.content import INLINE_BYTES, ContentDirectory, Sealed
from sf2530.hub import entries, ledger, receiving
from sf2530.hub.handles import Reading, UploadRefused, Writing
from sf2530.hub.ledger import Actor
from sf2530.hub.session import Session
from sf2530.hub.states import EventKind
from sf2530.language import _


async def close_writing(session: Session, writing: Writing, *, by_client: bool) -> None:
    """Make an upload lasting: when this returns, its bytes and its row are on the disk.

    Closing a trigger, or the data file a trigger waits for, routes it in the same transaction. An upload
    whose client is gone, or that did not get all its bytes, is kept as unfinished, to be resumed.
    Raises UploadRefused if the client closes what is not whole.
    """
    services = session.services
    services.under_way.end(writing)
    complete = by_client and not writing.failed
    if writing.overtaken or not (complete or writing.size or writing.has_row):
        writing.spool.discard()
    else:
        await _register(session, writing, complete=complete)
    if complete and not writing.overtaken:
        session.closed(writing.name, writing.size)
    elif by_client:
        raise UploadRefused(
            _("The upload is not whole, and is not sent."), remedy=_("Upload the file again.")
        )


async def close_reading(session: Session, reading: Reading) -> None:
    """Note that an entry of `IN` was read to its end, if it was; the client doesn't wait for that."""
    entry = reading.entry
    if entry is None or entry.read_at is not None or reading.read_to < entry.size:
        return
    noted = partial(_note_reading, actor=session.actor(), entry=entry)
    session.services.committer.post(noted, "reading-not-noted")


async def _register(session: Session, writing: Writing, *, complete: bool) -> None:
    services = session.services
    if writing.size <= INLINE_BYTES:
        sealed = writing.spool.seal()
    else:
        sealed = await asyncio.to_thread(_seal, writing, services.directory)
    crashing.reached("hub-before-receiving")
    try:
        await services.committer.commit(
            partial(
                receiving.receive,
                actor=session.actor(),
                name=writing.name,
                sealed=sealed,
                complete=complete,
                rules=services.rules,
            )
        )
    finally:
        sealed.discard()
    crashing.reached("hub-after-receiving")


def _seal(writing: Writing, directory: ContentDirectory | None) -> Sealed:
    sealed = writing.spool.seal()
    return directory.adopt(sealed) if directory else sealed


def _note_reading(tx: sa.Connection, actor: Actor, entry: entries.Entry) -> None:
    if entries.mark_read(tx, entry, now=actor.now):
        event = actor.event(EventKind.READ, entry.transfer, file=entry.name, kind_of_entry=entry.kind.value)
        ledger.append(tx, [event])
