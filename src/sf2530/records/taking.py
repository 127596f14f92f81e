"""Take the lines of a file: proven records by the thousand, all others one by one.

Records are proven in runs: stretches of the file in which every line has the length of the layout and
the same line end. A line that breaks this ends the run and is taken by itself; so are the lines after
it, until the file is even again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from sf2530.language import _
from sf2530.records.blocks import BLOCK_ROWS
from sf2530.records.checks import Code, finding
from sf2530.records.columns import Columns, Gathered
from sf2530.records.course import Course, add_proven, pass_over, take
from sf2530.records.digits import Rows
from sf2530.records.findings import Place
from sf2530.records.layout import SAME_ON_EVERY_RECORD, LineEnd, Part, RecordType, Role
from sf2530.records.lines import Content
from sf2530.records.proving import Proven, Prover, even_rows, prove, prover_for

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_LINES_TO_BE_EVEN = 8
"""So many lines of the right length in a row, and the file counts as even again after a wrong one."""
_SHORT_RUN = 128
"""The longest run after such a wrong line; it grows with every run that is even."""
_ANY_LENGTH = 1 << 40
ROWS_WORTH_PROVING = 32
"""Fewer are explained one by one in less time than it takes to set up the proof."""


@dataclass(slots=True, kw_only=True)
class Taking:
    """The reading of one file: its course, and where columns are kept the columns gathered so far.

    `line_end` is that of the last line taken singly; `uneven` counts the lines to be taken singly before
    the next run, and `longest_run` bounds that: a file that is uneven again and again is not proven twice.
    """

    course: Course
    gathered: dict[str, Gathered] | None = None
    line_end: LineEnd | None = None
    uneven: int = 1
    line_end_told: bool = False
    longest_run: int = _ANY_LENGTH
    prover: Prover | None = None

    @classmethod
    def keeping(cls, course: Course) -> Taking:
        """Begin a reading that keeps the columns."""
        return cls(course=course, gathered={record.code: Gathered(record) for record in course.layout.data})


def columns_taken(taking: Taking) -> Mapping[str, Columns]:
    """Give the columns gathered since the last time, by record type."""
    return {code: gathered.taken() for code, gathered in (taking.gathered or {}).items()}


def take_chunk(taking: Taking, chunk: Content) -> None:
    """Take a part of the file that ends with a line end; the last part of the file may not."""
    position = _after_mark(taking, chunk)
    while position < len(chunk):
        rows = _rows_to_prove(taking, chunk, position)
        if rows < ROWS_WORTH_PROVING:
            position = _take_line(taking, chunk, position)
        else:
            position = _take_run(taking, chunk, position, rows)


def _after_mark(taking: Taking, chunk: Content) -> int:
    course = taking.course
    if course.line > 0 or chunk[: len(BYTE_ORDER_MARK)] != BYTE_ORDER_MARK:
        return 0
    what = _("The file begins with the byte order mark of UTF-8")
    place = Place(file=course.name, line=1, first_byte=1, last_byte=len(BYTE_ORDER_MARK))
    course.log.add(finding(Code.BYTE_ORDER_MARK, what, place))
    return len(BYTE_ORDER_MARK)


def _rows_to_prove(taking: Taking, chunk: Content, position: int) -> int:
    """Give how many records may be proven at once from here on.

    None while lines must be taken singly: until the line end is known and what every record must say
    alike, and where the layout has several types of data records.
    """
    layout = taking.course.layout
    if taking.uneven or taking.line_end is None or len(layout.data) != 1:
        return 0
    rows = min(
        (len(chunk) - position) // (layout.record_length + len(taking.line_end.bytes)), taking.longest_run
    )
    if rows < ROWS_WORTH_PROVING or _same(taking) is None:
        return 0
    return rows


def _same(taking: Taking) -> dict[str, str | date] | None:
    """Give what the data records must say alike, by field; None if the file has not said all of it yet."""
    fields = [one for one in taking.course.layout.data[0].fields if one.role in SAME_ON_EVERY_RECORD]
    same = {one.name: taking.course.same.get(one.role) for one in fields if one.role is not None}
    known = {name: value for name, value in same.items() if value is not None}
    return known if len(known) == len(same) else None


def _prover(taking: Taking, line_end: LineEnd, rows: int) -> Prover:
    stride = taking.course.layout.record_length + len(line_end.bytes)
    prover = taking.prover
    if prover is None or prover.stride != stride or prover.block_rows < min(rows, BLOCK_ROWS):
        layout = taking.course.layout
        prover = prover_for(layout, layout.data[0], line_end, _same(taking) or {}, rows=rows)
        taking.prover = prover
    return prover


def _take_run(taking: Taking, chunk: Content, position: int, count: int) -> int:
    """Take a run of records; end it before the first line that is not as long as all others."""
    line_end = taking.line_end or taking.course.layout.line_end
    prover = _prover(taking, line_end, count)
    rows = Rows(chunk, position, prover.stride, count)
    previous, keep = taking.course.previous_number, taking.gathered is not None
    proven = prove(prover, rows, previous=previous, keep=keep)
    even = even_rows(rows, chunk, proven.unproven)
    if even == count:
        taking.longest_run *= 4
    else:
        taking.uneven, taking.longest_run = _LINES_TO_BE_EVEN, _SHORT_RUN
        rows = replace(rows, count=even)
        proven = prove(prover, rows, previous=previous, keep=keep) if even else proven
    if even:
        _take_proven(taking, rows, proven, prover.record)
    return position + even * prover.stride


def _take_proven(taking: Taking, rows: Rows, proven: Proven, record: RecordType) -> None:
    """Count the proven records of a run, and explain the others, each at its place."""
    course, done = taking.course, 0
    kept = np.ones(rows.count, np.bool_)
    for row in proven.unproven:
        _pass_over(course, rows, record, done, row)
        read = take(course, _line_at(rows, row))
        kept[row] = read.readable and read.record is not None and read.record.part is Part.DATA
        done = row + 1
    _pass_over(course, rows, record, done, rows.count)
    add_proven(course, record, rows=rows.count - len(proven.unproven), totals=proven.totals)
    if taking.gathered is not None and proven.columns is not None:
        columns = proven.columns
        if not kept.all():
            columns = {name: column[kept] for name, column in columns.items()}
        taking.gathered[record.code].add_block(columns)


def _pass_over(course: Course, rows: Rows, record: RecordType, done: int, row: int) -> None:
    """Count the proven records from `done` up to `row`, and note the running number of the last."""
    if row == done:
        return
    pass_over(course, row - done)
    number = record.with_role(Role.LINE_NUMBER)
    if number is not None:
        course.previous_number = int(number.cut(_line_at(rows, row - 1)))


def _line_at(rows: Rows, row: int) -> bytes:
    begin = rows.offset + row * rows.stride
    return bytes(rows.buffer[begin : begin + rows.stride - 1]).removesuffix(b"\r")


def _take_line(taking: Taking, chunk: Content, position: int) -> int:
    """Take one line, whatever its length, and note whether the file is even."""
    end = chunk.find(b"\n", position)
    line = chunk[position:] if end < 0 else chunk[position:end]
    content = line.removesuffix(b"\r")
    is_even = len(content) == taking.course.layout.record_length and end >= 0
    if end < 0:
        _tell_missing_line_end(taking.course)
    elif is_even:
        _note_line_end(taking, LineEnd.CRLF if len(content) < len(line) else LineEnd.LF)
    taking.uneven = max(taking.uneven - 1, 0) if is_even else _LINES_TO_BE_EVEN
    read = take(taking.course, content)
    record = read.record
    if taking.gathered is not None and read.readable and record is not None and record.part is Part.DATA:
        taking.gathered[record.code].add_row(read.values)
    return len(chunk) if end < 0 else end + 1


def _tell_missing_line_end(course: Course) -> None:
    at = Place(file=course.name, line=course.line + 1)
    course.log.add(finding(Code.LAST_LINE_END_MISSING, _("The last line has no line end"), at))


def _note_line_end(taking: Taking, line_end: LineEnd) -> None:
    """Remember how the lines end; where that is not as the layout says, tell it once in a file."""
    course, taking.line_end = taking.course, line_end
    if line_end is course.layout.line_end or taking.line_end_told:
        return
    taking.line_end_told = True
    wanted = course.layout.line_end.value
    what = _("The line ends with %(found)s, and not %(wanted)s") % {"found": line_end.value, "wanted": wanted}
    at = Place(file=course.name, line=course.line + 1)
    course.log.add(finding(Code.LINE_END, what, at))
