"""The rows of a sender's `OUT`: one a name, replaced as a whole when its new bytes are on disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from sf2530.hub.states import UPLOAD_MOVES, UploadState
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
class Bytes:
    """What a row points to: content in the archive."""

    size: int
    sha256: str


def find(tx: sa.Connection, system_id: int, name: str) -> Upload | None:
    """Give the file of that name; None if there is none."""
    chosen = sa.select(upload).where(upload.c.system_id == system_id, upload.c.name == name)
    row = tx.execute(chosen).mappings().one_or_none()
    return None if row is None else _upload(row)


def listing(tx: sa.Connection, system_id: int, *, after: str, limit: int) -> Sequence[Upload]:
    """Give the files in `OUT` by name, from the first name beyond `after` on."""
    chosen = sa.select(upload).where(upload.c.system_id == system_id, upload.c.name > after)
    return [_upload(row) for row in tx.execute(chosen.order_by(upload.c.name).limit(limit)).mappings()]


def put(
    tx: sa.Connection, system_id: int, name: str, content: Bytes, *, state: UploadState, now: datetime
) -> Upload:
    """Put a file into `OUT`, in the place of one of that name."""
    present = find(tx, system_id, name)
    values = {
        "state": state.value,
        "size": content.size,
        "sha256": content.sha256,
        "changed_at": now,
        "wait_until": None,
    }
    made: sa.Insert | sa.Update
    if present is None:
        made = sa.insert(upload).values(system_id=system_id, name=name, **values)
    else:
        _check_move(present.state, state)
        made = sa.update(upload).where(upload.c.id == present.id).values(**values)
    return _upload(tx.execute(made.returning(upload)).mappings().one())


def move(tx: sa.Connection, file: Upload, *, to: UploadState, wait_until: datetime | None = None) -> None:
    """Change a file's state; its bytes stay."""
    _check_move(file.state, to)
    changed = sa.update(upload).where(upload.c.id == file.id)
    tx.execute(changed.values(state=to.value, wait_until=wait_until))


def rename(tx: sa.Connection, file: Upload, name: str) -> Upload:
    """Give a file another name, which must be free."""
    changed = sa.update(upload).where(upload.c.id == file.id).values(name=name, wait_until=None)
    return _upload(tx.execute(changed.returning(upload)).mappings().one())


def remove(tx: sa.Connection, files: Sequence[Upload]) -> None:
    """Take files out of `OUT`."""
    tx.execute(sa.delete(upload).where(upload.c.id.in_([file.id for file in files])))


def overdue(tx: sa.Connection, *, now: datetime, limit: int) -> Sequence[Upload]:
    """Give triggers that have waited long enough, the longest waiting first."""
    chosen = sa.select(upload).where(upload.c.wait_until <= now).order_by(upload.c.wait_until)
    return [_upload(row) for row in tx.execute(chosen.limit(limit)).mappings()]


def _check_move(present: UploadState, to: UploadState) -> None:
    if to not in UPLOAD_MOVES[present]:
        msg = f"an upload that is {present} can't become {to}"
        raise ValueError(msg)


def _upload(row: sa.RowMapping) -> Upload:
    return Upload(**dict(row) | {"state": UploadState(row["state"])})
