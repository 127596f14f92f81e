"""The rows of a sender's `OUT`: one a name, replaced as a whole when its new bytes are on disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from sf2530.database.upserting import insert_or_replace
from sf2530.hub.states import UploadState
from sf2530.hub.tables import upload


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file in `OUT`. `wait_until` is set while it is a trigger that waits for its data file."""

    id: int
    system_id: int
    name: str
    state: UploadState
    size: int
    sha256: str
    changed_at: datetime
    wait_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUpload:
    """A file as it is put into `OUT`; its bytes are in the archive."""

    system_id: int
    name: str
    state: UploadState
    size: int
    sha256: str
    wait_until: datetime | None = None


# Built once: a statement is made more slowly than it is run, and these run for every file.
_OF_NAME = upload.c.system_id == sa.bindparam("of_system"), upload.c.name == sa.bindparam("of_name")
_FIND = sa.select(upload).where(*_OF_NAME)
_REMOVE = sa.delete(upload).where(_OF_NAME[0], upload.c.name.in_(sa.bindparam("names", expanding=True)))
_LISTING = (
    sa.select(upload)
    .where(upload.c.system_id == sa.bindparam("of_system"), upload.c.name > sa.bindparam("after"))
    .order_by(upload.c.name)
    .limit(sa.bindparam("limit"))
)
_REPLACED = ("state", "size", "sha256", "changed_at", "wait_until")


def find(tx: sa.Connection, system_id: int, name: str) -> Upload | None:
    """Give the file of that name; None if there is none."""
    row = tx.execute(_FIND, {"of_system": system_id, "of_name": name}).mappings().one_or_none()
    return None if row is None else _upload(row)


def listing(tx: sa.Connection, system_id: int, *, after: str, limit: int) -> Sequence[Upload]:
    """Give the files in `OUT` by name, from the first name beyond `after` on."""
    found = tx.execute(_LISTING, {"of_system": system_id, "after": after, "limit": limit})
    return [_upload(row) for row in found.mappings()]


def put(tx: sa.Connection, new: NewUpload, *, now: datetime) -> None:
    """Put a file into `OUT`, in the place of one of that name."""
    values = {
        "system_id": new.system_id,
        "name": new.name,
        "state": new.state.value,
        "size": new.size,
        "sha256": new.sha256,
        "changed_at": now,
        "wait_until": new.wait_until,
    }
    tx.execute(insert_or_replace(tx, upload, key=("system_id", "name"), replaced=_REPLACED), values)


def mark_unfinished(tx: sa.Connection, file: Upload) -> None:
    """Keep a file from being routed until it is put again."""
    changed = sa.update(upload).where(upload.c.id == file.id)
    tx.execute(changed.values(state=UploadState.UNFINISHED.value, wait_until=None))


def rename(tx: sa.Connection, file: Upload, name: str, *, state: UploadState) -> None:
    """Give a file another name, which must be free."""
    changed = sa.update(upload).where(upload.c.id == file.id)
    tx.execute(changed.values(name=name, state=state.value, wait_until=None))


def remove(tx: sa.Connection, system_id: int, names: Sequence[str]) -> None:
    """Take files out of `OUT`; names that are not there are no matter."""
    tx.execute(_REMOVE, {"of_system": system_id, "names": names})


def overdue(tx: sa.Connection, *, now: datetime, limit: int) -> Sequence[Upload]:
    """Give triggers that have waited long enough, the longest waiting first."""
    chosen = sa.select(upload).where(upload.c.wait_until <= now).order_by(upload.c.wait_until)
    return [_upload(row) for row in tx.execute(chosen.limit(limit)).mappings()]


def find_overdue(tx: sa.Connection, upload_id: int, *, now: datetime) -> Upload | None:
    """Give a trigger if it is still there and has waited long enough."""
    chosen = sa.select(upload).where(upload.c.id == upload_id, upload.c.wait_until <= now)
    row = tx.execute(chosen).mappings().one_or_none()
    return None if row is None else _upload(row)


def postpone(tx: sa.Connection, upload_id: int, *, now: datetime, until: datetime) -> None:
    """Let a trigger wait on, if it still waits and its time was up."""
    overdue = sa.update(upload).where(upload.c.id == upload_id, upload.c.wait_until <= now)
    tx.execute(overdue.values(wait_until=until))


def _upload(row: sa.RowMapping) -> Upload:
    return Upload(**dict(row) | {"state": UploadState(row["state"])})
