"""A file of any size is checked in bounded memory, wherever its bytes are cut into pieces."""

from __future__ import annotations

import io
import mmap
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sf2530.records import lines
from sf2530.records.layout import FileKind
from sf2530.records.layout_files import layout
from sf2530.records.lines import LONGEST_LINE, chunks
from sf2530.records.reading import batches, check, decode
from sf2530.records.writing import encode

RECORDS = 1_000_000
MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def big_report(sample: Any) -> bytes:
    one = sample(FileKind.REPORT, count=3)
    decoded = decode(one.content, one.layout, name="file.txt")
    columns = {name: np.resize(cells, RECORDS) for name, cells in decoded.columns["030"].items()}
    return encode(one.layout, start=decoded.start, rows={"030": columns})


def test_a_million_records_are_checked_in_a_small_part_of_their_size(big_report: bytes) -> None:
    tracemalloc.start()
    report = check(io.BytesIO(big_report), layout(FileKind.REPORT), name="file.txt")
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (report.accepted, report.records) == (True, RECORDS)
    assert most < 60 * MEBIBYTE


def test_batches_give_what_the_whole_file_gives(big_report: bytes) -> None:
    chosen = layout(FileKind.REPORT)
    whole = decode(big_report, chosen, name="file.txt").columns["030"]

    reading = batches(io.BytesIO(big_report), chosen, name="file.txt")
    parts = [batch["030"] for batch in reading]

    assert len(parts) > 10
    assert reading.report.accepted
    for name, column in whole.items():
        np.testing.assert_array_equal(np.concatenate([part[name] for part in parts]), column)


def test_the_report_on_batches_is_not_there_before_the_last(answer: Any) -> None:
    with pytest.raises(RuntimeError):
        _ = batches(io.BytesIO(answer.content), answer.layout, name="file.txt").report


def test_a_file_mapped_into_memory_is_read_as_one_in_memory(answer: Any, tmp_path: Path) -> None:
    file = tmp_path / "answer.txt"
    file.write_bytes(answer.content)

    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
        mapped = decode(content, answer.layout, name="file.txt")

    assert mapped.report == answer.report()
    assert mapped.columns["020"]["PNR"].tolist() == [b"6101901000", b"6101901001", b"6101901002"]


class Trickle(io.BytesIO):
    """A stream that gives a few bytes at a time, however many are asked for."""

    step = 1

    def read(self, _size: int | None = -1, /) -> bytes:
        return super().read(self.step)


@given(step=st.integers(1, 700))
def test_it_does_not_matter_where_a_stream_is_cut(sample: Any, step: int) -> None:
    answer = sample(FileKind.ANSWER, count=3)
    stream = Trickle(answer.content)
    stream.step = step

    assert check(stream, answer.layout, name="file.txt") == answer.report()


@given(
    content=st.binary(max_size=200).map(lambda some: some.replace(b"\xff", b"\r\n")), step=st.integers(1, 50)
)
def test_chunks_end_with_a_line_end_and_lose_nothing(content: bytes, step: int) -> None:
    stream = Trickle(content)
    stream.step = step

    parts = list(chunks(stream))

    assert b"".join(parts) == content
    assert all(part.endswith(b"\n") for part in parts[:-1])


def test_a_line_without_end_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "CHUNK_BYTES", MEBIBYTE)
    garbage = bytes(64 * MEBIBYTE)

    tracemalloc.start()
    report = check(io.BytesIO(garbage), layout(FileKind.ANSWER), name="file.txt")
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 8 * MEBIBYTE
    assert not report.accepted
    assert any(found.what == f"The line is longer than {LONGEST_LINE} bytes" for found in report.findings)
