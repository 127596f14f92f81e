"""Records as rows of text: CSV and JSON lines, written and read one row at a time, in UTF-8.

A row holds the values of one data record by field name: text, whole numbers, øre, dates as YYYY-MM-DD,
nothing as null or an empty cell. A file of JSON lines begins with a header that holds the start record.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import IO, Any, ClassVar

from sf2530.cli.field_texts import plain
from sf2530.errors import DataError
from sf2530.language import _
from sf2530.records.field_rules import Value
from sf2530.records.layout import Field, FieldType, Layout, RecordType, Role

RECORD = "record"
"""The key, or the column, that names a row's record type."""

_COUNTED = {Role.RECORD_TYPE, Role.LINE_NUMBER}
_NUMBERS = {FieldType.NUMBER, FieldType.ORE}


class RowFormat(StrEnum):
    """How rows are written."""

    CSV = "csv"
    JSON_LINES = "jsonl"


class RowsUnreadable(DataError):
    """A file of rows cannot be read. Its texts name line and column, never a value."""

    code: ClassVar[str] = "rows-unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One data record: its record type, and its values by field name."""

    record: str
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a file of JSON lines says first: its layout, and the values of the start record."""

    layout: str
    start: Mapping[str, Value] = field(default_factory=dict)


def row_fields(record: RecordType) -> tuple[Field, ...]:
    """Give the fields that stand in a row: all values but those that the writer counts."""
    return tuple(each for each in record.values if each.role not in _COUNTED)


def write_json_lines(file: IO[str], header: Header, rows: Iterable[Row]) -> None:
    """Write the header and one JSON object a row."""
    start = {name: plain(value) for name, value in header.start.items()}
    file.write(_json({"layout": header.layout, "start": start}))
    for row in rows:
        values = {name: plain(value) for name, value in row.values.items()}
        file.write(_json({RECORD: row.record, **values}))


def write_csv(file: IO[str], layout: Layout, rows: Iterable[Row]) -> None:
    """Write a heading and one line a row; the record type stands first where the layout has several."""
    several = len(layout.data) > 1
    columns = _columns(layout)
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([RECORD, *columns] if several else columns)
    for row in rows:
        cells = [plain(row.values.get(name)) for name in columns]
        writer.writerow([row.record, *cells] if several else cells)


def read_header(file: IO[str], name: str) -> Header:
    """Read the first line of a file of JSON lines. Raises RowsUnreadable."""
    read = _object(file.readline(), name, 1)
    layout, start = read.get("layout"), read.get("start", {})
    if not isinstance(layout, str) or not isinstance(start, dict):
        raise _unreadable(_("The first line does not name a layout and a start record"), name, 1)
    return Header(layout=layout, start=start)


def read_json_lines(file: IO[str], layout: Layout, name: str) -> Iterator[Row]:
    """Read the rows after the header, one at a time. Raises RowsUnreadable with the line."""
    for line, text in enumerate(file, start=2):
        if not text.strip():
            continue
        read = _object(text, name, line)
        yield _row(read.pop(RECORD, None), read, layout, name, line)


def read_csv(file: IO[str], layout: Layout, name: str) -> Iterator[Row]:
    """Read the rows after the heading, one at a time; parted by comma or semicolon. Raises RowsUnreadable."""
    reader = csv.reader(file, delimiter=_delimiter(file), strict=True)
    try:
        columns = next(reader, [])
        for cells in reader:
            if not cells:
                continue
            if len(cells) != len(columns):
                raise _unreadable(_("The line has more or fewer values than columns"), name, reader.line_num)
            read: dict[str, Any] = dict(zip(columns, cells, strict=True))
            yield _row(read.pop(RECORD, None), read, layout, name, reader.line_num)
    except csv.Error:
        raise _unreadable(
            _("The line is not CSV: a quotation mark is missing"), name, reader.line_num
        ) from None


def heading(file: IO[str]) -> frozenset[str]:
    """Give the column names of a CSV file, and leave it at its beginning."""
    delimiter = _delimiter(file)
    names = next(csv.reader([file.readline()], delimiter=delimiter), [])
    file.seek(0)
    return frozenset(names) - {RECORD}


def typed(values: Mapping[str, Any], fields: Sequence[Field]) -> dict[str, Value]:
    """Give values as the writer of records takes them: numbers as int, dates as date.

    What cannot be one is left as it is: the writer says so in a finding.
    """
    types = {each.name: each.type for each in fields}
    return {name: _typed(value, types.get(name)) for name, value in values.items()}


def _columns(layout: Layout) -> list[str]:
    names = (each.name for record in layout.data for each in row_fields(record))
    return list(dict.fromkeys(names))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"


def _object(text: str, name: str, line: int) -> dict[str, Any]:
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise _unreadable(_("The line is not a JSON object"), name, line)
    return read


def _delimiter(file: IO[str]) -> str:
    first = file.readline()
    file.seek(0)
    return ";" if ";" in first else ","  # spreadsheets in Denmark write semicolons


def _row(code: object, read: dict[str, Any], layout: Layout, name: str, line: int) -> Row:
    record = _record(code, layout, name, line)
    fields = row_fields(record)
    known = {each.name for each in fields}
    values = {key: value for key, value in read.items() if key in known or not _is_nothing(value)}
    if values.keys() - known:
        raise _unreadable(
            _("The line has a value that record %(record)s has no field for") % {"record": record.code},
            name,
            line,
        )
    for each in fields:
        if each.personal and "*" in str(values.get(each.name)):
            raise _masked(each, name, line)
    return Row(record=record.code, values=typed(values, fields))


def _record(code: object, layout: Layout, name: str, line: int) -> RecordType:
    if code is None and len(layout.data) == 1:
        return layout.data[0]
    for record in layout.data:
        if record.code == code:
            return record
    raise _unreadable(_("The line is of no record type of layout %(id)s") % {"id": layout.id}, name, line)


def _is_nothing(value: object) -> bool:
    return value is None or value == ""


def _typed(value: Any, type_: FieldType | None) -> Value:
    if value is None or (_is_nothing(value) and type_ in _NUMBERS | {FieldType.DATE}):
        return None
    text = str(value)
    if type_ in _NUMBERS and text.isascii() and text.removeprefix("-").isdigit():
        return int(text)
    if type_ is FieldType.DATE:
        try:
            return date.fromisoformat(text)
        except ValueError:
            return text
    return text


def _masked(masked: Field, name: str, line: int) -> RowsUnreadable:
    return RowsUnreadable(
        _("%(field)s is masked") % {"field": masked.shown_name},
        where=_place(name, line),
        remedy=_("Make the rows with `sf2530 file convert --reveal`: masked values are lost for good."),
    )


def _unreadable(what: str, name: str, line: int) -> RowsUnreadable:
    return RowsUnreadable(
        what,
        where=_place(name, line),
        remedy=_("Compare with what `sf2530 file convert` writes for a file of this kind."),
    )


def _place(name: str, line: int) -> str:
    return _("%(file)s, line %(line)d") % {"file": name, "line": line}
