"""Write a file out of columns or rows: what is written passes the same checks as what is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sf2530.records.assembling import (
    UnwritableRecords,
    end_values,
    placed,
    raise_rejected,
    raise_unfit,
    refuse_unknown,
    start_values,
    writing_of,
)
from sf2530.records.columns import Column
from sf2530.records.digits import Rows
from sf2530.records.layout import Layout, Part, RecordType
from sf2530.records.reading import check_content
from sf2530.records.writable import Given, Writing, columns_to_write, rows_in

__all__ = ["Given", "UnwritableRecords", "encode"]


@dataclass(frozen=True, slots=True)
class _Part:
    """The records of one type, ready to be placed."""

    record: RecordType
    columns: dict[str, Column]
    count: int


def encode(
    layout: Layout, *, start: Mapping[str, Any], rows: Mapping[str, Given], name: str | None = None
) -> bytes:
    """Write a file.

    `start` gives the start record's values by field name, and with them whatever every record says alike
    (all that the bare profile uses of it); `rows` the data records by record type, as columns or as one
    mapping per record. Text is str or arrays of bytes; numbers and øre are int; dates are date, yyyymmdd
    or None. Record types, running numbers, count, sums and hash total are filled in. The same values give
    the same bytes. Raises UnwritableRecords with all findings; `name` is what they call the file.
    """
    name = name or layout.id
    writing = writing_of(layout, start, name)
    parts = [_part(writing, record, rows[record.code]) for record in layout.data if record.code in rows]
    if layout.start is not None:
        parts.insert(0, _part(writing, layout.start, [start_values(layout.start, start)]))
    refuse_unknown(writing.log, layout, rows.keys(), name)
    raise_unfit(writing.log, name)
    content = _written(writing, layout, parts)
    raise_rejected(check_content(content, layout, name=name), name)
    return content


def _part(writing: Writing, record: RecordType, given: Given) -> _Part:
    return _Part(record, columns_to_write(writing, record, given), rows_in(given))


def _written(writing: Writing, layout: Layout, parts: list[_Part]) -> bytes:
    """Place all parts, and the end record with what they add up to."""
    lines = sum(part.count for part in parts) + (layout.end is not None)
    room = np.empty(lines * layout.line_length, np.uint8)
    totals: Counter[str] = Counter()
    line = 0
    for part in parts:
        totals.update(_placed(layout, room, line, part))
        line += part.count
    if layout.end is not None:
        count = sum(part.count for part in parts if part.record.part is Part.DATA)
        end = _part(writing, layout.end, [end_values(layout.end, count, totals)])
        raise_unfit(writing.log, writing.name)
        _placed(layout, room, line, end)
    return room.tobytes()


def _placed(layout: Layout, room: NDArray[np.uint8], line: int, part: _Part) -> Mapping[str, int]:
    """Place one part from `line` (counted from 0) on."""
    rows = Rows(room, line * layout.line_length, layout.line_length, part.count)
    return placed(layout, part.record, part.columns, rows, first=line + 1)
