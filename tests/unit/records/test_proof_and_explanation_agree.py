"""The proof for thousands of records at once accepts exactly what the explanation of one record accepts."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sf2530.records import proving, taking
from sf2530.records.course import Course, take
from sf2530.records.explaining import Explained
from sf2530.records.layout import Field, FileKind, Layout
from sf2530.records.layout_files import layout
from sf2530.records.reading import Decoded, check, decode
from sf2530.records.writing import encode

ROWS = 150
NASTY = b" 09+-,./:AZaz\x00\x0c\r\n\x1a\x7f\x85\xa0\xc6\xff"

Content = bytes
Spoil = Callable[[random.Random, bytearray, Layout], None]


def other_byte(chance: random.Random, content: bytearray, _layout: Layout) -> None:
    """Put another byte somewhere."""
    content[chance.randrange(len(content))] = chance.choice([*NASTY, chance.randrange(256)])


def other_field(chance: random.Random, content: bytearray, chosen: Layout) -> None:
    """Fill a field of a data record with digits, blanks or the bytes of another record."""
    row, other = chance.randrange(1, ROWS + 1), chance.randrange(1, ROWS + 1)
    field = chance.choice(chosen.data[0].fields)
    begin = row * chosen.line_length + field.first - 1
    there = other * chosen.line_length + field.first - 1
    digits = bytes(chance.choice(b"0123456789") for _ in range(field.length))
    real_day = f"{chance.randrange(1899, 2201)}{chance.randrange(14):02d}{chance.randrange(33):02d}".encode()
    made = [digits, b" " * field.length, b"0" * field.length, bytes(content[there : there + field.length])]
    made += [real_day] if field.length == len(real_day) else []
    content[begin : begin + field.length] = chance.choice(made)


def other_person(chance: random.Random, content: bytearray, chosen: Layout) -> None:
    """Put a date of birth that may exist in some centuries only into a record."""
    field = next((one for one in chosen.data[0].fields if one.personal), None)
    if field is None:
        return
    begin = chance.randrange(1, ROWS + 1) * chosen.line_length + field.first - 1
    day = chance.choice([b"2902", b"8902", b"3002", b"9102", b"3112", b"9112", b"3211", b"0101", b"0113"])
    content[begin : begin + 7] = (
        day + chance.choice([b"00", b"04", b"36", b"37", b"57", b"58"]) + b"%d" % chance.randrange(10)
    )


def lost_or_doubled(chance: random.Random, content: bytearray, _layout: Layout) -> None:
    """Take some bytes out, or put some in twice."""
    begin = chance.randrange(len(content))
    length = chance.choice([1, 1, 2, 128, 130, 130, 260])
    if chance.random() < 0.5:
        del content[begin : begin + length]
    else:
        content[begin:begin] = content[begin : begin + length]


def moved_line(chance: random.Random, content: bytearray, chosen: Layout) -> None:
    """Put a whole line somewhere else."""
    begin = chance.randrange(ROWS + 2) * chosen.line_length
    line = content[begin : begin + chosen.line_length]
    del content[begin : begin + chosen.line_length]
    there = chance.randrange(ROWS + 2) * chosen.line_length
    content[there:there] = line


def other_line_end(chance: random.Random, content: bytearray, _layout: Layout) -> None:
    """End some lines with LF alone."""
    for _ in range(chance.choice([1, 3, 40])):
        at = content.find(b"\r\n", chance.randrange(len(content)))
        if at >= 0:
            del content[at : at + 1]


SPOILERS: list[Spoil] = [other_byte, other_field, other_person, lost_or_doubled, moved_line, other_line_end]


class Contents(dict[FileKind, bytes]):
    """Files by their kind; shown briefly where a test fails."""

    def __repr__(self) -> str:
        return f"Contents({', '.join(self)})"


@pytest.fixture(scope="module")
def contents(sample: Any) -> Contents:
    kinds = (FileKind.ANSWER, FileKind.REPORT, FileKind.REJECT)
    return Contents({kind: sample(kind, count=ROWS).content for kind in kinds})


@pytest.fixture(autouse=True)
def _many_small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proving, "BLOCK_ROWS", 16)
    monkeypatch.setattr(proving, "BLOCKS_WORTH_A_THREAD", 2)
    monkeypatch.setattr(taking, "BLOCK_ROWS", 16)


def explained(content: bytes, chosen: Layout) -> Decoded:
    """Read line by line, without any proof."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(taking, "ROWS_WORTH_PROVING", 1 << 40)
        return decode(content, chosen, name="file.txt")


