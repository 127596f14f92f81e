"""How far the reading of a file has come, and what each record owes the ones before it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from sf2530.denmark.municipalities import UnknownMunicipality, municipality
from sf2530.language import _
from sf2530.records.checks import Code, finding
from sf2530.records.explaining import Explained, explain, field_place
from sf2530.records.field_rules import Value
from sf2530.records.findings import FindingLog, Place
from sf2530.records.layout import SAME_ON_EVERY_RECORD, Field, FieldType, Layout, Part, RecordType, Role
from sf2530.records.masking import shown, shown_number

NO_MUNICIPALITY = "0000"
"""Stands in a reject answer where the refused file does not say whose it is."""

_DIFFERS: Mapping[Role, Code] = {
    Role.MUNICIPALITY: Code.MUNICIPALITY_DIFFERS,
    Role.DELIVERY_ID: Code.DELIVERY_ID_DIFFERS,
    Role.VALUE_DATE: Code.VALUE_DATE_DIFFERS,
}


@dataclass(slots=True, kw_only=True)
class Course:
    """What was seen, counted and added up of one file so far.

    `line` counts the lines taken, `data_lines` those of them that are no start or end record, readable or
    not. `previous_number` is the running number of the last line, None where it could not be read. `same`
    holds what the first record said and every other must say too. `records` and `totals` are of the
    data records that could be read; `unreadable` counts the others.
    """

    layout: Layout
    name: str
    log: FindingLog = field(default_factory=FindingLog)
    line: int = 0
    data_lines: int = 0
    previous_number: int | None = 0
    same: dict[Role, str | date] = field(default_factory=dict)
    reference: str | None = None
    records: Counter[str] = field(default_factory=Counter)
    totals: Counter[str] = field(default_factory=Counter)
    unreadable: int = 0
    start: Mapping[str, Value] = field(default_factory=dict)
    end: Mapping[str, Value] = field(default_factory=dict)
    end_line: int | None = None
    data_lines_before_end: int = 0


@cache
def totalled(layout: Layout) -> frozenset[str]:
    """Name the fields of the data records that the end record adds up."""
    fields = layout.end.fields if layout.end else ()
    return frozenset(one.of for one in fields if one.of is not None)


def take(course: Course, line: bytes) -> Explained:
    """Take the next line, given without its line end: explain it, and compare it with those before."""
    course.line += 1
    place = Place(file=course.name, line=course.line)
    read = explain(line, course.layout, place)
    for found in read.findings:
        course.log.add(found)
    _check_part(course, read.record, place)
    if read.record is None:
        course.previous_number = None
        course.unreadable += 1
        return read
    _check_number(course, read.record, read.values, place)
    _check_sameness(course, read.record, line, read.values)
    _count(course, read.record, read)
    return read


def pass_over(course: Course, lines: int) -> None:
    """Count lines of data records that need no explaining."""
    course.line += lines
    course.data_lines += lines


def add_proven(course: Course, record: RecordType, *, rows: int, totals: Mapping[str, int]) -> None:
    """Add data records that were proven right without being explained."""
    course.records[record.code] += rows
    course.totals.update(totals)


def number_after(previous: int, field_: Field) -> int:
    """Give the running number that follows: after all nines comes zero."""
    return int((previous + 1) % 10**field_.length)


def _check_part(course: Course, record: RecordType | None, place: Place) -> None:
    part = record.part if record else Part.DATA
    course.data_lines += part is Part.DATA
    if course.line == 1 and course.layout.start is not None and part is not Part.START:
        course.log.add(finding(Code.START_MISSING, _("The first line is no start record"), place))
    if course.line > 1 and part is Part.START:
        what = _("A start record stands in line %(line)d") % {"line": course.line}
        course.log.add(finding(Code.START_MISPLACED, what, place))
    if part is not Part.END:
        return
    if course.end_line is not None:
        what = _("There was an end record in line %(line)d already") % {"line": course.end_line}
        course.log.add(finding(Code.END_REPEATED, what, place))
    course.end_line, course.data_lines_before_end = course.line, course.data_lines


def _check_number(course: Course, record: RecordType, values: Mapping[str, Value], place: Place) -> None:
    one = record.with_role(Role.LINE_NUMBER)
    if one is None:
        return
    number = values.get(one.name)
    previous, course.previous_number = course.previous_number, number if isinstance(number, int) else None
    if not isinstance(number, int) or previous is None or number == number_after(previous, one):
        return
    what = _("%(field)s is not the number of the line before plus one") % {"field": one.shown_name}
    said = _("%(number)s, and not %(wanted)d") % {
        "number": shown_number(number),
        "wanted": number_after(previous, one),
    }
    course.log.add(finding(Code.LINE_NUMBER, what, field_place(place, one), shown=said))


def _check_sameness(course: Course, record: RecordType, line: bytes, values: Mapping[str, Value]) -> None:
    place = Place(file=course.name, line=course.line)
    for one in record.fields:
        value = values.get(one.name)
        if one.role is Role.REFERENCE and isinstance(value, str):
            course.reference = value or None
        if one.role not in SAME_ON_EVERY_RECORD or not isinstance(value, str | date):
            continue
        if one.role not in course.same:
            course.same[one.role] = value
            _check_municipality(course, one, value, place)
        elif value != course.same[one.role]:
            what = _("%(field)s is not the same as in the records before") % {"field": one.shown_name}
            said = shown(record, one, one.cut(line))
            course.log.add(finding(_DIFFERS[one.role], what, field_place(place, one), shown=said))


def _check_municipality(course: Course, one: Field, value: str | date, place: Place) -> None:
    if one.role is not Role.MUNICIPALITY or (value == NO_MUNICIPALITY and not one.required):
        return
    try:
        municipality(str(value))
    except UnknownMunicipality as unknown:
        at = field_place(place, one)
        course.log.add(finding(Code.MUNICIPALITY_UNKNOWN, unknown.what, at, shown=str(value)))


def _count(course: Course, record: RecordType, read: Explained) -> None:
    if record.part is Part.START:
        course.start = course.start or read.values
    elif record.part is Part.END:
        course.end = read.values
    elif not read.readable:
        course.unreadable += 1
    else:
        course.records[record.code] += 1
        for name in totalled(course.layout) & read.values.keys():
            course.totals[name] += _amount(record.field(name), read.values[name])


def _amount(one: Field, value: Value) -> int:
    if isinstance(value, int):
        return value
    if one.type in {FieldType.DIGITS, FieldType.CPR} and isinstance(value, str):
        return int(value)
    raise AssertionError("a layout adds up amounts and identifiers only: its checker saw to that")
