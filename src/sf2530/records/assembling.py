"""What the writer adds to the values it is given: start fields, running numbers, totals; and its refusals."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any, ClassVar

import numpy as np

from sf2530.errors import DataError
from sf2530.language import _, ngettext
from sf2530.records.checks import Code, finding
from sf2530.records.columns import Column
from sf2530.records.course import totalled
from sf2530.records.digits import Rows
from sf2530.records.findings import Finding, FindingLog, Place, Report, Severity
from sf2530.records.layout import SAME_ON_EVERY_RECORD, Field, Layout, Part, RecordType, Role
from sf2530.records.placing import place
from sf2530.records.writable import Writing


class UnwritableRecords(DataError):
    """Values can't be written in a layout, or would make a file that our own checks refuse."""

    code: ClassVar[str] = "records-unwritable"

    def __init__(self, name: str, findings: tuple[Finding, ...], total: int) -> None:
        first = next(one for one in findings if one.severity is Severity.ERROR)
        super().__init__(
            ngettext(
                "The file can't be written; %(count)d thing is wrong: %(first)s",
                "The file can't be written; %(count)d things are wrong, the first: %(first)s",
                total,
            )
            % {"count": total, "first": first},
            where=name,
            remedy=first.remedy,
        )
        self.findings = findings


def writing_of(layout: Layout, start: Mapping[str, Any], name: str) -> Writing:
    """Begin to write under a name, with what the start record says for every record."""
    fields = layout.start.fields if layout.start else ()
    by_role = {
        one.role: start[one.name] for one in fields if one.role in SAME_ON_EVERY_RECORD and one.name in start
    }
    return Writing(name=name, encoding=layout.encoding, start=start, by_role=by_role)


def start_values(record: RecordType, start: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what the bare profile uses of `start` and the start record has no field for."""
    names = {one.name for one in record.fields}
    return {name: value for name, value in start.items() if name in names}


def end_values(record: RecordType, count: int, totals: Mapping[str, int]) -> dict[str, int]:
    """Give what the end record says of `count` data records and what they add up to."""
    found = {one.name: _found(one, count, totals) for one in record.fields}
    return {name: value for name, value in found.items() if value is not None}


def placed(
    layout: Layout, record: RecordType, columns: Mapping[str, Column], rows: Rows, *, first: int
) -> Mapping[str, int]:
    """Place records with their running numbers from `first` on, and give what the end record adds up."""
    number = record.with_role(Role.LINE_NUMBER)
    numbers = {} if number is None else {number.name: _numbers(number, first, rows.count)}
    wanted = totalled(layout) if record.part is Part.DATA else frozenset()
    return place(rows, record, {**columns, **numbers}, line_end=layout.line_end.bytes, totalled=wanted)


def refuse_unknown(log: FindingLog, layout: Layout, codes: AbstractSet[str], name: str) -> None:
    """Find what is given as data records of a type that the layout has none of."""
    for code in sorted(codes - {record.code for record in layout.data}):
        what = _("The layout has no data records of type %(record)s") % {"record": code}
        log.add(finding(Code.VALUE_DOES_NOT_FIT, what, Place(file=name, record=code)))


def raise_unfit(log: FindingLog, name: str) -> None:
    """Raise UnwritableRecords if values were found that can't be written."""
    if log.total:
        raise UnwritableRecords(name, tuple(log.kept), log.total)


def raise_rejected(report: Report, name: str) -> None:
    """Raise UnwritableRecords if our own checks refuse what was written."""
    if not report.accepted:
        raise UnwritableRecords(name, report.findings, report.findings_total)


def _numbers(one: Field, first: int, count: int) -> Column:
    numbers: Column = np.arange(first, first + count) % 10**one.length
    return numbers


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
