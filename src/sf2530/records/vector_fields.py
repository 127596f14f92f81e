"""Prove and read one field of thousands of records at once, on numpy arrays.

The bytes of every record were compared with the ranges of `ranges_of` before; here follows what ranges
can't show: days that exist, birth dates, codes, listed values, running numbers. A record that is not
proven is marked, and explained elsewhere; so a proof may fail where nothing is wrong, but never the
other way round.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from sf2530.records.columns import Column
from sf2530.records.digits import Numbers, Rows, Words, ends_in_zeros, read_digits
from sf2530.records.field_rules import FIRST_YEAR, LAST_YEAR, padded
from sf2530.records.layout import Field, FieldType, Role

Mask = NDArray[np.bool_]
Bytes = NDArray[np.uint8]

_BLANK, _PLUS, _MINUS, _NINE, _A, _Z = b" +-9AZ"
_ZERO = ord("0")
_LAST_PRINTABLE = 0x7E
_BETWEEN_SIGNS = 44
"""Its distance to `+` is 1, to `-` is -1."""
_HOURS, _SIXTY = 24, 60
_FIRST_DAY = FIRST_YEAR * 10_000
_WORDS = {1: "u1", 2: "<u2", 4: "<u4", 8: "<u8"}


class Room:
    """Room to work in for one thread: arrays of a block's size, used again for every block."""

    def __init__(self, rows: int, stride: int) -> None:
        self.rest: Bytes = np.empty(rows * stride, np.uint8)
        self.within: Mask = np.empty(rows * stride, np.bool_)
        self.word: Words = np.empty(rows, np.uint64)
        self.numbers: Numbers = np.empty(rows, np.int64)
        self.index: Numbers = np.empty(rows, np.int64)
        self.own_numbers: dict[str, Numbers] = {}
        self.size = rows

    def numbers_of(self, name: str) -> Numbers:
        """Give an array of numbers that no other field uses."""
        return self.own_numbers.setdefault(name, np.empty(self.size, np.int64))


@dataclass(slots=True, kw_only=True)
class Block:
    """Some thousand records on their way through the proof.

    `columns` are where values go, None where nobody asks for them. `totalled` names the fields whose
    numbers are wanted for totals, and `numbers` holds them. `previous` is the running number before the
    first record, None if it could not be read.
    """

    rows: Rows
    room: Room
    unproven: Mask
    columns: dict[str, Column] | None
    totalled: frozenset[str]
    previous: int | None
    numbers: dict[str, Numbers] = field(default_factory=dict)


def ranges_of(one: Field, fixed: bytes | None) -> Iterator[tuple[int, int]]:
    """Give lowest and highest byte for every position of a field; `fixed` are bytes it must hold."""
    if fixed is not None:
        yield from ((byte, byte) for byte in fixed)
        return
    match one.type:
        case FieldType.FILLER:
            low, high = _BLANK, _BLANK
        case FieldType.SIGN:
            low, high = _PLUS, _MINUS
        case FieldType.CODE:
            low, high = _BLANK, _Z
        case FieldType.TEXT:
            low, high = _BLANK, _LAST_PRINTABLE
        case _:
            low, high = _ZERO, _NINE
    for offset in range(one.length):
        filled = offset == 0 and one.required and low == _BLANK
        yield low + filled, high


def fixed_bytes(one: Field) -> bytes | None:
    """Give what a field must hold in every file: its constant, or the only value listed for it."""
    if one.constant is not None:
        return padded(one.constant, one)
    return padded(one.values[0], one) if len(one.values) == 1 else None


def prove_field(block: Block, one: Field, fixed: bytes | None) -> None:
    """Mark the records whose field is not proven, and put the field's values into its column."""
    column = block.columns.get(one.name) if block.columns is not None else None
    if fixed is None and one.values:
        _prove_listed(block, one)
    match one.type:
        case FieldType.NUMBER | FieldType.ORE:
            _number(block, one, column)
        case FieldType.DATE:
            _date(block, one, column, proven=fixed is not None)
        case FieldType.CODE:
            _code(block, one, column, proven=fixed is not None or bool(one.values))
        case FieldType.TEXT:
            _text(block, one, column)
        case FieldType.FILLER | FieldType.SIGN:
            pass
        case _:
            _identifier(block, one, column, proven=fixed is not None)


def fold_sign(block: Block, amount: Field, sign: Field) -> None:
    """Give an amount its sign. A zero with a minus, and what is no sign, stay unproven."""
    numbers = block.numbers.get(amount.name)
    signs = np.subtract(_BETWEEN_SIGNS, block.rows.column(sign.first - 1, "u1"), dtype=np.int8)
    if (signs == 1).all():
        return
    if numbers is None:
        numbers = _read(block, amount, block.room.numbers)
    numbers *= signs
    block.unproven |= (signs != 1) & (numbers >= 0)


def _read(block: Block, one: Field, out: Numbers) -> Numbers:
    numbers = out[: block.rows.count]
    read_digits(block.rows, one.first - 1, one.length, numbers, block.room.word[: block.rows.count])
    return numbers


