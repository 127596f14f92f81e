"""Turn the records of a correct fixed-length file into rows, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import BinaryIO

from sf2530.cli.raw_records import raw_records
from sf2530.cli.row_files import Header, Row, row_fields
from sf2530.denmark import cpr
from sf2530.records.columns import rows_of
from sf2530.records.explaining import explain
from sf2530.records.field_rules import Value
from sf2530.records.findings import Place
from sf2530.records.layout import Field, Layout, Part
from sf2530.records.reading import batches


def header_of(stream: BinaryIO, layout: Layout, name: str) -> Header:
    """Give the layout's id and the values of the start record, and leave the stream at its beginning."""
    first = next(raw_records(stream, layout), None)
    stream.seek(0)
    if first is None or first.type is None or first.type.part is not Part.START:
        return Header(layout=layout.id)
    values = explain(first.content, layout, Place(file=name, line=first.line)).values
    return Header(layout=layout.id, start=_chosen(values, row_fields(first.type), reveal=True))


def data_rows(stream: BinaryIO, layout: Layout, name: str, *, reveal: bool) -> Iterator[Row]:
    """Give the data records of a file that was checked as rows, masked unless `reveal`."""
    for batch in batches(stream, layout, name=name):
        for record in layout.data:
            fields = row_fields(record)
            for values in rows_of(record, batch[record.code]):
                yield Row(record=record.code, values=_chosen(values, fields, reveal=reveal))


def _chosen(values: Mapping[str, Value], fields: tuple[Field, ...], *, reveal: bool) -> dict[str, Value]:
    return {
        field.name: cpr.mask(str(values[field.name])) if field.personal and not reveal else values[field.name]
        for field in fields
    }
