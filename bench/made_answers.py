"""Answers of any size, made up deterministically: as columns, and as a stream that is never whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import numpy as np

from sf2530.records.digits import Rows, write_digits
from sf2530.records.layout import FileKind
from sf2530.records.layout_files import layout
from sf2530.records.writing import encode

ANSWER = layout(FileKind.ANSWER)
START: Mapping[str, Any] = {
    "KOMMUNENR": "0101",
    "PRODDATO": date(2026, 11, 25),
    "PRODTID": "101500",
    "LEVERANCEID": "S010120261130MD01",
    "REF_LEVERANCEID": "F010120261130MD01",
    "AFSENDER": "UDKDEB",
    "MODTAGER": "KY",
    "DISPOSITIONSDATO": date(2026, 11, 30),
}


def made_columns(count: int, first: int = 0) -> dict[str, Any]:
    """Make agreements of test persons, deterministically; `first` is the number of the first one."""
    number = np.arange(first, first + count)
    chance = np.random.default_rng(first)
    day, month, year = (
        chance.integers(61, 89, count),
        chance.integers(1, 13, count),
        chance.integers(50, 100, count),
    )
    person = ((day * 100 + month) * 100 + year) * 10_000 + chance.integers(0, 4000, count)
    begun = 20_100_000 + chance.integers(0, 16, count) * 10_000 + chance.integers(1, 13, count) * 100
    ended = np.where(chance.random(count) < 0.7, 0, begun + 200_000 + chance.integers(1, 29, count))
    return {
        "KOMMUNENR": np.full(count, b"0101"),
        "LBNR": number + 2,
        "PNR": digits(person, 10),
        "AFTALENR": digits(number + 1, 12),
        "AFTALETYPE": np.full(count, b"01"),
        "PRIORITET": chance.integers(1, 4, count),
        "MDRBELOEB": chance.integers(50_000, 500_000, count),
        "GYLDIG_FRA": begun + chance.integers(1, 29, count),
        "GYLDIG_TIL": ended,
        "FORFALDSDATO": np.full(count, 20261201),
        "ANTAL_BIDRAG": chance.integers(1, 3, count),
        "KRAVREF": np.strings.add(b"KRAV-", digits(number + 1, 10)),
        "AFTALESTATUS": np.full(count, b"A"),
        "FORVENTET_MRK": np.full(count, b"J"),
        "FORVENTET_DATO": np.full(count, 20261130),
    }


def digits(numbers: Any, length: int) -> Any:
    """Give numbers as zero-filled text."""
    return np.strings.zfill(numbers.astype(f"S{length}"), length)


class AnswerStream:
    """An answer of many records, made while it is read: the same records again and again, numbered on."""

    BLOCK_ROWS = 50_000

    def __init__(self, records: int) -> None:
        self._parts = _parts(records, self.BLOCK_ROWS)
        self._rest = b""

    def read(self, size: int, /) -> bytes:
        """Give up to `size` bytes; none at the end."""
        if not self._rest:
            self._rest = next(self._parts, b"")
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken


def _parts(records: int, block_rows: int) -> Iterator[bytes]:
    blocks, stride = records // block_rows, ANSWER.line_length
    columns = made_columns(block_rows)
    content = encode(ANSWER, start=START, rows={"020": columns})
    yield content[:stride]
    room = np.frombuffer(content[stride:-stride], np.uint8).copy()
    for block in range(blocks):
        numbers = np.arange(block_rows) + 2 + block * block_rows
        write_digits(Rows(room, 0, stride, block_rows), 7, 7, numbers % 10**7)
        yield room.tobytes()
    yield _end(content[-stride:], columns, blocks, block_rows)


def _end(end: bytes, columns: Mapping[str, Any], blocks: int, block_rows: int) -> bytes:
    """Put the totals of all blocks into the end record of one."""
    amount = int(columns["MDRBELOEB"].sum()) * blocks
    identifiers = int(columns["PNR"].astype(np.int64).sum()) * blocks % 10**15
    filled = {"LBNR": blocks * block_rows + 2, "ANTAL_DATA": blocks * block_rows}
    filled |= {"SUM_BELOEB": amount, "IDENTSUM": identifiers}
    for name, value in filled.items():
        field = ANSWER.record("999").field(name)
        written = f"{value % 10**field.length:0{field.length}d}".encode()
        end = end[: field.first - 1] + written + end[field.last :]
    return end
