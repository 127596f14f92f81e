"""Place columns into records: thousands of lines at once, in blocks that fit the cache."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sf2530.records.blocks import BLOCK_ROWS, pool
from sf2530.records.columns import Column, Columns, total
from sf2530.records.digits import Numbers, Rows, read_digits, write_digits
from sf2530.records.field_rules import padded
from sf2530.records.layout import Field, FieldType, RecordType

_BLANK, _MINUS = np.frombuffer(b" -", np.uint8)


def place(
    rows: Rows, record: RecordType, columns: Columns, *, line_end: bytes, totalled: frozenset[str]
) -> Mapping[str, int]:
    """Write records into the room at `rows`, and give the totals of the fields named in `totalled`.

    `columns` has an array for every field that is no constant: numbers that fit, or bytes that do.
    """
    blank_record = _record_without_values(record) + line_end
    firsts = range(0, rows.count, BLOCK_ROWS)
    template = np.tile(np.frombuffer(blank_record, np.uint8), min(rows.count, BLOCK_ROWS))

    def block(first: int) -> dict[str, int]:
        count = min(BLOCK_ROWS, rows.count - first)
        part = replace(rows, offset=rows.offset + first * rows.stride, count=count)
        _bytes_of(part)[:] = template[: count * rows.stride]
        values = {name: column[first : first + count] for name, column in columns.items()}
        for one in record.fields:
            if one.name in values:
                _place_field(part, record, one, values[one.name])
        return {name: _total_of(part, record.field(name), values) for name in totalled & values.keys()}

    totals: Counter[str] = Counter()
    for of_block in pool().map(block, firsts) if len(firsts) > 1 else map(block, firsts):
        totals.update(of_block)
    return totals


def _bytes_of(rows: Rows) -> NDArray[np.uint8]:
    return np.frombuffer(rows.buffer, np.uint8, rows.count * rows.stride, rows.offset)


def _record_without_values(record: RecordType) -> bytes:
    """Give a record with its constants, and with signs of + until a value says otherwise; else blanks."""
    parts = []
    for one in sorted(record.fields, key=lambda one: one.first):
        constant = one.constant if one.constant is not None else "+" * (one.type is FieldType.SIGN)
        parts.append(padded(constant, one))
    return b"".join(parts)


def _place_field(rows: Rows, record: RecordType, one: Field, column: Column) -> None:
    if column.dtype.kind == "S":
        is_text = one.type in {FieldType.CODE, FieldType.TEXT}
        rows.column(one.first - 1, f"S{one.length}")[:] = _blank_filled(column) if is_text else column
        return
    write_digits(rows, one.first - 1, one.length, np.abs(column))
    if one.sign is not None and (negative := column < 0).any():
        signs = rows.column(record.field(one.sign).first - 1, "u1")
        signs[negative] = _MINUS


def _blank_filled(column: Column) -> Column:
    """Put blanks after text that is shorter than its field, where numpy has zero bytes."""
    flat = column.view(np.uint8)
    return np.where(flat == 0, _BLANK, flat).view(column.dtype)


def _total_of(rows: Rows, one: Field, values: Columns) -> int:
    column = values[one.name]
    if column.dtype.kind != "S":
        return total(column)
    numbers: Numbers = np.empty(rows.count, np.int64)
    read_digits(rows, one.first - 1, one.length, numbers, np.empty(rows.count, np.uint64))
    return total(numbers)
