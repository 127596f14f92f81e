"""Compare two files of one layout record by record and field by field, as bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO, Final

from sf2530.cli.raw_records import RawRecord, raw_records
from sf2530.records.layout import Field, FileKind, Layout, Part, RecordType, Role

IDENTIFIERS: Final[Mapping[FileKind, str]] = {FileKind.ANSWER: "AFTALENR", FileKind.REPORT: "AFTALENR"}
"""By which field data records of the two files belong together. Others do by their order."""


class Change(StrEnum):
    """How two files differ in one record."""

    CHANGED = "changed"
    ONLY_FIRST = "only-first"
    ONLY_SECOND = "only-second"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One record that differs. `fields` are those that differ, and none where a record has no type."""

    change: Change
    first: RawRecord | None
    second: RawRecord | None
    fields: tuple[Field, ...] = ()

    @property
    def record(self) -> RawRecord:
        """The record, or the first of both."""
        found = self.first or self.second
        if found is None:
            raise ValueError("a difference needs a record")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How two files differ as a whole: how many records of each kind, and the first differences."""

    equal: int
    changed: int
    only_first: int
    only_second: int
    listed: tuple[Difference, ...]

    @property
    def same(self) -> bool:
        """Tell if the files agree in every record."""
        return not self.changed + self.only_first + self.only_second

    @property
    def unlisted(self) -> int:
        """How many differences are counted, but not listed."""
        return self.changed + self.only_first + self.only_second - len(self.listed)

    @property
    def counts(self) -> dict[str, int]:
        """The numbers, by name."""
        names = ("equal", "changed", "only_first", "only_second")
        return {name: getattr(self, name) for name in names}


def compare(first: BinaryIO, second: BinaryIO, layout: Layout, *, limit: int) -> Comparison:
    """Compare two files; all differences are counted, the first `limit` of them listed."""
    counts: Counter[Change | None] = Counter()
    listed: list[Difference] = []
    for difference in differences(first, second, layout):
        counts[difference.change if difference else None] += 1
        if difference and len(listed) < limit:
            listed.append(difference)
    return Comparison(
        equal=counts[None],
        changed=counts[Change.CHANGED],
        only_first=counts[Change.ONLY_FIRST],
        only_second=counts[Change.ONLY_SECOND],
        listed=tuple(listed),
    )


def identifier(record: RawRecord, layout: Layout) -> Field | None:
    """Give the field that this record is found by in the other file; None if it is found by its order."""
    name = IDENTIFIERS.get(layout.kind)
    if name is None or record.type is None or record.type.part is not Part.DATA:
        return None
    return record.type.field(name)


def differences(first: BinaryIO, second: BinaryIO, layout: Layout) -> Iterator[Difference | None]:
    """Give None for every record that is the same in both, and a Difference for every other one.

    Running numbers are left out: a record that was put in would change all after it. Records come in the
    order of the second file, then those that only the first one has. Identifiers that stand more than once
    are matched in their order. The records of the first file are kept in memory, about 500 bytes each.
    """
    kept = _by_key(first, layout)
    for record in raw_records(second, layout):
        others = kept.get(_key(record, layout))
        if others:
            yield _compared(others.pop(), record)
        else:
            yield Difference(change=Change.ONLY_SECOND, first=None, second=record)
    for others in kept.values():
        for record in reversed(others):
            yield Difference(change=Change.ONLY_FIRST, first=record, second=None)


def _by_key(stream: BinaryIO, layout: Layout) -> dict[bytes, list[RawRecord]]:
    """Keep all records by what they are found by, the earliest last, so that it is the next to be taken."""
    kept: dict[bytes, list[RawRecord]] = {}
    for record in raw_records(stream, layout):
        kept.setdefault(_key(record, layout), []).append(record)
    for records in kept.values():
        records.reverse()
    return kept


def _key(record: RawRecord, layout: Layout) -> bytes:
    code = record.type.code if record.type else ""
    field = identifier(record, layout)
    return code.encode() + b"\x00" + (field.cut(record.content) if field else b"")


def _compared(first: RawRecord, second: RawRecord) -> Difference | None:
    if first.content == second.content:
        return None
    if first.type is None:
        return Difference(change=Change.CHANGED, first=first, second=second)
    fields = tuple(_changed(first.type, first.content, second.content))
    return Difference(change=Change.CHANGED, first=first, second=second, fields=fields) if fields else None


def _changed(type_: RecordType, first: bytes, second: bytes) -> Iterator[Field]:
    for field in type_.fields:
        if field.role is not Role.LINE_NUMBER and field.cut(first) != field.cut(second):
            yield field
