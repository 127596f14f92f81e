"""Read rows out of CSV and JSON lines, one at a time, as the writer of records takes them."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import IO, Any, ClassVar

from sf2530.cli.rows import RECORD, Header, Row, row_fields
from sf2530.errors import DataError
from sf2530.language import _
from sf2530.records.layout import Field, FieldType, Layout, RecordType

_LONGEST_NUMBER = 20
"""Characters of a number that can fit any field; more are left to be refused by the writer."""


class RowsUnreadable(DataError):
    """A file of rows cannot be read. Its texts name line and column, never a value."""

    code: ClassVar[str] = "rows-unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """How the rows of one record type are read: for every field what makes a value out of a cell."""

    record: RecordType
    cells: Mapping[str, Callable[[Any], Any]]
    personal: tuple[Field, ...]


def read_header(file: IO[str], name: str) -> Header:
    """Read the first line of a file of JSON lines. Raises RowsUnreadable."""
    read = _object(file.readline(), name, 1)
    layout, start = read.get("layout"), read.get("start", {})
    if not isinstance(layout, str) or not isinstance(start, dict):
        raise _unreadable(_("The first line does not name a layout and a start record"), name, 1)
    return Header(layout=layout, start=start)


def read_json_lines(file: IO[str], layout: Layout, name: str) -> Iterator[Row]:
    """Read the rows after the header, one at a time. Raises RowsUnreadable with the line."""
    forms = _forms(layout)
    for line, text in enumerate(file, start=2):
        if text.strip():
            yield _row(_object(text, name, line), forms, name, line)


def read_csv(file: IO[str], layout: Layout, name: str) -> Iterator[Row]:
    """Read the rows after the heading, one at a time; parted by comma or semicolon. Raises RowsUnreadable."""
    forms = _forms(layout)
    reader = csv.reader(file, delimiter=_delimiter(file), strict=True)
    try:
        columns = next(reader, [])
        if len(set(columns)) < len(columns):
            raise _unreadable(_("A column stands twice"), name, 1)
        for cells in reader:
            if len(cells) not in {0, len(columns)}:
                raise _unreadable(_("The line has more or fewer values than columns"), name, reader.line_num)
            if cells:
                yield _row(dict(zip(columns, cells, strict=True)), forms, name, reader.line_num)
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


def typed(values: Mapping[str, Any], fields: Sequence[Field]) -> dict[str, Any]:
    """Give values as the writer of records takes them: numbers as int, dates as date.

    What cannot be one is left as text: the writer says so in a finding.
    """
    cells = {each.name: _cell(each) for each in fields}
    return {name: cells[name](value) for name, value in values.items()}


def _forms(layout: Layout) -> dict[str, _Form]:
    """Give the forms by record type; the only one there is also by "", for rows that name none."""
    forms = {record.code: _form(record) for record in layout.data}
    return {"": forms[layout.data[0].code], **forms} if len(forms) == 1 else forms


def _form(record: RecordType) -> _Form:
    fields = row_fields(record)
    return _Form(
        record=record,
        cells={each.name: _cell(each) for each in fields},
        personal=tuple(each for each in fields if each.personal),
    )


def _row(read: dict[str, Any], forms: Mapping[str, _Form], name: str, line: int) -> Row:
    form = forms.get(str(read.pop(RECORD, "")))
    if form is None:
        raise _unreadable(_("The line is of no record type of the layout"), name, line)
    for unknown in read.keys() - form.cells.keys():
        if read.pop(unknown) not in (None, ""):
            text = _("The line has a value that record %(record)s has no field for")
            raise _unreadable(text % {"record": form.record.code}, name, line)
    for field in form.personal:
        if "*" in str(read.get(field.name)):
            raise _masked(field, name, line)
    cells = form.cells
    return Row(record=form.record.code, values={key: cells[key](value) for key, value in read.items()})


def _cell(field: Field) -> Callable[[Any], Any]:
    match field.type:
        case FieldType.NUMBER | FieldType.ORE:
            return _number
        case FieldType.DATE:
            return _date
        case _:
            return _text


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _number(value: Any) -> int | str | None:
    if type(value) is int:
        return value
    if value is None or value == "":
        return None
    text = str(value)
    is_number = text.isascii() and text.removeprefix("-").isdigit() and len(text) <= _LONGEST_NUMBER
    return int(text) if is_number else text


@lru_cache(maxsize=1_024)
def _day(text: str) -> date | str:
    if text[4:5] + text[7:8] != "--":  # other spellings of ISO 8601 are not ours
        return text
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


def _date(value: Any) -> date | str | None:
    return None if value is None or value == "" else _day(str(value))


def _object(text: str, name: str, line: int) -> dict[str, Any]:
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise _unreadable(_("The line is no JSON object"), name, line)
    return read


def _delimiter(file: IO[str]) -> str:
    first = file.readline()
    file.seek(0)
    return ";" if ";" in first else ","  # spreadsheets in Denmark write semicolons


def _masked(field: Field, name: str, line: int) -> RowsUnreadable:
    return RowsUnreadable(
        _("%(field)s is masked") % {"field": field.shown_name},
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
