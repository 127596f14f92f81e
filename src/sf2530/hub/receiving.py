"""What a sender does in its `OUT`: close an upload, begin one anew, rename, remove.

Each is one transaction, run by the committer. Closing a trigger, or renaming a file to one, acts on it
right there: when the client hears that it worked, the receipt is committed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import sqlalchemy as sa

from sf2530.database import content
from sf2530.database.content import Sealed
from sf2530.errors import DataError
from sf2530.exchange.file_names import trigger_name
from sf2530.hub import ledger, names, uploads
from sf2530.hub.delivering import Rules, act_on_trigger
from sf2530.hub.ledger import Actor
from sf2530.hub.states import EventKind, UploadState
from sf2530.hub.tables import system
from sf2530.hub.uploads import Bytes, Upload
from sf2530.language import _

_OVERDUE_AT_ONCE: Final = 100


class NotThere(DataError):
    """There is no file of that name in `OUT` (any more)."""

    code = "not-there"


class AlreadyThere(DataError):
    """There is a file of that name in `OUT` already."""

    code = "already-there"


class StillUnfinished(DataError):
    """A file whose upload has not ended can't become a trigger."""

    code = "still-unfinished"


def receive(
    tx: sa.Connection, actor: Actor, name: str, sealed: Sealed, *, complete: bool, rules: Rules
) -> None:
    """Register what was uploaded; if it is complete, act on a trigger that this makes possible."""
    held = Bytes(size=sealed.size, sha256=content.put_sealed(tx, sealed))
    state = UploadState.COMPLETE if complete else UploadState.UNFINISHED
    file = uploads.put(tx, actor.system_id, name, held, state=state, now=actor.now)
    if complete:
        _settled(tx, actor, file, rules=rules)


def begin_anew(tx: sa.Connection, actor: Actor, name: str) -> Upload | None:
    """Mark a file that is about to be written again as unfinished, so that nothing routes it meanwhile."""
    file = uploads.find(tx, actor.system_id, name)
    if file is not None:
        uploads.move(tx, file, to=UploadState.UNFINISHED)
    return file


def rename(tx: sa.Connection, actor: Actor, old: str, new: str, *, replace: bool, rules: Rules) -> None:
    """Rename a file within `OUT`. Raises NotThere; AlreadyThere unless it may `replace` what has that name.

    An unfinished upload stays unfinished under its new name, and can't become a trigger.
    """
    file = uploads.find(tx, actor.system_id, old)
    if file is None:
        raise NotThere(_("There is no such file."))
    if file.state is UploadState.UNFINISHED and names.data_name_of_trigger(new) is not None:
        raise StillUnfinished(_("The upload of this file is not finished."))
    if old == new:
        return
    if (there := uploads.find(tx, actor.system_id, new)) is not None:
        if not replace:
            raise AlreadyThere(_("There is a file of that name."))
        uploads.remove(tx, [there])
    renamed = uploads.rename(tx, file, new)
    if file.state is UploadState.WAITING:
        uploads.move(tx, file, to=UploadState.COMPLETE)
    if file.state is not UploadState.UNFINISHED:
        _settled(tx, actor, renamed, rules=rules)


def remove(tx: sa.Connection, actor: Actor, name: str) -> None:
    """Take a file out of `OUT` at its sender's wish. Raises NotThere."""
    file = uploads.find(tx, actor.system_id, name)
    if file is None:
        raise NotThere(_("There is no such file."))
    uploads.remove(tx, [file])
    ledger.append(tx, [actor.event(EventKind.WITHDRAWN, file=name, sha256=file.sha256)])


def settle_overdue(tx: sa.Connection, *, rules: Rules, now: datetime) -> int:
    """Decide on the triggers whose time to wait is up; tells how many there were."""
    overdue = uploads.overdue(tx, now=now, limit=_OVERDUE_AT_ONCE)
    for file in overdue:
        owner = tx.execute(sa.select(system.c.name).where(system.c.id == file.system_id)).scalar_one()
        actor = Actor(system_id=file.system_id, system=owner, now=now)
        data_name = names.data_name_of_trigger(file.name) or file.name
        act_on_trigger(tx, actor, file, data_name=data_name, rules=rules)
    return len(overdue)


def _settled(tx: sa.Connection, actor: Actor, file: Upload, *, rules: Rules) -> None:
    """Act on a file that now lies complete under its name, or on the trigger that waits for it."""
    if (data_name := names.data_name_of_trigger(file.name)) is not None:
        act_on_trigger(tx, actor, file, data_name=data_name, rules=rules)
        return
    if names.is_temporary(file.name):
        return
    received = actor.event(EventKind.RECEIVED, file=file.name, size=file.size, sha256=file.sha256)
    ledger.append(tx, [received])
    waiting = uploads.find(tx, actor.system_id, trigger_name(file.name))
    if waiting is not None and waiting.state is UploadState.WAITING:
        act_on_trigger(tx, actor, waiting, data_name=file.name, rules=rules)
