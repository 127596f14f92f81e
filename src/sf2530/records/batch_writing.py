"""Write a file of any size to a stream, batch by batch: what `encode` does, in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np

from sf2530.language import _
from sf2530.records.assembling import (
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
from sf2530.records.findings import FindingLog
from sf2530.records.layout import Layout, Part, RecordType
from sf2530.records.reading import check
from sf2530.records.writable import Given, columns_to_write, rows_in


@dataclass(slots=True)
class _Progress:
    """How far the writing has come."""

    target: BinaryIO
    layout: Layout
    start: Mapping[str, Any]
    name: str
    lines: int = 0
    records: int = 0
    totals: Counter[str] = field(default_factory=Counter)


def write_batches(
    target: BinaryIO,
    layout: Layout,
    *,
    start: Mapping[str, Any],
    batches: Iterable[tuple[str, Given]],
    name: str,
) -> int:
    """Write a file to `target`, which is empty and can be read too, and say how many data records it has.

    `start` is as in `encode`; each batch is a record type with its records, as columns or rows. The file
    is checked once it is written. Raises UnwritableRecords with findings that count rows from the beginning
    of their batch, and name that; what `target` holds then is to be thrown away.
    """
    progress = _Progress(target, layout, start, name)
    if layout.start is not None:
        _write(progress, layout.start, [start_values(layout.start, start)])
    for code, rows in batches:
        _refuse_unknown(progress, code)
        _write(progress, layout.record(code), rows)
    if layout.end is not None:
        _write(progress, layout.end, [end_values(layout.end, progress.records, progress.totals)])
    target.seek(0)
    raise_rejected(check(target, layout, name=name), name)
    return progress.records


def _write(progress: _Progress, record: RecordType, rows: Given) -> None:
    layout, count = progress.layout, rows_in(rows)
    columns = _columns(progress, record, rows)
    room = np.empty(count * layout.line_length, np.uint8)
    place = Rows(room, 0, layout.line_length, count)
    progress.totals.update(placed(layout, record, columns, place, first=progress.lines + 1))
    progress.target.write(room.data)
    progress.lines += count
    progress.records += count if record.part is Part.DATA else 0


def _columns(progress: _Progress, record: RecordType, rows: Given) -> dict[str, Column]:
    writing = writing_of(progress.layout, progress.start, _name(progress))
    columns = columns_to_write(writing, record, rows)
    raise_unfit(writing.log, writing.name)
    return columns


def _refuse_unknown(progress: _Progress, code: str) -> None:
    log, name = FindingLog(), _name(progress)
    refuse_unknown(log, progress.layout, {code}, name)
    raise_unfit(log, name)


def _name(progress: _Progress) -> str:
    if not progress.records:
        return progress.name
    return _("%(file)s, rows from %(row)d on") % {"file": progress.name, "row": progress.records + 1}
