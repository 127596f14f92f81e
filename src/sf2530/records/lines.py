"""Split a stream of bytes into whole lines, a chunk at a time and in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from mmap import mmap
from typing import Protocol

CHUNK_BYTES = 4 * 1024 * 1024
LONGEST_LINE = 64 * 1024
"""A longer line is refused anyway: only its first bytes are kept, so that no file can fill the memory."""


Content = bytes | mmap
"""A file in memory, or mapped into it."""


class ByteStream(Protocol):
    """What can be read: a file opened for bytes, a socket's file, a stream made by a test."""

    def read(self, size: int, /) -> bytes:
        """Give up to `size` bytes; none at the end."""
        ...


def chunks(stream: ByteStream) -> Iterator[bytes]:
    """Give the stream as chunks that end with a line end; the last one may not.

    Only byte 0x0A ends a line: form feeds, byte 0x85 and lone carriage returns are content.
    """
    rest = b""
    while read := stream.read(CHUNK_BYTES):
        end = read.rfind(b"\n") + 1
        if end:
            yield rest + memoryview(read)[:end]
            rest = read[end:]
        else:
            rest += read
        if len(rest) > LONGEST_LINE:
            rest = rest[: LONGEST_LINE + 1]
    if rest:
        yield rest
