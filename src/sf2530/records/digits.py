"""Digits to numbers and back, for thousands of records at once: eight bytes of text in one 64-bit word.

A field of digits is read as little-endian words straight out of the records: each byte of a word is a
digit, and three multiplications add neighbours up to one number ("SIMD within a register"). Words
are loaded without alignment and may begin in another field: a mask takes the digits wanted.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from sf2530.records.lines import Content

Numbers = NDArray[np.int64]
Words = NDArray[np.uint64]

WORD = 8

_PAIRS = np.uint64(1 + (10 << 8)), np.uint64(8), np.uint64(0x00FF00FF00FF00FF)
_FOURS = np.uint64(1 + (100 << 16)), np.uint64(16), np.uint64(0x0000FFFF0000FFFF)
_EIGHT = np.uint64(1 + (10_000 << 32)), np.uint64(32)


@dataclass(frozen=True, slots=True)
class Rows:
    """Records of one length lying one after the other in a buffer, the first at `offset`."""

    buffer: Content | NDArray[np.uint8]
    offset: int
    stride: int
    count: int

    def column(self, start: int, dtype: str) -> NDArray[np.generic]:
        """View what lies at byte `start` (from 0) of every record as one array, nothing copied."""
        return np.ndarray(
            (self.count,), dtype, self.buffer, offset=self.offset + start, strides=(self.stride,)
        )


def read_digits(rows: Rows, start: int, length: int, out: Numbers, word: Words) -> None:
    """Read `length` digits (18 at most) at byte `start` of every record into `out`.

    The bytes must be digits; others give a number without meaning. `word` is room to work in.
    """
    end = start + length
    first = length % WORD or WORD
    _read_word(rows, start, first, out.view(np.uint64))
    for group in range(start + first, end, WORD):
        _read_word(rows, group, WORD, word)
        out *= 10**WORD
        out += word.view(np.int64)


def ends_in_zeros(rows: Rows, start: int, length: int) -> NDArray[np.bool_]:
    """Say of which records the field's last digits, eight at most, are all zeros."""
    taken = min(length, WORD)
    zeros: NDArray[np.bool_] = _masked(rows, start + length - taken, taken) == 0
    return zeros


def _read_word(rows: Rows, start: int, length: int, out: Words) -> None:
    """Read up to eight digits, the last of them in the highest byte of the word."""
    _masked(rows, start, length, out)
    np.multiply(out, _PAIRS[0], out=out)
    np.right_shift(out, _PAIRS[1], out=out)
    np.bitwise_and(out, _PAIRS[2], out=out)
    np.multiply(out, _FOURS[0], out=out)
    np.right_shift(out, _FOURS[1], out=out)
    np.bitwise_and(out, _FOURS[2], out=out)
    np.multiply(out, _EIGHT[0], out=out)
    np.right_shift(out, _EIGHT[1], out=out)


def _masked(rows: Rows, start: int, length: int, out: Words | None = None) -> Words:
    """Load the digits' values into the highest bytes of a word each, the lower bytes zero."""
    window = max(start + length - WORD, 0)
    shift = 8 * (window + WORD - start - length)
    mask = (0x0F0F0F0F0F0F0F0F >> 8 * (WORD - length)) << 8 * (start - window)
    loaded: Words = np.bitwise_and(rows.column(window, "<u8"), np.uint64(mask), out=out)
    if shift:
        np.left_shift(loaded, np.uint64(shift), out=loaded)
    return loaded


def write_digits(rows: Rows, start: int, length: int, numbers: Numbers) -> None:
    """Write numbers from 0 to what `length` digits hold at byte `start` of every record, zero-filled."""
    rest, end = numbers, start + length
    for width in _widths(length):
        rest, group = np.divmod(rest, 10**width)
        end -= width
        rows.column(end, f"<u{width}")[:] = _digits_of(width).take(group)


def _widths(length: int) -> list[int]:
    """Part a field into pieces of one, two and four digits, the last one first."""
    return [4] * (length // 4) + [2] * (length % 4 // 2) + [1] * (length % 2)


@cache
def _digits_of(width: int) -> NDArray[np.unsignedinteger]:
    """Give the digits of every number below ten to the power of `width`, each as the word it is in memory."""
    digits = "".join(f"{number:0{width}d}" for number in range(10**width))
    return np.frombuffer(digits.encode("ascii"), f"<u{width}")
