"""Write a file of any size to a stream, batch by batch: what `encode` does, in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np

from sf2530.language import _
from sf2530.records.course import totalled
from sf2530.records.digits import Rows
from sf2530.records.findings import Finding
from sf2530.records.layout import SAME_ON_EVERY_RECORD, Field, Layout, Part, RecordType, Role
from sf2530.records.placing import place
from sf2530.records.reading import check
from sf2530.records.writable import Given, Writing, columns_to_write, rows_in
from sf2530.records.writing import UnwritableRecords


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
        names = {one.name for one in layout.start.fields}
        _write(progress, layout.start, [{key: value for key, value in start.items() if key in names}])
    for code, rows in batches:
        _write(progress, layout.record(code), rows)
    if layout.end is not None:
        _write(progress, layout.end, [dict(_totals(progress, layout.end))])
    target.seek(0)
    report = check(target, layout, name=name)
    if not report.accepted:
        raise _unwritable(report.findings, report.findings_total, name)
    return progress.records


def _write(progress: _Progress, record: RecordType, rows: Given) -> None:
    layout, count = progress.layout, rows_in(rows)
    columns = _columns(progress, record, rows)
    number = record.with_role(Role.LINE_NUMBER)
    if number is not None:
        first = progress.lines + 1
        columns[number.name] = np.arange(first, first + count) % 10**number.length
    room = np.empty(count * layout.line_length, np.uint8)
    is_data = record.part is Part.DATA
    wanted = totalled(layout) if is_data else frozenset()
    placed = Rows(room, 0, layout.line_length, count)
    progress.totals.update(place(placed, record, columns, line_end=layout.line_end.bytes, totalled=wanted))
    progress.target.write(room.data)
    progress.lines += count
    progress.records += count if is_data else 0


def _columns(progress: _Progress, record: RecordType, rows: Given) -> dict[str, Any]:
    name = progress.name
    if progress.records:
        name = _("%(file)s, rows from %(row)d on") % {"file": name, "row": progress.records + 1}
    writing = Writing(
        name=name,
        encoding=progress.layout.encoding,
        start=progress.start,
        by_role=_by_role(progress.layout, progress.start),
    )
    columns = columns_to_write(writing, record, rows)
    if writing.log.total:
        raise _unwritable(writing.log.kept, writing.log.total, name)
    return columns


def _by_role(layout: Layout, start: Mapping[str, Any]) -> dict[Role, Any]:
    fields = layout.start.fields if layout.start else ()
    return {
        one.role: start[one.name] for one in fields if one.role in SAME_ON_EVERY_RECORD and one.name in start
    }


def _totals(progress: _Progress, end: RecordType) -> Iterable[tuple[str, int]]:
    for one in end.fields:
        total = _total(progress, one)
        if total is not None:
            yield one.name, total


def _total(progress: _Progress, one: Field) -> int | None:
    match one.role:
        case Role.RECORD_COUNT:
            return progress.records
        case Role.SUM:
            return progress.totals[one.of or ""]
        case Role.HASH_TOTAL:
            return int(progress.totals[one.of or ""] % 10**one.length)
        case _:
            return None


def _unwritable(findings: Sequence[Finding], total: int, name: str) -> UnwritableRecords:
    return UnwritableRecords(
        _("The file can't be written; %(count)d things are wrong, the first: %(first)s")
        % {"count": total, "first": findings[0]},
        where=name,
        remedy=findings[0].remedy,
        findings=findings,
    )