def assert_same(proven: Decoded, read: Decoded) -> None:
    assert proven.report == read.report
    for code, columns in read.columns.items():
        for name, column in columns.items():
            np.testing.assert_array_equal(proven.columns[code][name], column)
            assert proven.columns[code][name].dtype == column.dtype


@pytest.mark.parametrize("kind", [FileKind.ANSWER, FileKind.REPORT, FileKind.REJECT])
@given(seed=st.integers(0, 2**32), count=st.integers(0, 4))
def test_both_find_the_same_in_a_spoiled_file(
    contents: Contents, kind: FileKind, seed: int, count: int
) -> None:
    chance, content = random.Random(seed), bytearray(contents[kind])
    for _ in range(count):
        chance.choice(SPOILERS)(chance, content, layout(kind))

    proven = decode(bytes(content), layout(kind), name="file.txt")

    assert_same(proven, explained(bytes(content), layout(kind)))
    assert check(io.BytesIO(content), layout(kind), name="file.txt") == proven.report


def nasty_values(field: Field) -> list[bytes]:
    """Give bytes of the field's length that some type refuses, at its begin, its end and throughout."""
    length = field.length
    full = [bytes([byte]) * length for byte in b" 0+-,9AZaz_.\x7f\x80\xff"]
    ends = [
        b"A".ljust(length),
        b" A".ljust(length)[:length],
        b"A".rjust(length),
        b"A A".ljust(length)[:length],
    ]
    numbers = [b"1".rjust(length, b"0"), b"1".ljust(length, b"0"), b" ".rjust(length, b"0")]
    return full + ends + numbers


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        pytest.param(kind, field, id=f"{kind}-{field.name}-{field.first}")
        for kind in (FileKind.ANSWER, FileKind.REPORT, FileKind.REJECT)
        for field in layout(kind).data[0].fields
    ],
)
def test_both_find_the_same_in_a_spoiled_field(contents: Contents, kind: FileKind, field: Field) -> None:
    content, stride = bytearray(contents[kind]), layout(kind).line_length
    for row, value in enumerate(nasty_values(field)):
        begin = (20 + row * 5) * stride + field.first - 1
        content[begin : begin + field.length] = value
    # the amount is zero beside every sign: only then does a minus show
    for amount in (one for one in layout(kind).data[0].fields if one.sign == field.name):
        for row in range(20, 20 + 5 * len(nasty_values(field)), 5):
            begin = row * stride + amount.first - 1
            content[begin : begin + amount.length] = b"0" * amount.length

    assert_same(
        decode(bytes(content), layout(kind), name="file.txt"), explained(bytes(content), layout(kind))
    )


def test_a_file_with_lf_alone_is_proven_too(contents: Contents) -> None:
    content = contents[FileKind.ANSWER].replace(b"\r\n", b"\n")

    proven = decode(content, layout(FileKind.ANSWER), name="file.txt")

    assert_same(proven, explained(content, layout(FileKind.ANSWER)))
    assert proven.report.accepted


def test_both_read_a_bare_file_alike(sample: Any) -> None:
    bare = sample(FileKind.ANSWER, count=ROWS, profile="bare")

    assert_same(decode(bare.content, bare.layout, name="file.txt"), explained(bare.content, bare.layout))


def test_running_numbers_begin_again_after_all_nines(sample: Any) -> None:
    bare = sample(FileKind.ANSWER, count=ROWS, profile="bare")
    lines = [
        line[:7] + b"%07d" % ((9_999_950 + number) % 10**7) + line[14:]
        for number, line in enumerate(bare.lines)
    ]
    content = b"".join(line + b"\r\n" for line in lines)

    found = decode(content, bare.layout, name="file.txt")

    assert [(one.code, one.where.line) for one in found.report.findings] == [("line-number-wrong", 1)]
    assert_same(found, explained(content, bare.layout))


def test_what_a_real_file_holds_is_proven_and_not_explained_one_by_one(
    contents: Contents, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = []

    def take_and_note(so_far: Course, line: bytes) -> Explained:
        lines.append(line[:3])
        return take(so_far, line)

    monkeypatch.setattr(taking, "take", take_and_note)

    decode(contents[FileKind.REPORT], layout(FileKind.REPORT), name="file.txt")

    assert lines == [b"000", b"999"]


def test_an_encoded_file_is_the_same_for_any_number_of_blocks(sample: Any) -> None:
    report = sample(FileKind.REPORT, count=ROWS)
    decoded = decode(report.content, report.layout, name="file.txt")

    assert encode(report.layout, start=decoded.start, rows=decoded.columns) == report.content
