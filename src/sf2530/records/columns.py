"""Values of records as columns: one array per field, all of one record type in parallel."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sf2530.records.field_rules import Value
from sf2530.records.layout import Field, FieldType, RecordType, Role

Column = NDArray[Any]
"""int64 for numbers, øre (sign applied) and dates (yyyymmdd, 0 for none); bytes ("S") for all else."""
Columns = Mapping[str, Column]
Row = dict[str, Value]

_NUMERIC = frozenset({FieldType.NUMBER, FieldType.ORE, FieldType.DATE})


def fields_of(record: RecordType) -> tuple[Field, ...]:
    """Name the fields that become columns: all that hold a value, but for the record type itself."""
    return tuple(one for one in record.values if one.role is not Role.RECORD_TYPE)


def is_numeric(one: Field) -> bool:
    """Say whether the field's column holds int64."""
    return one.type in _NUMERIC


def dtype_of(one: Field) -> str:
    """Give the type of a field's column."""
    return "<i8" if is_numeric(one) else f"S{one.length}"


def room_for(record: RecordType, rows: int) -> dict[str, Column]:
    """Give columns with room for `rows` records, not yet filled."""
    return {one.name: np.empty(rows, dtype_of(one)) for one in fields_of(record)}


def day_number(day: date | None) -> int:
    """Give a date as it stands in a column: 20261130, and 0 for none.

    >>> day_number(date(2026, 11, 30)), day_number(None)
    (20261130, 0)
    """
    return 0 if day is None else day.year * 10_000 + day.month * 100 + day.day


def day_of(number: int) -> date | None:
    """Give the date that stands in a column as a number.

    >>> day_of(20261130)
    datetime.date(2026, 11, 30)
    """
    return None if number == 0 else date(number // 10_000, number // 100 % 100, number % 100)


def rows_of(record: RecordType, columns: Columns) -> Iterator[Row]:
    """Give columns back as rows: text, int and date."""
    fields = fields_of(record)
    values = [_values(one, columns[one.name]) for one in fields]
    names = [one.name for one in fields]
    for row in zip(*values, strict=True):
        yield dict(zip(names, row, strict=True))


def from_rows(record: RecordType, rows: Sequence[Mapping[str, Value]]) -> dict[str, Column]:
    """Make columns out of rows as the explainer gives them."""
    return {
        one.name: np.array([_cell(row[one.name]) for row in rows], dtype_of(one)) for one in fields_of(record)
    }


def total(numbers: NDArray[np.int64]) -> int:
    """Add up; exactly, also where the sum is beyond 64 bits."""
    if len(numbers) == 0 or len(numbers) * int(np.abs(numbers).max()) < np.iinfo(np.int64).max:
        return int(numbers.sum())
    return sum(numbers.tolist())


@dataclass(slots=True)
class Gathered:
    """The columns of one record type as they come: blocks of many rows, and single ones between."""

    record: RecordType
    blocks: list[Columns] = field(default_factory=list)
    rows: list[Mapping[str, Value]] = field(default_factory=list)

    def add_row(self, row: Mapping[str, Value]) -> None:
        """Take one more record."""
        self.rows.append(row)

    def add_block(self, columns: Columns) -> None:
        """Take many records at once."""
        self._close_rows()
        self.blocks.append(columns)

    def taken(self) -> Columns:
        """Give all that was taken since the last time."""
        self._close_rows()
        blocks, self.blocks = self.blocks, []
        if len(blocks) == 1:
            return blocks[0]
        if not blocks:
            return room_for(self.record, 0)
        return {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}

    def _close_rows(self) -> None:
        if self.rows:
            self.blocks.append(from_rows(self.record, self.rows))
            self.rows = []


def _values(one: Field, column: Column) -> list[Value]:
    convert: Callable[[Any], Value]
    match one.type:
        case FieldType.DATE:
            convert = day_of
        case FieldType.NUMBER | FieldType.ORE:
            convert = int
        case _:
            convert = _text
    return [convert(cell) for cell in column.tolist()]


def _text(cell: bytes) -> str:
    return cell.decode("latin-1")


def _cell(value: Value) -> int | bytes:
    match value:
        case str():
            return value.encode("latin-1")
        case int():
            return value
        case _:
            return day_number(value)
