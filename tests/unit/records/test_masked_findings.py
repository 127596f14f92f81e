"""No finding, report or error text ever shows a CPR number, wherever in a file it stands."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sf2530.records.layout import FileKind
from sf2530.records.layout_files import layout
from sf2530.records.reading import check_content
from sf2530.records.writing import UnwritableRecords, encode

PERSON = "6101901234"


@pytest.mark.parametrize("kind", list(FileKind))
@given(
    line=st.integers(0, 2),
    offset=st.integers(0, 127),
    form=st.sampled_from([PERSON, "610190-1234", "610190 1234"]),
)
def test_a_cpr_number_written_anywhere_is_never_shown_whole(
    sample: Any, kind: FileKind, line: int, offset: int, form: str
) -> None:
    spoiled = sample(kind)
    there = (spoiled.lines[line][:offset] + form.encode() + spoiled.lines[line][offset + len(form) :])[:128]

    report = check_content(spoiled.with_line(line + 1, there).content, spoiled.layout, name="file.txt")

    shown = [str(found) + found.rule + found.remedy for found in report.findings]
    assert [text for text in shown if form in text] == []


@given(offset=st.integers(-30, 30).filter(bool))
def test_a_shifted_record_shows_no_more_of_a_person_than_the_date_of_birth(sample: Any, offset: int) -> None:
    spoiled = sample(FileKind.ANSWER)
    record = spoiled.lines[1]
    body = record[14:]
    shifted = record[:14] + (body[-offset:] + body[:-offset] if offset else body)

    report = check_content(spoiled.with_line(2, shifted).content, spoiled.layout, name="file.txt")

    assert report.errors
    texts = " ".join(found.shown for found in report.findings)
    assert [digits for digits in re.findall(r"\d{7,}", texts) if digits in body.decode()] == []


def test_the_hash_total_of_a_single_person_is_never_shown(sample: Any) -> None:
    spoiled = sample(FileKind.ANSWER).with_field(3, "IDENTSUM", f"{PERSON:0>15}".encode())

    finding = spoiled.finding()

    assert (finding.code, finding.shown) == ("hash-total-wrong", "")
    assert PERSON not in repr(spoiled.report())


def test_a_refused_value_is_not_shown_by_the_writer() -> None:
    with pytest.raises(UnwritableRecords) as refused:
        encode(
            layout(FileKind.ANSWER, "bare"),
            start={"KOMMUNENR": "0101"},
            rows={"020": [{"PNR": PERSON + "5"}]},
        )

    assert PERSON not in repr(refused.value.findings) + str(refused.value)
