"""Read and check a file: from a stream in bounded memory, or from content as columns. Both go one way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sf2530.records.columns import Columns, Row, rows_of
from sf2530.records.course import Course
from sf2530.records.field_rules import Value
from sf2530.records.findings import Report
from sf2530.records.layout import Layout
from sf2530.records.lines import ByteStream, Content, chunks
from sf2530.records.taking import Taking, columns_taken, take_chunk
from sf2530.records.whole_file import Expected, concluded

__all__ = ["Batches", "Decoded", "Expected", "batches", "check", "check_content", "decode"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A file in memory: the report on it, start and end record as field → value, the data as columns.

    Of a rejected file it holds what could be read; only `report.accepted` says that it may be used.
    """

    report: Report
    layout: Layout
    start: Mapping[str, Value]
    end: Mapping[str, Value]
    columns: Mapping[str, Columns]

    def rows(self, record: str) -> Iterator[Row]:
        """Give the records of one type as plain dicts of text, int and date."""
        return rows_of(self.layout.record(record), self.columns[record])


class Batches:
    """A file read as columns, some ten thousand records at a time; afterwards the report on the whole of it.

    Each step gives record type → columns, as `Decoded.columns` does. Before the last step nothing is
    known about counts and sums: whoever acts on the records waits for `report`.
    """

    def __init__(self, stream: ByteStream, taking: Taking, expected: Expected) -> None:
        self._stream = stream
        self._taking = taking
        self._expected = expected
        self._report: Report | None = None

    def __iter__(self) -> Iterator[Mapping[str, Columns]]:
        for chunk in chunks(self._stream):
            take_chunk(self._taking, chunk)
            yield columns_taken(self._taking)
        self._report = concluded(self._taking.course, self._expected)

    @property
    def report(self) -> Report:
        """The report, once every batch was taken; RuntimeError before."""
        if self._report is None:
            raise RuntimeError("the file is not read to its end yet")
        return self._report


def check(stream: ByteStream, layout: Layout, *, name: str, expected: Expected | None = None) -> Report:
    """Check a file of any size from a stream, in bounded memory.

    `name` is what findings call the file; `expected` what the reader knows about it beforehand. What is
    wrong in the file is in the report, never raised.
    """
    taking = Taking(course=Course(layout=layout, name=name))
    for chunk in chunks(stream):
        take_chunk(taking, chunk)
    return concluded(taking.course, expected or Expected())


def check_content(content: Content, layout: Layout, *, name: str, expected: Expected | None = None) -> Report:
    """Check a file in memory."""
    taking = Taking(course=Course(layout=layout, name=name))
    take_chunk(taking, content)
    return concluded(taking.course, expected or Expected())


def decode(content: Content, layout: Layout, *, name: str, expected: Expected | None = None) -> Decoded:
    """Check a file in memory, and give its values. What is wrong in it is in the report, never raised.

    A big file is best given as a memory map: that saves copying it.
    """
    taking = Taking.keeping(Course(layout=layout, name=name))
    take_chunk(taking, content)
    return Decoded(
        report=concluded(taking.course, expected or Expected()),
        layout=layout,
        start=taking.course.start,
        end=taking.course.end,
        columns=columns_taken(taking),
    )


def batches(stream: ByteStream, layout: Layout, *, name: str, expected: Expected | None = None) -> Batches:
    """Read a file of any size from a stream as columns, in bounded memory: for converting big files."""
    return Batches(stream, Taking.keeping(Course(layout=layout, name=name)), expected or Expected())
