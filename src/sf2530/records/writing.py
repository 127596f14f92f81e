"""Write a file out of columns or rows: what is written passes the same checks as what is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from sf2530.errors import DataError
from sf2530.language import _
from sf2530.records.checks import Code, finding
from sf2530.records.columns import Column
from sf2530.records.course import totalled
from sf2530.records.digits import Rows
from sf2530.records.findings import Finding, Place
from sf2530.records.layout import SAME_ON_EVERY_RECORD, Field, Layout, Part, RecordType, Role
from sf2530.records.placing import place
from sf2530.records.reading import check_content
from sf2530.records.writable import Given, Writing, columns_to_write, rows_in

__all__ = ["Given", "UnwritableRecords", "encode"]


class UnwritableRecords(DataError):
    """Values can't be written in a layout, or would make a file that our own checks refuse."""

    code: ClassVar[str] = "records-unwritable"

    def __init__(self, what: str, *, where: str, remedy: str, findings: Sequence[Finding]) -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.findings = tuple(findings)


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
    writing = Writing(name=name, encoding=layout.encoding, start=start, by_role=_by_role(layout, start))
    parts = [_part(writing, record, rows[record.code]) for record in layout.data if record.code in rows]
    if layout.start is not None:
        parts.insert(0, _part(writing, layout.start, [_named(layout.start, start)]))
    _refuse_unknown(writing, layout, rows)
    if writing.log.total:
        raise _unwritable(writing.log.kept, writing.log.total, name)
    content = _written(writing, layout, parts)
    report = check_content(content, layout, name=name)
    if not report.accepted:
        raise _unwritable(report.findings, report.findings_total, name)
    return content


def _by_role(layout: Layout, start: Mapping[str, Any]) -> dict[Role, Any]:
    fields = layout.start.fields if layout.start else ()
    return {
        one.role: start[one.name] for one in fields if one.role in SAME_ON_EVERY_RECORD and one.name in start
    }


def _named(record: RecordType, start: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what the bare profile uses of `start` and the start record has no field for."""
    names = {one.name for one in record.fields}
    return {name: value for name, value in start.items() if name in names}


def _part(writing: Writing, record: RecordType, given: Given) -> _Part:
    return _Part(record, columns_to_write(writing, record, given), rows_in(given))


def _refuse_unknown(writing: Writing, layout: Layout, rows: Mapping[str, Given]) -> None:
    for code in sorted(rows.keys() - {record.code for record in layout.data}):
        what = _("The layout has no data records of type %(record)s") % {"record": code}
        place_ = Place(file=writing.name, record=code)
        writing.log.add(finding(Code.VALUE_DOES_NOT_FIT, what, place_))


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
        _placed(layout, room, line, _end_part(writing, layout.end, count, totals))
    return room.tobytes()


def _placed(layout: Layout, room: np.ndarray[Any, Any], line: int, part: _Part) -> Mapping[str, int]:
    """Place one part from `line` (counted from 0) on, with its running numbers."""
    rows = Rows(room, line * layout.line_length, layout.line_length, part.count)
    columns = dict(part.columns)
    number = part.record.with_role(Role.LINE_NUMBER)
    if number is not None:
        columns[number.name] = np.arange(line + 1, line + 1 + part.count) % 10**number.length
    wanted = totalled(layout) if part.record.part is Part.DATA else frozenset()
    return place(rows, part.record, columns, line_end=layout.line_end.bytes, totalled=wanted)


def _end_part(writing: Writing, record: RecordType, count: int, totals: Mapping[str, int]) -> _Part:
    found = {one.name: _found(one, count, totals) for one in record.fields}
    columns = columns_to_write(
        writing, record, [{name: value for name, value in found.items() if value is not None}]
    )
    if writing.log.total:
        raise _unwritable(writing.log.kept, writing.log.total, writing.name)
    return _Part(record, columns, 1)


def _found(one: Field, count: int, totals: Mapping[str, int]) -> int | None:
    match one.role:
        case Role.RECORD_COUNT:
            return count
        case Role.SUM:
            return totals.get(one.of or "", 0)
        case Role.HASH_TOTAL:
            return int(totals.get(one.of or "", 0) % 10**one.length)
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
