"""Convert between fixed-length files and rows, in bounded memory, and only what passes every check."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import closing
from itertools import chain, groupby, islice
from typing import IO, Any, BinaryIO, ClassVar

from sf2530.cli.opening import LayoutUnknown, named_layout
from sf2530.cli.record_rows import data_rows, header_of
from sf2530.cli.row_reading import heading, read_csv, read_header, read_json_lines, typed
from sf2530.cli.rows import Row, row_fields, write_csv, write_json_lines
from sf2530.errors import DataError, UseError
from sf2530.language import _
from sf2530.records.batch_writing import write_batches
from sf2530.records.layout import SAME_ON_EVERY_RECORD, Layout, Role
from sf2530.records.layout_files import Profile, default_layouts
from sf2530.records.reading import check
from sf2530.records.row_files import RowFormat

BATCH_ROWS = 20_000
"""Rows that are in memory at once."""


class FileRejected(DataError):
    """A file that should be converted does not pass its checks."""

    code: ClassVar[str] = "file-rejected"


class StartUnknown(UseError):
    """A value is given for a field that the start record does not have."""

    code: ClassVar[str] = "start-field-unknown"


def to_rows(
    source: BinaryIO, layout: Layout, target: IO[str], *, form: RowFormat, name: str, reveal: bool
) -> int:
    """Write the records of a file as rows, and say how many. Raises FileRejected with nothing written."""
    report = check(source, layout, name=name)
    if not report.accepted:
        raise FileRejected(
            _("The file is rejected: %(first)s (%(count)d findings)")
            % {"first": report.errors[0].what, "count": report.findings_total},
            where=str(report.errors[0].where),
            remedy=_("See all of it with `sf2530 file check`. Only what passes every check is converted."),
        )
    source.seek(0)
    header = header_of(source, layout, name)
    rows = data_rows(source, layout, name, reveal=reveal)
    if form is RowFormat.CSV:
        write_csv(target, layout, rows)
    else:
        write_json_lines(target, header, rows)
    return report.records


def to_records(
    source: BinaryIO,
    target: BinaryIO,
    *,
    form: RowFormat,
    name: str,
    layout: Layout | None,
    start: Mapping[str, str],
) -> tuple[Layout, int]:
    """Make a file out of rows, and say which layout it has and how many records.

    The start record is what `start` says, then what the header of the rows says, then what the first row says
    that is the same on every record (municipality, value date). Raises RowsUnreadable, UnwritableRecords.
    """
    with closing(io.TextIOWrapper(source, encoding="utf-8-sig", errors="replace", newline="")) as text:
        if form is RowFormat.JSON_LINES:
            header = read_header(text, name)
            layout = layout or named_layout(header.layout, Profile.STANDARD)
            said: dict[str, Any] = {**header.start, **start}
            rows = read_json_lines(text, layout, name)
        else:
            layout = layout or _layout_of_columns(heading(text), name)
            said, rows = dict(start), read_csv(text, layout, name)
        first, rows = _peeked(rows)
        values = _start(layout, said, first)
        return layout, write_batches(target, layout, start=values, batches=_batches(rows), name=name)


def _layout_of_columns(columns: frozenset[str], name: str) -> Layout:
    for layout in default_layouts():
        if layout.profile == Profile.STANDARD and columns == {
            each.name for each in row_fields(layout.data[0])
        }:
            return layout
    raise LayoutUnknown(
        _("The columns are those of no layout"),
        where=name,
        remedy=_("Say which layout it is with --layout (see `sf2530 layout list`)."),
    )


def _peeked(rows: Iterator[Row]) -> tuple[Row | None, Iterator[Row]]:
    first = next(rows, None)
    return first, rows if first is None else chain([first], rows)


def _start(layout: Layout, said: Mapping[str, Any], first: Row | None) -> dict[str, Any]:
    record = layout.start or layout.data[0]
    _refuse_unknown(said.keys() - {field.name for field in record.fields})
    values: dict[str, Any] = typed(said, record.fields)
    same = {} if first is None else _same_on_every_record(layout, first)
    by_role = {field.name: same[field.role] for field in record.fields if field.role in same}
    return {**by_role, **values}


def _same_on_every_record(layout: Layout, row: Row) -> dict[Role, Any]:
    fields = layout.record(row.record).fields
    return {
        field.role: row.values[field.name]
        for field in fields
        if field.role in SAME_ON_EVERY_RECORD and field.name in row.values
    }


def _refuse_unknown(names: AbstractSet[str]) -> None:
    if names:
        raise StartUnknown(
            _("The start record has no field %(names)s") % {"names": ", ".join(sorted(names))},
            where="--start",
            remedy=_("See its fields with `sf2530 layout document`."),
        )


def _batches(rows: Iterable[Row]) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    for record, group in groupby(rows, key=lambda row: row.record):
        while batch := [row.values for row in islice(group, BATCH_ROWS)]:
            yield record, batch