def _number(block: Block, one: Field, column: Column | None) -> None:
    wanted = one.name in block.totalled
    if column is None and not wanted and one.role is not Role.LINE_NUMBER:
        return
    out = column if column is not None else block.room.numbers_of(one.name)
    numbers = _read(block, one, out)
    block.numbers[one.name] = numbers
    if one.role is Role.LINE_NUMBER:
        block.unproven[1:] |= np.diff(numbers) != 1
        block.unproven[0] |= block.previous is None or numbers[0] != block.previous + 1


def _date(block: Block, one: Field, column: Column | None, *, proven: bool) -> None:
    if proven and column is None:
        return
    numbers = _read(block, one, column if column is not None else block.room.numbers)
    if proven:
        return
    index = np.subtract(numbers, _FIRST_DAY, out=block.room.index[: block.rows.count])
    real = _real_days().take(index, mode="clip")
    if not one.required:
        real |= numbers == 0
    block.unproven |= ~real


def _identifier(block: Block, one: Field, column: Column | None, *, proven: bool) -> None:
    count = block.rows.count
    if column is not None:
        column[:] = block.rows.column(one.first - 1, f"S{one.length}")
    if one.name in block.totalled:
        block.numbers[one.name] = _read(block, one, block.room.numbers_of(one.name))
    if proven:
        return
    if one.type is FieldType.CPR:
        day_month = block.room.index[:count]
        read_digits(block.rows, one.first - 1, 4, day_month, block.room.word[:count])
        block.unproven |= ~_days_of_every_year().take(day_month, mode="clip")
    elif one.type is FieldType.TIME:
        time = block.room.index[:count]
        read_digits(block.rows, one.first - 1, one.length, time, block.room.word[:count])
        block.unproven |= ~_real_times().take(time, mode="clip")
    elif one.required:
        block.unproven |= ends_in_zeros(block.rows, one.first - 1, one.length)


def _code(block: Block, one: Field, column: Column | None, *, proven: bool) -> None:
    """Prove a code's characters and that blanks stand at its end only; in the column they are gone."""
    if proven and column is None:
        return
    copied = np.empty(block.rows.count, f"S{one.length}")
    copied[:] = block.rows.column(one.first - 1, f"S{one.length}")
    flat = copied.view(np.uint8)
    blank = flat == _BLANK
    if not proven:
        wrong = ~(
            blank
            | (flat == _PLUS)
            | (flat == _MINUS)
            | (flat - _ZERO <= _NINE - _ZERO)
            | (flat - _A <= _Z - _A)
        )
        before_more = blank[:-1] & ~blank[1:]
        before_more[one.length - 1 :: one.length] = False
        wrong[:-1] |= before_more
        if wrong.any():
            block.unproven |= wrong.reshape(-1, one.length).any(axis=1)
    if column is not None:
        np.multiply(flat, ~blank, out=column.view(np.uint8))


def _text(block: Block, one: Field, column: Column | None) -> None:
    written = np.ascontiguousarray(block.rows.column(one.first - 1, f"S{one.length}"))
    begins_blank = written.view(np.uint8)[:: one.length] == _BLANK
    if begins_blank.any():
        block.unproven |= begins_blank & (written != b" " * one.length)
    if column is not None:
        column[:] = np.strings.rstrip(written, b" ")


def _prove_listed(block: Block, one: Field) -> None:
    dtype = _WORDS.get(one.length, f"S{one.length}")
    written = block.rows.column(one.first - 1, dtype)
    known = np.zeros(block.rows.count, np.bool_)
    for value in one.values:
        known |= written == np.frombuffer(padded(value, one), dtype)[0]
    block.unproven |= ~known


@cache
def _real_days() -> Mask:
    """Say of every number from 19000000 to 21991232 whether it is a day, as YYYYMMDD."""
    real = np.zeros((LAST_YEAR + 1) * 10_000 - _FIRST_DAY, np.bool_)
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        for month in range(1, 13):
            first = year * 10_000 + month * 100 + 1 - _FIRST_DAY
            real[first : first + monthrange(year, month)[1]] = True
    return real


@cache
def _days_of_every_year() -> Mask:
    """Say of every DDMM whether each year has that day, with 60 added to the day or not.

    The 29th of February needs the year and the century rule: it stays unproven.
    """
    real = np.zeros(10_000, np.bool_)
    for month in range(1, 13):
        for day in range(1, monthrange(FIRST_YEAR + 1, month)[1] + 1):
            real[[day * 100 + month, (day + 60) * 100 + month]] = True
    return real


@cache
def _real_times() -> Mask:
    """Say of every number below one million whether it is a time, as HHMMSS."""
    hours, rest = np.divmod(np.arange(1_000_000), 10_000)
    minutes, seconds = np.divmod(rest, 100)
    real: Mask = (hours < _HOURS) & (minutes < _SIXTY) & (seconds < _SIXTY)
    return real
