"""Go through a fixed-length file record by record, as bytes, whether or not the file is correct."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from sf2530.records.layout import Layout, RecordType, Role

LONGEST_LINE: Final = 65_536  # bytes; what is longer is no record, and is taken in pieces


@dataclass(frozen=True, slots=True)
class RawRecord:
    """One line of a file without its line end. `type` is None where the layout knows no such record."""

    line: int
    content: bytes
    type: RecordType | None


def raw_records(stream: BinaryIO, layout: Layout) -> Iterator[RawRecord]:
    """Give the records of a file in their order, lines counted from 1, one at a time.

    A record of another length than the layout's has no type: its fields could be anywhere.
    """
    types = layout.by_marker()
    marker = layout.records[0].with_role(Role.RECORD_TYPE)
    for line, content in enumerate(iter(lambda: stream.readline(LONGEST_LINE), b""), start=1):
        record = content.removesuffix(b"\n").removesuffix(b"\r")
        fits = len(record) == layout.record_length
        found = types.get(marker.cut(record) if marker else b"") if fits else None
        yield RawRecord(line, record, found)
