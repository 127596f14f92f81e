"""The deleting pass: clear `IN` of what is done with, and of nothing else.

A file is deleted only after its work is settled, data first and metadata last, and before each of the two
only while the metadata are still the ones we read: a new delivery under the same name is not ours to
delete. The platform keeps a name in use until both are gone, so that none appears between the two; where
it does not, one may still slip in between our look and our deletion, and its data then lie in `IN`
without metadata, of which a person hears. A process that dies in between (crash points
`between-deletions`, `after-delete`) looks and deletes again, which finds the metadata alone, or nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sf2530 import crashing
from sf2530.exchange import incoming
from sf2530.exchange.desk import Desk
from sf2530.exchange.file_names import metadata_name
from sf2530.exchange.incoming import InOurIn
from sf2530.exchange.mailbox import Mailbox, MailboxRefused, NotInMailbox
from sf2530.exchange.xml_parsing import LARGEST_DOCUMENT

_FRESH = timedelta(minutes=1)  # registered since the listing, maybe by another process's clock


async def delete(mailbox: Mailbox, desk: Desk, listing: Mapping[str, int], *, listed_at: datetime) -> int:
    """Delete settled files on the hub, give how many; and note the ones that the hub itself has removed.

    Raises MailboxUnreachable, with what is gone noted, when the connection is gone.
    """
    here = await desk.commit(lambda tx, _now: incoming.still_in_our_in(tx))
    vanished = [file.id for file in here if _has_vanished(file, listing, listed_at)]
    await _note(desk, vanished)
    deleted = 0
    for portion in desk.portions([file for file in here if file.settled]):
        outcomes = await asyncio.gather(*(_delete(mailbox, file) for file in portion), return_exceptions=True)
        crashing.reached("after-delete")
        gone = [file.id for file, outcome in zip(portion, outcomes, strict=True) if outcome is True]
        await _note(desk, gone)
        deleted += len(gone)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
    return deleted


def _has_vanished(file: InOurIn, listing: Mapping[str, int], listed_at: datetime) -> bool:
    """Tell if a file that still waits (for work, for a person) is there no longer: the hub's retention."""
    listed = file.name in listing or metadata_name(file.name) in listing
    return not file.settled and not listed and file.received_at < listed_at - _FRESH


async def _delete(mailbox: Mailbox, file: InOurIn) -> bool:
    """Delete one file; tell if ours is gone now. A refusal is tried again in the next pass."""
    try:
        for name in (file.name, metadata_name(file.name)):
            raw = await mailbox.read(metadata_name(file.name), limit=LARGEST_DOCUMENT)
            if hashlib.sha256(raw).hexdigest() != file.metadata_sha256:
                return True  # a new delivery has taken its place: ours is gone
            await mailbox.delete(name)
            if name == file.name:
                crashing.reached("between-deletions")
    except NotInMailbox:
        return True
    except MailboxRefused:
        return False
    return True


async def _note(desk: Desk, ids: Sequence[int]) -> None:
    if ids:
        await desk.commit(lambda tx, now: incoming.note_deleted(tx, ids, now=now))
