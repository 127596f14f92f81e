"""Large content in files beside the database, for a party that runs on one machine."""

from __future__ import annotations

import dataclasses
import os
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from sf2530.database.engines import reading
from sf2530.database.errors import ContentMissing
from sf2530.database.spooling import Sealed, Spool
from sf2530.database.tables import content
from sf2530.database.translating import disk_trouble_translated
from sf2530.language import _

_ROWS_ASKED_AT_ONCE = 500


class ContentDirectory:
    """A folder of files named by SHA-256, each named by at most one row of `content`.

    A file is on the disk for good before a row names it, and is removed only when no row does. Each has a
    random tail in its name, so that no upload ever relies on a file that another one left: a file without a
    row is waste, and `sweep` may take it away without asking anybody.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._spool_folder = path / "spool"
        with disk_trouble_translated(path):
            self._spool_folder.mkdir(parents=True, exist_ok=True)

    def spool(self) -> Spool:
        """Give a place to write an upload to."""
        return Spool(self._spool_folder)

    def adopt(self, sealed: Sealed) -> Sealed:
        """Give a spooled file its lasting name, ready for `content.put_sealed`; few bytes stay as they are.

        Before the transaction, for it waits for the disk. If the transaction fails, nothing is left to undo.
        """
        if sealed.path is None:
            return sealed
        file_name = f"{sealed.sha256[:2]}/{sealed.sha256}-{secrets.token_hex(8)}"
        target = self.path / file_name
        with disk_trouble_translated(target):
            if not target.parent.exists():
                target.parent.mkdir(exist_ok=True)
                _flush_folder(self.path)
            os.utime(sealed.path)  # `sweep` counts from now
            sealed.path.rename(target)
            _flush_folder(target.parent)
        return dataclasses.replace(sealed, path=target, file_name=file_name)

    def read(self, file_name: str, *, offset: int, length: int) -> bytes:
        """Give up to `length` bytes of a file; fewer at its end. Raises ContentMissing if it isn't there."""
        target = self.path / file_name
        with disk_trouble_translated(target):
            try:
                with target.open("rb", buffering=0) as file:
                    return os.pread(file.fileno(), length, offset)
            except FileNotFoundError as error:
                raise ContentMissing(
                    _("A file of the archive is not there."),
                    where=str(target),
                    remedy=_("Restore the content folder from the same backup as the database."),
                ) from error

    def files_older_than(self, instant: datetime) -> Iterator[str]:
        """Give the names of files, uploads that never ended among them, last written before `instant`."""
        with disk_trouble_translated(self.path):
            for file in self.path.glob("*/*"):
                try:
                    written = file.stat().st_mtime
                except FileNotFoundError:
                    continue  # renamed or swept by another just now
                if datetime.fromtimestamp(written, UTC) < instant:
                    yield str(file.relative_to(self.path))

    def remove(self, file_name: str) -> None:
        """Remove a file; nothing happens if it is gone already."""
        with disk_trouble_translated(self.path / file_name):
            (self.path / file_name).unlink(missing_ok=True)


def sweep(
    engine: sa.Engine,
    directory: ContentDirectory,
    *,
    now: datetime,
    older_than: timedelta = timedelta(days=1),
) -> int:
    """Remove files that no row names: of transactions that failed, of deleted content, of broken uploads.

    Says how many. Only files older than `older_than`, which must be longer than any upload pauses and any
    transaction lasts. May run beside everything else, and beside itself.
    """
    old = list(directory.files_older_than(now - older_than))
    removed = 0
    for start in range(0, len(old), _ROWS_ASKED_AT_ONCE):
        names = old[start : start + _ROWS_ASKED_AT_ONCE]
        with reading(engine) as tx:
            query = sa.select(content.c.file_name).where(content.c.file_name.in_(names))
            named = set(tx.execute(query).scalars())
        for name in names:
            if name not in named:
                directory.remove(name)
                removed += 1
    return removed


def _flush_folder(folder: Path) -> None:
    """Make names in a folder last: without it a power cut may undo a rename."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
