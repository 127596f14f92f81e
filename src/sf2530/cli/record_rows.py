"""Turn the records of a correct fixed-length file into rows, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from sf2530.cli.raw_records import raw_records
from sf2530.cli.rows import Header, Row, row_fields
from sf2530.denmark import cpr
from sf2530.records.columns import Columns, rows_of
from sf2530.records.explaining import explain
from sf2530.records.findings import Place
from sf2530.records.layout import Layout, Part, RecordType
from sf2530.records.reading import batches


def header_of(stream: BinaryIO, layout: Layout, name: str) -> Header:
    """Give the layout's id and the values of the start record, and leave the stream at its beginning."""
    first = next(raw_records(stream, layout), None)
    stream.seek(0)
    if first is None or first.type is None or first.type.part is not Part.START:
        return Header(layout=layout.id)
    values = explain(first.content, layout, Place(file=name, line=first.line)).values
    return Header(
        layout=layout.id, start={field.name: values[field.name] for field in row_fields(first.type)}
    )


def data_rows(stream: BinaryIO, layout: Layout, name: str, *, reveal: bool) -> Iterator[Row]:
    """Give the data records of a file that was checked as rows, masked unless `reveal`."""
    for batch in batches(stream, layout, name=name):
        for record in layout.data:
            yield from _rows(record, batch[record.code], reveal=reveal)


def _rows(record: RecordType, columns: Columns, *, reveal: bool) -> Iterator[Row]:
    fields = row_fields(record)
    names = [field.name for field in fields]
    masked = [field.name for field in fields if field.personal and not reveal]
    for read in rows_of(record, columns):
        values = {name: read[name] for name in names}
        for name in masked:
            values[name] = cpr.mask(str(values[name]))
        yield Row(record=record.code, values=values)
