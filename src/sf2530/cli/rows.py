"""Records as rows of text: what a row holds, and how rows are written as CSV and JSON lines, in UTF-8.

A row holds the values of one data record by field name: text, whole numbers, øre, dates as YYYY-MM-DD,
nothing as null or an empty cell. A file of JSON lines begins with a header that holds the start record.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import IO, Any

from sf2530.records.layout import Field, Layout, RecordType, Role

RECORD = "record"
"""The key, or the column, that names a row's record type."""

_COUNTED = {Role.RECORD_TYPE, Role.LINE_NUMBER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One data record: its record type, and its values by field name."""

    record: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a file of JSON lines says first: its layout, and the values of the start record."""

    layout: str
    start: Mapping[str, Any] = field(default_factory=dict)


def row_fields(record: RecordType) -> tuple[Field, ...]:
    """Give the fields that stand in a row: all values but those that the writer counts."""
    return tuple(each for each in record.values if each.role not in _COUNTED)


def write_json_lines(file: IO[str], header: Header, rows: Iterable[Row]) -> None:
    """Write the header and one JSON object a row."""
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=date.isoformat).encode
    file.write(encode({"layout": header.layout, "start": dict(header.start)}) + "\n")
    for row in rows:
        file.write(encode({RECORD: row.record, **row.values}) + "\n")


def write_csv(file: IO[str], layout: Layout, rows: Iterable[Row]) -> None:
    """Write a heading and one line a row; the record type stands first where the layout has several."""
    several = len(layout.data) > 1
    columns = _columns(layout)
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([RECORD, *columns] if several else columns)
    for row in rows:
        cells = [row.values.get(name) for name in columns]  # str() of a date is YYYY-MM-DD
        writer.writerow([row.record, *cells] if several else cells)


def _columns(layout: Layout) -> list[str]:
    names = (each.name for record in layout.data for each in row_fields(record))
    return list(dict.fromkeys(names))
