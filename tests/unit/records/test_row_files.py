"""Whatever stands in a file of rows, every line of it comes out as a row or as findings."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sf2530.records.findings import Finding, Place, Severity
from sf2530.records.lines import LONGEST_LINE
from sf2530.records.row_files import RowFormat, read_rows

HEADER = b"name,amount\n"
NOT_OURS = Finding(
    code="header-wrong", severity=Severity.ERROR, what="", where=Place(file="rows"), rule="", remedy=""
)


def check_header(fields: list[str]) -> list[Finding]:
    return [] if fields == ["name", "amount"] else [NOT_OURS]


def read(content: bytes, form: RowFormat | None = None) -> list[Any]:
    """Give each line's number with its row, or with the codes of its findings."""
    rows = read_rows(io.BytesIO(content), name="rows", check_header=check_header, form=form)
    return [(line, [one.code for one in row] if isinstance(row, list) else row) for line, row in rows]


GOOD = {"name": "a", "amount": "1"}
LATER = (3, {"name": "b", "amount": "2"})


@pytest.mark.parametrize(
    "line",
    [
        b'"a,1',  # a quotation mark that nothing closes
        b'"a"x,1',
        b"a,\r1",
        b"a,1,2",
        b"a",
        b"a;1",
        b"x" * (LONGEST_LINE + 1),
        b"x" * (10 * LONGEST_LINE),
        b'"' * (3 * LONGEST_LINE),
    ],
    ids=["open-quote", "text-after-quote", "bare-cr", "more", "fewer", "semicolon", "long", "huge", "quotes"],
)
def test_a_csv_line_that_is_no_row_costs_itself_only(line: bytes) -> None:
    assert read(HEADER + line + b"\nb,2\n") == [(2, ["line-unreadable"]), LATER]


@pytest.mark.parametrize(
    "line",
    [
        b"[" * 5_000,
        b'{"a":' * 5_000,
        b"[]",
        b"1",
        b'{"name": "a", "name": "b"}',
        b'{"name": ["a"]}',
        b'{"name": {"a": 1}}',
        b'{"name": "\\ud800"}',
        b'{"name": "\xe6"}',
        b'{"name": 1' + b"0" * 5_000 + b"}",
        '{"name": "a"}'.encode("utf-16-le"),
        b'{"name": "' + b"x" * (2 * LONGEST_LINE) + b'"}',
        b"a,1",
        b"\0",
    ],
)
def test_a_line_that_is_no_plain_json_object_costs_itself_only(line: bytes) -> None:
    lines = b"\n".join((json.dumps(GOOD).encode(), line, json.dumps(LATER[1]).encode()))

    assert read(lines, RowFormat.JSON_LINES) == [(1, GOOD), (2, ["line-unreadable"]), LATER]


@pytest.mark.parametrize("header", [b"name,amount", b"name;amount", b"\xef\xbb\xbfname;amount\r"])
def test_comma_semicolon_and_byte_order_mark_are_read(header: bytes) -> None:
    delimiter = b";" if b";" in header else b","

    assert read(header + b"\na" + delimiter + b"1\r\n\n") == [(2, GOOD)]


def test_a_byte_order_mark_before_json_lines_is_passed_over() -> None:
    assert read(b"\xef\xbb\xbf" + json.dumps(GOOD).encode()) == [(1, GOOD)]


@pytest.mark.parametrize(
    "header", [b"", b"name\tamount", b"amount,name", "name,amount".encode("utf-16"), b"\0"]
)
def test_nothing_is_read_under_a_header_that_is_not_the_one(header: bytes) -> None:
    assert read(header + b"\na,1\n") == [(1, ["header-wrong"])]


@pytest.mark.parametrize("header", [b'"name,amount', b"name,amount\ra,1\rb,2", b"n" * (2 * LONGEST_LINE)])
def test_nothing_is_read_under_a_header_that_is_no_line_of_csv(header: bytes) -> None:
    assert read(header + b"\na,1\n") == [(1, ["line-unreadable"])]


def test_zero_bytes_and_foreign_letters_reach_the_checks_of_the_field() -> None:
    assert read(HEADER + b"\0,1\n\xe6,2\n") == [
        (2, {"name": "\0", "amount": "1"}),
        (3, {"name": "\ufffd", "amount": "2"}),
    ]


@given(content=st.binary(max_size=200), form=st.sampled_from([None, *RowFormat]), headed=st.booleans())
def test_no_bytes_whatever_stop_the_reader(content: bytes, form: RowFormat | None, *, headed: bool) -> None:
    lines = [line for line, _row in read(HEADER * headed + content, form)]

    assert lines == sorted(set(lines))
