"""Read rows from CSV and JSON lines, in UTF-8; whatever a line holds, it comes out as a row or as findings.

A row stands in one line. A line that is none costs that line only: the ones after it are still read.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from sf2530.language import _
from sf2530.records.findings import Finding, Place, Severity
from sf2530.records.lines import LONGEST_LINE

Row = Mapping[str, object]
"""Values by field name: text out of CSV; text, numbers, true, false and null out of JSON lines."""
Numbered = tuple[int, Row | list[Finding]]
"""A line number, counted from 1, and the row that stands there or what is wrong with the line as such."""
CheckHeader = Callable[[list[str]], list[Finding]]
"""Says what is wrong with the field names in the first line of a CSV file."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class RowFormat(StrEnum):
    """How rows are written."""

    CSV = "csv"
    JSON_LINES = "jsonl"


def form_of(path: Path) -> RowFormat | None:
    """Tell by its ending if a file holds rows: .csv, or .jsonl and .ndjson."""
    endings = {".csv": RowFormat.CSV, ".jsonl": RowFormat.JSON_LINES, ".ndjson": RowFormat.JSON_LINES}
    return endings.get(path.suffix.lower())


def read_rows(
    file: BinaryIO, *, name: str, check_header: CheckHeader, form: RowFormat | None = None
) -> Iterator[Numbered]:
    """Give the rows of a file with their line numbers, in bounded memory; raises only what `file` does.

    Without `form`, JSON lines are told by the brace they begin with. CSV begins with the field names, and
    has commas, or semicolons as Danish spreadsheets write them; if `check_header` finds anything, that is all
    there is. Empty lines are passed over, and so is a byte order mark at the beginning.
    """
    lines = _lines(file)
    first = next(lines, b"").removeprefix(_BYTE_ORDER_MARK)
    if form is None:
        form = RowFormat.JSON_LINES if first.lstrip().startswith(b"{") else RowFormat.CSV
    if form is RowFormat.CSV:
        return _csv_rows(first, lines, name, check_header)
    return _json_rows(first, lines, name)


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Give the lines; of one that is too long only so much that it is seen to be."""
    while line := file.readline(LONGEST_LINE + 1):
        rest = line
        while len(rest) > LONGEST_LINE and not rest.endswith(b"\n"):
            rest = file.readline(LONGEST_LINE + 1)
        yield line


def _csv_rows(
    first: bytes, lines: Iterable[bytes], name: str, check_header: CheckHeader
) -> Iterator[Numbered]:
    # the first line decides; a line that parts its values otherwise has the wrong number of them
    delimiter = ";" if b";" in first else ","
    fields = _cells(first, delimiter, Place(file=name, line=1))
    if isinstance(fields, Finding):
        yield 1, [fields]
        return
    if wrong := check_header(fields):
        yield 1, wrong
        return
    for number, line in enumerate(lines, start=2):
        place = Place(file=name, line=number)
        cells = _cells(line, delimiter, place)
        if isinstance(cells, Finding):
            yield number, [cells]
        elif cells:
            yield number, _row(fields, cells, place)


def _cells(line: bytes, delimiter: str, place: Place) -> list[str] | Finding:
    if len(line) > LONGEST_LINE:
        return _too_long(place)
    # What is not UTF-8 becomes a character that no field accepts: found wrong, never repaired.
    text = line.decode("utf-8", "replace")
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return _unreadable(
            _("The line is not CSV: a quotation mark or a line end stands where none can"),
            place,
            _("one row a line, its values parted by one delimiter, quotation marks in pairs"),
        )


def _row(fields: Sequence[str], cells: Sequence[str], place: Place) -> Row | list[Finding]:
    if len(fields) == len(cells):
        return dict(zip(fields, cells, strict=True))
    what = _("The line has too few or too many values")
    return [_unreadable(what, place, _("as many values as the header has fields"))]


def _json_rows(first: bytes, lines: Iterable[bytes], name: str) -> Iterator[Numbered]:
    for number, line in enumerate(chain((first,), lines), start=1):
        place = Place(file=name, line=number)
        if len(line) > LONGEST_LINE:
            yield number, [_too_long(place)]
        elif line.strip():
            row = _json_object(line)
            yield number, [_no_object(place)] if row is None else row


def _json_object(line: bytes) -> Row | None:
    """Give the line's object; None if there is none, a key stands twice, or a value is no plain one."""
    try:
        row = json.loads(line.decode("utf-8"), object_pairs_hook=_once)
        if b"\\u" in line:
            json.dumps(row, ensure_ascii=False).encode("utf-8")  # half a character can't be written anywhere
    except (ValueError, RecursionError):  # not JSON, not UTF-8, or nested without end
        return None
    is_plain = isinstance(row, dict) and not any(isinstance(value, dict | list) for value in row.values())
    return row if is_plain else None


def _once(pairs: list[tuple[str, object]]) -> Row:
    row = dict(pairs)
    if len(row) < len(pairs):
        raise ValueError("a key stands twice")
    return row


def _no_object(place: Place) -> Finding:
    rule = _("one JSON object a line, every key once, no value made of others")
    return _unreadable(_("The line is no JSON object"), place, rule)


def _too_long(place: Place) -> Finding:
    what = _("The line has more than %(count)d bytes") % {"count": LONGEST_LINE}
    return _unreadable(what, place, _("one row a line"))


def _unreadable(what: str, place: Place, rule: str) -> Finding:
    return Finding(
        code="line-unreadable",
        severity=Severity.ERROR,
        what=what,
        where=place,
        rule=rule,
        remedy=_("Correct the line, or make the file anew, and use the whole file again."),
    )
