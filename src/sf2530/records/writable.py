"""Make columns that can be written out of what the writer gives: lists, arrays, or rows of plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sf2530.language import _
from sf2530.records.checks import Code, finding
from sf2530.records.columns import Column, day_number
from sf2530.records.findings import FINDINGS_KEPT, FindingLog, Place
from sf2530.records.layout import Encoding, Field, FieldType, RecordType, Role

Given = Mapping[str, Any] | Sequence[Mapping[str, Any]]
"""Columns by field name, or one mapping of field values per record."""

_EMPTY: Mapping[FieldType, object] = {FieldType.CODE: "", FieldType.TEXT: "", FieldType.DATE: None}
"""What is written where the writer leaves out a field that is not required. Numbers are never left out."""


class _Absent:
    """Stands where a row lacks a field that other rows have."""


_ABSENT = _Absent()


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """What is being written: its name in findings, and what the writer says of the file as a whole.

    `start` gives that by field name, `by_role` what the start record says for every record.
    """

    name: str
    encoding: Encoding
    start: Mapping[str, Any]
    by_role: Mapping[Role, Any]
    log: FindingLog = field(default_factory=FindingLog)


class _UnfitError(Exception):
    """Values of a column that can't be written, and in which rows they stand."""

    def __init__(self, why: str, rows: Iterable[int]) -> None:
        super().__init__(why)
        self.rows = tuple(rows)


def fields_to_fill(record: RecordType) -> tuple[Field, ...]:
    """Name the fields that the writer fills: all that hold a value but constants and running numbers."""
    return tuple(one for one in record.values if one.constant is None and one.role is not Role.LINE_NUMBER)


def columns_to_write(writing: Writing, record: RecordType, given: Given) -> dict[str, Column]:
    """Give a column for every field that the writer fills.

    A field that the rows leave out is taken from what the writer says of the whole file, or is the
    layout's default; a date, code or text that is not required may be left out for none. What is missing
    or does not fit becomes a finding, and its column is left out.
    """
    columns = given if isinstance(given, Mapping) else _turned(given)
    count = rows_in(given)
    _check_names(writing, record, columns)
    filled = {}
    for one in fields_to_fill(record):
        try:
            values = _values(writing, one, columns, count)
            filled[one.name] = _column(record, one, values, writing.encoding)
        except _UnfitError as unfit:
            _tell(writing, record, one, unfit)
    return filled


def rows_in(given: Given) -> int:
    """Count the records that are given."""
    if isinstance(given, Mapping):
        return max((len(column) for column in given.values()), default=0)
    return len(given)


def _turned(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name, _ABSENT) for row in rows] for name in names}


def _check_names(writing: Writing, record: RecordType, columns: Mapping[str, Any]) -> None:
    for name in columns.keys() - {one.name for one in record.fields}:
        what = _("Record type %(record)s has no field %(name)s") % {"record": record.code, "name": name}
        place = Place(file=writing.name, record=record.code)
        writing.log.add(finding(Code.VALUE_DOES_NOT_FIT, what, place))


def _values(writing: Writing, one: Field, columns: Mapping[str, Any], count: int) -> Any:
    values = columns.get(one.name, _ABSENT)
    if values is _ABSENT:
        return [_same_for_all(writing, one)] * count
    if len(values) != count:
        raise _UnfitError(_("the columns are not equally long"), ())
    if isinstance(values, np.ndarray):
        return values
    absent = [row for row, value in enumerate(values) if value is _ABSENT]
    return (
        [_same_for_all(writing, one) if value is _ABSENT else value for value in values] if absent else values
    )


def _same_for_all(writing: Writing, one: Field) -> object:
    if one.name in writing.start:
        return writing.start[one.name]
    if one.role is not None and one.role in writing.by_role:
        return writing.by_role[one.role]
    if one.default is not None:
        return _from_layout(one, one.default)
    if not one.required and one.type in _EMPTY:
        return _EMPTY[one.type]
    return _ABSENT


def _from_layout(one: Field, default: str) -> object:
    match one.type:
        case FieldType.NUMBER | FieldType.ORE | FieldType.DATE:
            return int(default)
        case _:
            return default


def _tell(writing: Writing, record: RecordType, one: Field, unfit: _UnfitError) -> None:
    place = Place(
        file=writing.name,
        first_byte=one.first,
        last_byte=one.last,
        record=record.code,
        field=one.shown_name,
    )
    if not unfit.rows:
        what = _("%(field)s can't be written: %(why)s") % {"field": one.shown_name, "why": unfit}
        writing.log.add(finding(Code.VALUE_DOES_NOT_FIT, what, place))
    for row in unfit.rows:
        what = _("%(field)s of row %(row)d can't be written: %(why)s") % {
            "field": one.shown_name,
            "row": row + 1,
            "why": unfit,
        }
        writing.log.add(finding(Code.VALUE_DOES_NOT_FIT, what, place))


