"""Bytes on their way into the archive: written in any order, in memory while they are few."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from sf2530.database.translating import disk_trouble_translated

INLINE_BYTES: Final = 64 * 1024
"""Content up to this size stands in its row, so that one commit covers it."""

CHUNK_BYTES: Final = 1024 * 1024
"""Larger content is read, and kept in the database, in pieces of this size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """Bytes that are complete, named by their SHA-256: few of them as `data`, many in the file at `path`.

    `file_name` is set once a ContentDirectory has adopted the file; until then whoever holds this must
    `discard` it in the end.
    """

    sha256: str
    size: int
    data: bytes | None = None
    path: Path | None = None
    file_name: str | None = None

    def chunks(self) -> Iterator[bytes]:
        """Give the bytes in pieces of CHUNK_BYTES."""
        if self.path is None:
            data = self.data or b""
            yield from (data[at : at + CHUNK_BYTES] for at in range(0, len(data), CHUNK_BYTES))
            return
        with disk_trouble_translated(self.path), self.path.open("rb") as file:
            yield from iter(lambda: file.read(CHUNK_BYTES), b"")

    def discard(self) -> None:
        """Remove the temporary file, if there is one; a file that is adopted stays."""
        if self.path is not None and self.file_name is None:
            self.path.unlink(missing_ok=True)


class Spool:
    """Where one upload is written. Ends with `seal` or `discard`; one thread at a time.

    The file is made in `folder` (the system's temporary one without it) when memory no longer holds it.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._memory = bytearray()
        self._file: BinaryIO | None = None
        self._path: Path | None = None
        self._size = 0
        self._hash = hashlib.sha256()
        self._hashed = 0  # how far the hash has come; -1 when bytes came out of order

    @property
    def size(self) -> int:
        """The number of bytes so far: the end of the furthest write."""
        return self._size

    def write(self, offset: int, data: bytes) -> None:
        """Put `data` at `offset`; a gap before it reads as zeros. Without data nothing changes."""
        if not data:
            return
        end = offset + len(data)
        if offset != self._hashed:
            self._hashed = -1
        else:
            self._hash.update(data)
            self._hashed = end
        if self._file is None and end <= INLINE_BYTES:
            self._memory.extend(bytes(max(0, offset - len(self._memory))))
            self._memory[offset:end] = data
        else:
            with disk_trouble_translated(self._place()):
                _write_at(self._on_disk(), offset, data)
        self._size = max(self._size, end)

    def read(self, offset: int, length: int) -> bytes:
        """Give up to `length` bytes from `offset` on; fewer at the end."""
        if self._file is None:
            return bytes(self._memory[offset : offset + length])
        return os.pread(self._file.fileno(), length, offset)

    def truncate(self, size: int) -> None:
        """Cut off after `size` bytes, or fill up with zeros to it."""
        self._hashed = -1
        if self._file is None and size <= INLINE_BYTES:
            del self._memory[size:]
            self._memory.extend(bytes(size - len(self._memory)))
        else:
            with disk_trouble_translated(self._place()):
                os.ftruncate(self._on_disk().fileno(), size)
        self._size = size

    def seal(self) -> Sealed:
        """Close it and give what was written; a file is on the disk for good, under a temporary name."""
        sha256 = self._digest()
        if self._file is None:
            return Sealed(sha256=sha256, size=self._size, data=bytes(self._memory))
        with disk_trouble_translated(self._place()):
            os.fsync(self._file.fileno())
            self._file.close()
        return Sealed(sha256=sha256, size=self._size, path=self._path)

    def discard(self) -> None:
        """Forget what was written."""
        if self._file is not None and self._path is not None:
            self._file.close()
            self._path.unlink(missing_ok=True)

    def _digest(self) -> str:
        if self._hashed == self._size:
            return self._hash.hexdigest()
        again = hashlib.sha256()
        for offset in range(0, self._size, CHUNK_BYTES):
            again.update(self.read(offset, CHUNK_BYTES))
        return again.hexdigest()

    def _place(self) -> Path:
        return self._path or self._folder or Path(tempfile.gettempdir())

    def _on_disk(self) -> BinaryIO:
        if self._file is None:
            descriptor, name = tempfile.mkstemp(prefix="sf2530-", suffix=".spool", dir=self._folder)
            self._path = Path(name)
            self._file = os.fdopen(descriptor, "w+b", buffering=0)
            _write_at(self._file, 0, bytes(self._memory))
            self._memory.clear()
        return self._file


def _write_at(file: BinaryIO, offset: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        written = os.pwrite(file.fileno(), rest, offset)
        rest, offset = rest[written:], offset + written
