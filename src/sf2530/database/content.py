"""The archive: bytes kept once each, under their SHA-256, in the transaction that speaks of them.

Few bytes stand in the row itself, many in pieces of 1 MiB beside it, or in a file of a ContentDirectory.
`get` and `verify` prove what is read against its SHA-256. Everything here takes the caller's transaction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from sf2530.database.content_directory import ContentDirectory, sweep
from sf2530.database.errors import ContentDamaged, ContentMissing
from sf2530.database.spooling import CHUNK_BYTES, INLINE_BYTES, Sealed, Spool
from sf2530.database.tables import content, content_chunk
from sf2530.database.upserting import insert_new
from sf2530.language import _

__all__ = [
    "CHUNK_BYTES",
    "INLINE_BYTES",
    "ContentDamaged",
    "ContentDirectory",
    "ContentMissing",
    "Sealed",
    "Spool",
    "Stored",
    "delete",
    "find",
    "get",
    "put",
    "put_sealed",
    "read",
    "size",
    "sweep",
    "verify",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """Where content is: its bytes as `data`, or in the file `file_name`, or (neither) in chunk rows."""

    sha256: str
    size: int
    data: bytes | None
    file_name: str | None


def put(tx: sa.Connection, data: bytes) -> str:
    """Keep `data` and give its SHA-256 in hexadecimal. The same bytes again change nothing.

    Until the transaction ends nobody can delete these bytes: what names them may be written after.
    """
    return put_sealed(tx, Sealed(sha256=hashlib.sha256(data).hexdigest(), size=len(data), data=data))


def put_sealed(tx: sa.Connection, sealed: Sealed) -> str:
    """Keep what was spooled, as `put` does.

    A file that a ContentDirectory has adopted is only named here; any other is copied into the database.
    """
    inline = sealed.data if sealed.size <= INLINE_BYTES else None
    row = {
        "sha256": sealed.sha256,
        "size": sealed.size,
        "inline": inline,
        "file_name": sealed.file_name,
    }
    is_new = _insert_or_lock(tx, row)
    if is_new and inline is None and sealed.file_name is None:
        for number, chunk in enumerate(sealed.chunks()):
            tx.execute(sa.insert(content_chunk), {"sha256": sealed.sha256, "number": number, "data": chunk})
    return sealed.sha256


def find(tx: sa.Connection, sha256: str) -> Stored:
    """Say where content is. Raises ContentMissing."""
    row = tx.execute(sa.select(content).where(content.c.sha256 == sha256)).one_or_none()
    if row is None:
        raise _missing(sha256)
    return Stored(sha256=sha256, size=row.size, data=row.inline, file_name=row.file_name)


def size(tx: sa.Connection, sha256: str) -> int:
    """Give the number of bytes. Raises ContentMissing."""
    found = tx.execute(sa.select(content.c.size).where(content.c.sha256 == sha256)).scalar_one_or_none()
    if found is None:
        raise _missing(sha256)
    return int(found)


def read(
    tx: sa.Connection,
    stored: Stored,
    *,
    offset: int,
    length: int,
    directory: ContentDirectory | None = None,
) -> bytes:
    """Give up to `length` bytes from `offset` on, fewer at the end. Not proven against the SHA-256.

    Raises ContentMissing if the bytes have been deleted since they were found.
    """
    length = max(0, min(length, stored.size - offset))
    if length == 0:
        return b""
    if stored.data is not None:
        return stored.data[offset : offset + length]
    if stored.file_name is not None:
        return _configured(directory, stored).read(stored.file_name, offset=offset, length=length)
    return _read_chunks(tx, stored, offset, length)


def get(tx: sa.Connection, sha256: str, *, directory: ContentDirectory | None = None) -> bytes:
    """Give all bytes, proven against their SHA-256. Raises ContentMissing or ContentDamaged."""
    stored = find(tx, sha256)
    data = b"".join(_pieces(tx, stored, directory))
    if hashlib.sha256(data).hexdigest() != sha256:
        raise _damaged(sha256)
    return data


def verify(tx: sa.Connection, sha256: str, *, directory: ContentDirectory | None = None) -> None:
    """Prove that content is what was put in, a piece at a time. Raises ContentMissing or ContentDamaged."""
    digest = hashlib.sha256()
    for piece in _pieces(tx, find(tx, sha256), directory):
        digest.update(piece)
    if digest.hexdigest() != sha256:
        raise _damaged(sha256)


def delete(tx: sa.Connection, sha256: str, *, unless: Iterable[sa.Select[tuple[object]]] = ()) -> bool:
    """Delete content for good, unless one of the queries still finds a row that needs it; say if it went.

    Safe beside a `put` of the same bytes: the row is locked first, so a query sees every need that was
    committed, and a `put` under way is waited for. A file in a ContentDirectory goes with the next `sweep`.
    Nothing happens if it is gone already.
    """
    lock = sa.select(content.c.sha256).where(content.c.sha256 == sha256).with_for_update()
    if tx.execute(lock).one_or_none() is None:
        return False
    if any(tx.execute(query.limit(1)).first() is not None for query in unless):
        return False
    tx.execute(sa.delete(content_chunk).where(content_chunk.c.sha256 == sha256))
    tx.execute(sa.delete(content).where(content.c.sha256 == sha256))
    return True


def _insert_or_lock(tx: sa.Connection, row: dict[str, object]) -> bool:
    """Insert the row, or make sure that the one there stays until the commit; say if it is new."""
    inserted = insert_new(tx, content).returning(content.c.sha256)
    there = sa.select(content.c.sha256).where(content.c.sha256 == row["sha256"])
    locked = there.with_for_update(read=True, key_share=True)
    while True:
        if tx.execute(inserted, row).first() is not None:
            return True
        if tx.execute(locked).first() is not None:
            return False
        # deleted between the two statements: then it is new after all


def _pieces(tx: sa.Connection, stored: Stored, directory: ContentDirectory | None) -> Iterator[bytes]:
    for offset in range(0, stored.size, CHUNK_BYTES):
        yield read(tx, stored, offset=offset, length=CHUNK_BYTES, directory=directory)


def _read_chunks(tx: sa.Connection, stored: Stored, offset: int, length: int) -> bytes:
    first, last = offset // CHUNK_BYTES, (offset + length - 1) // CHUNK_BYTES
    c = content_chunk.c
    query = (
        sa.select(c.data).where(c.sha256 == stored.sha256, c.number.between(first, last)).order_by(c.number)
    )
    found = tx.execute(query).scalars().all()
    if len(found) != last - first + 1:
        raise _missing(stored.sha256)
    start = offset - first * CHUNK_BYTES
    return b"".join(found)[start : start + length]


def _configured(directory: ContentDirectory | None, stored: Stored) -> ContentDirectory:
    if directory is None:
        raise ContentMissing(
            _("These bytes are in a content folder, and none is configured."),
            where=stored.sha256,
            remedy=_("Name the content folder in the configuration."),
        )
    return directory


def _missing(sha256: str) -> ContentMissing:
    return ContentMissing(
        _("The archive does not hold these bytes."),
        where=sha256,
        remedy=_("They may have been deleted after their retention; otherwise restore a backup."),
    )


def _damaged(sha256: str) -> ContentDamaged:
    return ContentDamaged(
        _("The archive holds other bytes than were put into it."),
        where=sha256,
        remedy=_("Check the disk, and restore a backup."),
    )