def _column(record: RecordType, one: Field, values: Any, encoding: Encoding) -> Column:
    if not isinstance(values, np.ndarray):
        values = list(values)
        _refuse(_("there is no value"), (value is _ABSENT for value in values))
    match one.type:
        case FieldType.NUMBER | FieldType.ORE:
            return _numbers(one, values, negative=_may_be_negative(record, one))
        case FieldType.DATE:
            return _numbers(one, _day_numbers(values), negative=False)
        case FieldType.CODE | FieldType.TEXT:
            return _bytes(one, values, encoding)
        case _:
            return _identifiers(one, values)


def _refuse(why: str, wrong: Iterable[bool]) -> None:
    rows = [row for row, is_wrong in enumerate(wrong) if is_wrong][:FINDINGS_KEPT]
    if rows:
        raise _UnfitError(why, rows)


def _may_be_negative(record: RecordType, one: Field) -> bool:
    if one.sign is None:
        return False
    sign = record.field(one.sign)
    return sign.constant is None and (not sign.values or "-" in sign.values)


def _numbers(one: Field, values: Any, *, negative: bool) -> Column:
    highest = 10**one.length - 1
    lowest = -highest if negative else 0
    why = _("it is no whole number from %(lowest)d to %(highest)d") % {"lowest": lowest, "highest": highest}
    array = np.asarray(values)
    if array.dtype.kind in "iu":
        _refuse(
            why, ((array < lowest) | (array > highest)).tolist() if _exceeds(array, lowest, highest) else ()
        )
        return array.astype(np.int64, copy=False)
    _refuse(why, (not _is_between(value, lowest, highest) for value in array.tolist()))
    return np.array(array.tolist(), np.int64)


def _exceeds(array: NDArray[np.integer], lowest: int, highest: int) -> bool:
    return len(array) > 0 and (int(array.min()) < lowest or int(array.max()) > highest)


def _is_between(value: object, lowest: int, highest: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest


def _day_numbers(values: Any) -> Any:
    """Turn dates into numbers; None into 0. What is neither stays, and is refused as no number."""
    if isinstance(values, np.ndarray) and values.dtype.kind in "iu":
        return values
    return [day_number(day) if day is None or type(day) is date else day for day in values]


def _identifiers(one: Field, values: Any) -> Column:
    """Take text of exactly the field's length; or whole numbers, which are zero-filled."""
    if isinstance(values, np.ndarray) and values.dtype.kind in "iu":
        return _numbers(one, values, negative=False)
    if not isinstance(values, np.ndarray):
        values = [f"{value:%H%M%S}" if isinstance(value, time) else value for value in values]
    column = _bytes(one, values, Encoding.ASCII)
    is_short = column.view(np.uint8)[one.length - 1 :: one.length] == 0
    if is_short.any():
        _refuse(_("it does not have exactly %(length)d characters") % {"length": one.length}, is_short)
    return column


def _bytes(one: Field, values: Any, encoding: Encoding) -> Column:
    array = values if isinstance(values, np.ndarray) and values.dtype.kind == "S" else None
    if array is None:
        texts = ["" if text is None else text for text in values]
        why = _("it is no text in %(encoding)s") % {"encoding": encoding.value}
        _refuse(why, (not _can_be_written(text, encoding) for text in texts))
        array = np.array([text.encode(encoding) for text in texts], np.bytes_)
    elif _has_zero_bytes(array):
        raise _UnfitError(_("there are zero bytes inside"), ())
    if array.dtype.itemsize > one.length:
        why = _("it is longer than %(length)d characters") % {"length": one.length}
        _refuse(why, np.strings.str_len(array) > one.length)
    return np.ascontiguousarray(array, f"S{one.length}")


def _has_zero_bytes(array: NDArray[np.bytes_]) -> bool:
    """Say whether zero bytes stand before others; those at the end only fill a text up."""
    size = array.dtype.itemsize
    zero = np.ascontiguousarray(array).view(np.uint8) == 0
    before_more = zero[:-1] & ~zero[1:]
    before_more[size - 1 :: size] = False
    return bool(before_more.any())


def _can_be_written(text: object, encoding: Encoding) -> bool:
    """Say whether it is a text of the encoding; zero bytes would be lost in a column."""
    if not isinstance(text, str) or "\0" in text:
        return False
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
