"""What a sender does in its `OUT`: close an upload, begin one anew, rename, remove.

Each is one transaction, run by the committer. Closing a trigger, or renaming a file to one, acts on it
right there: when the client hears that it worked, the receipt is committed.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from sf2530.database import content
from sf2530.database.content import Sealed
from sf2530.errors import DataError
from sf2530.exchange.file_names import trigger_name
from sf2530.hub import ledger, names, uploads
from sf2530.hub.delivering import HandedTrigger, Rules, act_on_trigger
from sf2530.hub.ledger import Actor
from sf2530.hub.states import EventKind, UploadState
from sf2530.hub.tables import system
from sf2530.hub.uploads import NewUpload
from sf2530.language import _


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
    sha256 = content.put_sealed(tx, sealed)
    if complete and (data_name := names.data_name_of_trigger(name)) is not None:
        trigger = HandedTrigger(data_name=data_name, size=sealed.size, sha256=sha256)
        act_on_trigger(tx, actor, trigger, rules=rules)
        return
    file = NewUpload(
        system_id=actor.system_id,
        name=name,
        state=UploadState.COMPLETE if complete else UploadState.UNFINISHED,
        size=sealed.size,
        sha256=sha256,
    )
    uploads.put(tx, file, now=actor.now)
    if complete:
        _complete(tx, actor, file, rules=rules)


def begin_anew(tx: sa.Connection, actor: Actor, name: str) -> None:
    """Mark a file that is about to be written again as unfinished, so that nothing routes it meanwhile."""
    if (file := uploads.find(tx, actor.system_id, name)) is not None:
        uploads.mark_unfinished(tx, file)


def rename(tx: sa.Connection, actor: Actor, old: str, new: str, *, replace: bool, rules: Rules) -> None:
    """Rename a file within `OUT`. Raises NotThere; AlreadyThere unless it may `replace` what has that name.

    An unfinished upload stays unfinished under its new name, and can't become a trigger.
    """
    file = uploads.find(tx, actor.system_id, old)
    if file is None:
        raise NotThere(_("There is no such file."))
    data_name = names.data_name_of_trigger(new)
    if file.state is UploadState.UNFINISHED and data_name is not None:
        raise StillUnfinished(_("The upload of this file is not finished."))
    if old == new:
        return
    if not replace and uploads.find(tx, actor.system_id, new) is not None:
        raise AlreadyThere(_("There is a file of that name."))
    if data_name is not None:
        uploads.remove(tx, actor.system_id, [old])
        trigger = HandedTrigger(data_name=data_name, size=file.size, sha256=file.sha256)
        act_on_trigger(tx, actor, trigger, rules=rules)
        return
    uploads.remove(tx, actor.system_id, [new])
    state = UploadState.UNFINISHED if file.state is UploadState.UNFINISHED else UploadState.COMPLETE
    uploads.rename(tx, file, new, state=state)
    if state is UploadState.COMPLETE:
        renamed = NewUpload(
            system_id=file.system_id, name=new, state=state, size=file.size, sha256=file.sha256
        )
        _complete(tx, actor, renamed, rules=rules)


def remove(tx: sa.Connection, actor: Actor, name: str) -> None:
    """Take a file out of `OUT` at its sender's wish. Raises NotThere."""
    file = uploads.find(tx, actor.system_id, name)
    if file is None:
        raise NotThere(_("There is no such file."))
    uploads.remove(tx, actor.system_id, [name])
    ledger.append(tx, [actor.event(EventKind.WITHDRAWN, file=name, sha256=file.sha256)])


def settle(tx: sa.Connection, upload_id: int, *, rules: Rules, now: datetime) -> bool:
    """Decide on a trigger whose time to wait is up; False if it is gone or waits anew by now."""
    file = uploads.find_overdue(tx, upload_id, now=now)
    if file is None:
        return False
    owner = tx.execute(sa.select(system.c.name).where(system.c.id == file.system_id)).scalar_one()
    actor = Actor(system_id=file.system_id, system=owner, now=now)
    act_on_trigger(tx, actor, HandedTrigger.waiting(file), rules=rules)
    return True


def _complete(tx: sa.Connection, actor: Actor, file: NewUpload, *, rules: Rules) -> None:
    """Note that a data file lies complete under its name, and act on a trigger that waits for it."""
    if names.is_temporary(file.name):
        return
    received = actor.event(EventKind.RECEIVED, file=file.name, size=file.size, sha256=file.sha256)
    ledger.append(tx, [received])
    trigger = uploads.find(tx, actor.system_id, trigger_name(file.name))
    if trigger is not None and trigger.state is UploadState.WAITING:
        act_on_trigger(tx, actor, HandedTrigger.waiting(trigger), rules=rules)
