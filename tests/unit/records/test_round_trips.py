"""What is written is read again as it was, and what was read is written again byte for byte."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sf2530.records.field_rules import Value
from sf2530.records.findings import Verdict
from sf2530.records.layout import Field, FieldType, FileKind, Layout, RecordType, Role
from sf2530.records.layout_files import default_layouts
from sf2530.records.reading import decode
from sf2530.records.writing import encode

CODE_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-"
TEXT_CHARACTERS = "".join(map(chr, range(0x20, 0x7F)))
days = st.dates(date(1900, 1, 1), date(2199, 12, 31))


@st.composite
def persons(draw: st.DrawFn) -> str:
    born = draw(st.dates(date(1900, 1, 1), date(1999, 12, 31)))
    return f"{born.day + 60}{born:%m%y}{draw(st.integers(0, 3999)):04d}"


def values_of(field: Field) -> st.SearchStrategy[Value]:
    """Draw what a field may hold."""
    if field.values:
        return st.sampled_from(field.values)
    highest = 10**field.length - 1
    may_be_negative = (field.sign or "").startswith("FORTEGN_T")
    drawn: dict[FieldType, st.SearchStrategy[Value]] = {
        FieldType.CPR: persons(),
        FieldType.NUMBER: st.integers(0, highest),
        FieldType.ORE: st.integers(-highest if may_be_negative else 0, highest),
        FieldType.DATE: days if field.required else st.none() | days,
        FieldType.TIME: st.times().map(lambda time: f"{time:%H%M%S}"),
        FieldType.DIGITS: st.integers(1, highest).map(lambda number: f"{number:0{field.length}d}"),
        FieldType.CODE: st.text(CODE_CHARACTERS, min_size=int(field.required), max_size=field.length),
        FieldType.TEXT: texts(field),
    }
    return drawn[field.type]


def texts(field: Field) -> st.SearchStrategy[str]:
    text = st.text(TEXT_CHARACTERS, max_size=field.length).map(str.strip)
    return text.filter(bool) if field.required else text


def records(record: RecordType, same: dict[Role, Value]) -> st.SearchStrategy[dict[str, Value]]:
    drawn = {
        one.name: st.just(same[one.role]) if one.role in same else values_of(one)
        for one in record.values
        if one.constant is None and one.role is not Role.LINE_NUMBER
    }
    return st.fixed_dictionaries(drawn)


@st.composite
def files(draw: st.DrawFn, layout: Layout) -> tuple[dict[str, Value], list[dict[str, Value]]]:
    """Draw the start record's values and the data records of a file."""
    same: dict[Role, Value] = {
        Role.MUNICIPALITY: draw(st.sampled_from(["0101", "0147", "0860"])),
        Role.DELIVERY_ID: draw(st.text(CODE_CHARACTERS, min_size=1, max_size=20)),
        Role.VALUE_DATE: draw(days),
    }
    if layout.kind is FileKind.REPORT:
        same.pop(Role.VALUE_DATE)
    start: dict[str, Value] = {"KOMMUNENR": same[Role.MUNICIPALITY]}
    if layout.start is not None:
        start = draw(records(layout.start, same))
    [record] = layout.data
    rows = draw(st.lists(records(record, same), min_size=int(record.once), max_size=1 if record.once else 5))
    return start, rows


@pytest.mark.parametrize("layout", default_layouts(), ids=lambda layout: layout.id)
@given(data=st.data())
def test_what_is_written_is_read_again(layout: Layout, data: st.DataObject) -> None:
    start, rows = data.draw(files(layout))
    [record] = layout.data

    content = encode(layout, start=start, rows={record.code: rows})

    decoded = decode(content, layout, name="file.txt")
    assert decoded.report.verdict is Verdict.ACCEPTED
    read = list(decoded.rows(record.code))
    assert [{name: row[name] for name in rows[0]} for row in read] == rows
    assert {name: decoded.start.get(name) for name in start if layout.start} == (
        start if layout.start else {}
    )


@pytest.mark.parametrize("layout", default_layouts(), ids=lambda layout: layout.id)
@given(data=st.data())
def test_what_was_read_is_written_again_byte_for_byte(layout: Layout, data: st.DataObject) -> None:
    start, rows = data.draw(files(layout))
    content = encode(layout, start=start, rows={layout.data[0].code: rows})
    decoded = decode(content, layout, name="file.txt")

    assert encode(layout, start=decoded.start or start, rows=decoded.columns) == content
    again = {code: list(decoded.rows(code)) for code in decoded.columns}
    assert encode(layout, start=decoded.start or start, rows=again) == content


def test_columns_have_the_types_that_parties_count_on(answer: Any) -> None:
    columns = decode(answer.content, answer.layout, name="file.txt").columns["020"]

    assert columns["PNR"].tolist() == [b"6101901000", b"6101901001", b"6101901002"]
    assert columns["KRAVREF"].tolist() == [b"KRAV-0", b"KRAV-1", b"KRAV-2"]
    assert columns["MDRBELOEB"].tolist() == [160_300, 160_301, 160_302]
    assert columns["MDRBELOEB"].dtype == np.int64
    assert columns["GYLDIG_FRA"].tolist() == [20200229] * 3
    assert columns["GYLDIG_TIL"].tolist() == [0] * 3
    assert "RECORDTYPE" not in columns
    assert "FORTEGN" not in columns
