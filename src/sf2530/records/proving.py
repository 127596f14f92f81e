"""Prove thousands of records right at once, and read their values: on numpy, in blocks that fit the cache.

One pass compares every byte of a block with the range its position allows: that proves digits,
constants, fillers, line ends and the municipality. `vector_fields.py` proves the rest, field by field.
Blocks are shared out to threads: numpy works without the interpreter's lock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from sf2530.records.blocks import BLOCK_ROWS, THREADS, pool
from sf2530.records.columns import Column, room_for, total
from sf2530.records.course import totalled
from sf2530.records.digits import Rows
from sf2530.records.field_rules import padded
from sf2530.records.layout import Field, Layout, LineEnd, RecordType, Role
from sf2530.records.lines import Content
from sf2530.records.vector_fields import Block, Mask, Room, fixed_bytes, fold_sign, prove_field, ranges_of

BLOCKS_WORTH_A_THREAD = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Prover:
    """What is compared for one record type of one file: byte ranges of a whole block, and the fields."""

    record: RecordType
    stride: int
    low: NDArray[np.uint8]
    span: NDArray[np.uint8]
    fixed: Mapping[str, bytes]
    totalled: frozenset[str]
    rooms: tuple[Room, ...]

    @property
    def block_rows(self) -> int:
        """How many records a block has."""
        return len(self.low) // self.stride


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """What became of a run of records: which could not be proven, the totals of the others, the columns.

    The columns hold all records of the run, in its order; None where nobody asked for them.
    """

    unproven: tuple[int, ...]
    totals: Mapping[str, int]
    columns: dict[str, Column] | None


def prover_for(
    layout: Layout, record: RecordType, line_end: LineEnd, same: Mapping[str, str | date], *, rows: int
) -> Prover:
    """Make the prover for a file's data records.

    `same` gives, by field name, what the file's first record said and every other must say alike; `rows`
    is how many records a run will have at most, so that a small file gets small arrays.
    """
    fixed = {one.name: found for one in record.fields if (found := fixed_bytes(one)) is not None}
    fixed |= {name: _written(record.field(name), value) for name, value in same.items()}
    ranges = [
        bounds
        for one in sorted(record.fields, key=lambda one: one.first)
        for bounds in ranges_of(one, fixed.get(one.name))
    ]
    ranges += [(byte, byte) for byte in line_end.bytes]
    size = min(rows, BLOCK_ROWS)
    return Prover(
        record=record,
        stride=len(ranges),
        low=np.tile(np.array([low for low, _ in ranges], np.uint8), size),
        span=np.tile(np.array([high - low for low, high in ranges], np.uint8), size),
        fixed=fixed,
        totalled=totalled(layout),
        rooms=tuple(Room(size, len(ranges)) for _ in range(THREADS)),
    )


def prove(prover: Prover, rows: Rows, *, previous: int | None, keep: bool) -> Proven:
    """Prove a run of records. `previous` is the running number before the first; `keep` asks for columns."""
    columns = room_for(prover.record, rows.count) if keep else None
    firsts = range(0, rows.count, prover.block_rows)
    threads = max(min(THREADS, len(firsts) // BLOCKS_WORTH_A_THREAD), 1)

    def share(thread: int) -> list[tuple[list[int], dict[str, int]]]:
        room = prover.rooms[thread]
        return [
            _prove_block(prover, rows, first, room, columns, previous) for first in firsts[thread::threads]
        ]

    shares = pool().map(share, range(threads)) if threads > 1 else [share(0)]
    found = [block for blocks in shares for block in blocks]
    totals: Counter[str] = Counter()
    for _unproven, of_block in found:
        totals.update(of_block)
    unproven = sorted(row for of_block, _totals in found for row in of_block)
    return Proven(unproven=tuple(unproven), totals=totals, columns=columns)


def even_rows(rows: Rows, chunk: Content, unproven: Iterable[int]) -> int:
    """Count the rows before the first one whose line end stands elsewhere; all others are whole lines."""
    for row in unproven:
        begin = rows.offset + row * rows.stride
        if chunk.find(b"\n", begin, begin + rows.stride) != begin + rows.stride - 1:
            return row
    return rows.count


def _written(one: Field, value: str | date) -> bytes:
    return padded(value if isinstance(value, str) else f"{value:%Y%m%d}", one)


def _prove_block(
    prover: Prover,
    run: Rows,
    first: int,
    room: Room,
    columns: Mapping[str, Column] | None,
    previous: int | None,
) -> tuple[list[int], dict[str, int]]:
    """Prove one block of a run, from its record `first` on; give the unproven ones and the totals."""
    count = min(prover.block_rows, run.count - first)
    rows = replace(run, offset=run.offset + first * run.stride, count=count)
    block = Block(
        rows=rows,
        room=room,
        unproven=_outside_ranges(prover, rows, room),
        columns={name: column[first : first + count] for name, column in columns.items()}
        if columns
        else None,
        totalled=prover.totalled,
        previous=previous if first == 0 else _number_before(prover, rows),
    )
    for one in prover.record.fields:
        prove_field(block, one, prover.fixed.get(one.name))
    for one in prover.record.fields:
        if one.sign is not None and prover.fixed.get(one.sign) != b"+":
            fold_sign(block, one, prover.record.field(one.sign))
    if not block.unproven.any():
        return [], {name: total(block.numbers[name]) for name in prover.totalled}
    proven = ~block.unproven
    totals = {name: total(block.numbers[name][proven]) for name in prover.totalled}
    return (np.flatnonzero(block.unproven) + first).tolist(), totals


def _outside_ranges(prover: Prover, rows: Rows, room: Room) -> Mask:
    """Say of every record whether a byte of it is outside the range of its position."""
    size = rows.count * rows.stride
    data = np.frombuffer(rows.buffer, np.uint8, size, rows.offset)
    rest, within = room.rest[:size], room.within[:size]
    np.subtract(data, prover.low[:size], out=rest)
    np.less_equal(rest, prover.span[:size], out=within)
    if within.all():
        return np.zeros(rows.count, np.bool_)
    inside: Mask = np.logical_and.reduce(within.reshape(rows.count, rows.stride), axis=1)
    return ~inside


def _number_before(prover: Prover, rows: Rows) -> int | None:
    one = prover.record.with_role(Role.LINE_NUMBER)
    if one is None:
        return None
    begin = rows.offset - rows.stride + one.first - 1
    before = bytes(rows.buffer[begin : begin + one.length])
    return int(before) if before.isdigit() else None
