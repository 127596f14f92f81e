"""Files that clients hold open: one being written to `OUT`, or one being read."""

from __future__ import annotations

import errno
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sf2530.database.content import CHUNK_BYTES, Spool
from sf2530.errors import UseError
from sf2530.hub.entries import Entry
from sf2530.language import _

# What opens a file for a new life: (offset, length) → bytes.
Fetch = Callable[[int, int], Awaitable[bytes]]


class UploadRefused(UseError):
    """Bytes can't be taken: too many of them, or someone has begun the file anew."""

    code = "upload-refused"


_FARTHEST_AHEAD = 64 * 1024 * 1024  # bytes; more than any client has under way at once


@dataclass(slots=True, kw_only=True, eq=False)
class Writing:
    """A file being uploaded. It is whole only if every write was taken and nobody has begun it anew.

    `has_row`: there was a file of that name in `OUT` when it was begun.
    """

    system_id: int
    name: str
    spool: Spool
    largest: int
    appends: bool = False
    has_row: bool = False
    overtaken: bool = False
    failed: bool = False

    @property
    def size(self) -> int:
        """Give the number of bytes so far."""
        return self.spool.size

    def write(self, offset: int, data: bytes) -> None:
        """Take bytes. Raises UploadRefused, and the upload stays unfinished whatever comes after."""
        self._check_mine()
        begin = self.spool.size if self.appends else offset
        with self._whole_or_failed():
            self._check_size(begin + len(data))
            self._check_gap(begin)
            self.spool.write(begin, data)

    def truncate(self, size: int) -> None:
        """Cut the file off. Raises as `write` does, with the same consequence."""
        self._check_mine()
        with self._whole_or_failed():
            self._check_size(size)
            if size > self.spool.size:
                raise UploadRefused(_("A file is lengthened only by writing to it."))
            self.spool.truncate(size)

    def _check_mine(self) -> None:
        if self.overtaken:
            raise UploadRefused(_("Another session has begun this file anew."))

    def _check_size(self, size: int) -> None:
        if size > self.largest:
            raise UploadRefused(
                _("The file is larger than %(limit)s bytes.") % {"limit": self.largest},
                remedy=_("Send it in several files."),
            )

    def _check_gap(self, begin: int) -> None:
        """Let clients send several blocks at once, but let no single byte make a file of gigabytes."""
        if begin > self.spool.size + _FARTHEST_AHEAD:
            raise UploadRefused(_("The file is to be written from its beginning, without gaps."))

    @contextmanager
    def _whole_or_failed(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.failed = True
            raise

    def seek(self, offset: int, whence: int) -> int:
        """Answer a question for holes; see `_no_holes`."""
        return _no_holes(self.size, offset, whence)


class UploadsUnderWay:
    """The uploads that are open in this process. One a name: whoever begins a file anew takes it over.

    A client whose connection was cut off begins again before the hub has noticed; the older upload can
    then no longer change anything.
    """

    def __init__(self) -> None:
        self._open: dict[tuple[int, str], Writing] = {}

    def begin(self, writing: Writing) -> None:
        """Make this the upload of its name."""
        self.abandon(writing.system_id, writing.name)
        self._open[writing.system_id, writing.name] = writing

    def abandon(self, system_id: int, name: str) -> bool:
        """Make an open upload worthless; tells if there was one."""
        if (older := self._open.pop((system_id, name), None)) is None:
            return False
        older.overtaken = True
        return True

    def end(self, writing: Writing) -> None:
        """Forget an upload that is being closed."""
        if self._open.get((writing.system_id, writing.name)) is writing:
            del self._open[writing.system_id, writing.name]

    def find(self, system_id: int, name: str) -> Writing | None:
        """Give the open upload of that name."""
        return self._open.get((system_id, name))

    def of_system(self, system_id: int) -> list[Writing]:
        """Give a system's open uploads, by name."""
        return sorted(
            (writing for (owner, _name), writing in self._open.items() if owner == system_id),
            key=lambda writing: writing.name,
        )


@dataclass(slots=True, kw_only=True, eq=False)
class Reading:
    """A file being read. Its bytes never change, whatever becomes of its name meanwhile.

    `entry` is set for what stands in `IN`. `read_to` is how far the reader has come.
    """

    size: int
    fetch: Fetch
    entry: Entry | None = None
    read_to: int = 0
    _chunk: bytes = b""
    _chunk_number: int = field(default=-1)

    async def read(self, offset: int, length: int) -> bytes:
        """Give up to `length` bytes from `offset` on; fewer only at the end of the file."""
        end = min(offset + length, self.size)
        pieces = []
        while offset < end:
            piece = await self._piece(offset, end)
            pieces.append(piece)
            offset += len(piece)
        self.read_to = max(self.read_to, offset)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    async def _piece(self, offset: int, end: int) -> bytes:
        number, start = divmod(offset, CHUNK_BYTES)
        if number != self._chunk_number:
            self._chunk = await self.fetch(number * CHUNK_BYTES, CHUNK_BYTES)
            self._chunk_number = number
        piece = self._chunk[start : start + end - offset]
        if not piece:
            raise EOFError("content is shorter than its row says")
        return piece

    def seek(self, offset: int, whence: int) -> int:
        """Answer a question for holes; see `_no_holes`."""
        return _no_holes(self.size, offset, whence)


def _no_holes(size: int, offset: int, whence: int) -> int:
    """Answer what asyncssh asks an open file when its own client copies sparsely: there are no holes."""
    if offset >= size:
        raise OSError(errno.ENXIO, os.strerror(errno.ENXIO))
    return offset if whence == os.SEEK_DATA else size
