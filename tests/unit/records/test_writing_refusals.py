"""What can't be written is refused with all of it told, and nothing is cut off, rounded or repaired."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pytest

from sf2530.records.findings import Finding
from sf2530.records.layout import FileKind
from sf2530.records.layout_files import layout
from sf2530.records.reading import decode
from sf2530.records.writing import UnwritableRecords, encode

BARE = layout(FileKind.ANSWER, "bare")


@pytest.fixture
def row(answer: Any) -> dict[str, Any]:
    return next(decode(answer.content, answer.layout, name="file.txt").rows("020"))


def refused(row: dict[str, Any], **changes: object) -> tuple[Finding, ...]:
    with pytest.raises(UnwritableRecords) as error:
        encode(BARE, start={"KOMMUNENR": "0101"}, rows={"020": [{**row, **changes}]})
    return error.value.findings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MDRBELOEB", -1),
        ("MDRBELOEB", 10**11),
        ("MDRBELOEB", 10**30),
        ("MDRBELOEB", 1603.0),
        ("MDRBELOEB", "160300"),
        ("MDRBELOEB", None),
        ("MDRBELOEB", True),
        ("PNR", "610190123"),
        ("PNR", "61019012345"),
        ("PNR", "6101901٢34"),
        ("PNR", None),
        ("KRAVREF", "K" * 21),
        ("KRAVREF", "KRÆV"),
        ("KRAVREF", "K\0"),
        ("KRAVREF", 5),
        ("GYLDIG_FRA", "2020-01-01"),
        ("AFTALESTATUS", "AA"),
    ],
)
def test_a_value_that_does_not_fit_its_field_is_refused(
    row: dict[str, Any], name: str, value: object
) -> None:
    found = refused(row, **{name: value})

    assert [(one.code, one.where.record, one.where.field) for one in found] == [
        ("value-does-not-fit", "020", name)
    ]
    assert str(value) not in found[0].what or value in {None, 5, -1}


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("PNR", "9913901234", "cpr-wrong"),
        ("KRAVREF", "krav", "field-not-code"),
        ("KRAVREF", " KRAV", "field-not-left-aligned"),
        ("KRAVREF", "KR AV", "field-blank-inside"),
        ("GYLDIG_FRA", None, "field-missing"),
        ("GYLDIG_FRA", 20260230, "date-wrong"),
        ("AFTALESTATUS", "B", "value-unknown"),
        ("KOMMUNENR", "0411", "municipality-unknown"),
    ],
)
def test_what_reading_would_refuse_is_not_written(
    row: dict[str, Any], name: str, value: object, code: str
) -> None:
    assert [one.code for one in refused(row, **{name: value})] == [code]


def test_all_that_is_wrong_is_told_at_once(row: dict[str, Any]) -> None:
    found = refused(row, MDRBELOEB=-1, PNR="1", UKENDT="X")

    assert {one.where.field for one in found} == {None, "PNR", "MDRBELOEB"}


def test_a_number_is_never_left_out(row: dict[str, Any]) -> None:
    del row["MDRBELOEB"]

    assert [one.where.field for one in refused(row)] == ["MDRBELOEB"]


def test_the_wrong_row_is_named(row: dict[str, Any]) -> None:
    rows = [row, {**row, "MDRBELOEB": -1}, {name: value for name, value in row.items() if name != "PNR"}]

    with pytest.raises(UnwritableRecords) as error:
        encode(BARE, start={"KOMMUNENR": "0101"}, rows={"020": rows})

    assert [one.what.split(" can't")[0] for one in error.value.findings] == [
        "PNR of row 3",
        "MDRBELOEB of row 2",
    ]


def test_columns_of_unequal_length_are_refused(row: dict[str, Any]) -> None:
    columns = {name: [value] for name, value in row.items()}

    with pytest.raises(UnwritableRecords):
        encode(BARE, start={}, rows={"020": {**columns, "PNR": ["6101901234"] * 2}})


def test_an_unknown_record_type_is_refused(row: dict[str, Any]) -> None:
    with pytest.raises(UnwritableRecords):
        encode(BARE, start={"KOMMUNENR": "0101"}, rows={"030": [row]})


def test_arrays_dates_as_numbers_and_rows_give_the_same_bytes(row: dict[str, Any]) -> None:
    columns = {name: [value] * 3 for name, value in row.items()}
    arrays = {
        **columns,
        "PNR": np.array(columns["PNR"], "S10"),
        "AFTALENR": np.array([1, 1, 1]),
        "MDRBELOEB": np.array(columns["MDRBELOEB"], np.int32),
        "GYLDIG_FRA": np.full(3, 20200229),
        "KRAVREF": np.array(columns["KRAVREF"]),
    }
    written = {
        encode(BARE, start={"KOMMUNENR": "0101"}, rows={"020": given})
        for given in (columns, arrays, [row] * 3)
    }

    assert len(written) == 1


def test_what_every_record_says_alike_is_taken_from_the_start(sample: Callable[..., Any]) -> None:
    inquiry = layout(FileKind.INQUIRY)
    start = {
        "KOMMUNENR": "0101",
        "PRODDATO": date(2026, 11, 25),
        "PRODTID": "101500",
        "LEVERANCEID": "F010120261130MD01",
        "AFSENDER": "KY",
        "MODTAGER": "UDKDEB",
        "DISPOSITIONSDATO": date(2026, 11, 30),
    }
    run = {
        "KOERSELSDATO": date(2026, 11, 25),
        "PERIODE_FRA": date(2026, 11, 1),
        "PERIODE_TIL": date(2026, 11, 30),
        "KOERSELSTYPE": "SU",
    }

    content = encode(inquiry, start=start, rows={"010": [run]})

    [row] = decode(content, inquiry, name="file.txt").rows("010")
    assert (row["FORESPID"], row["DISPOSITIONSDATO"]) == ("F010120261130MD01", date(2026, 11, 30))


def test_sums_beyond_64_bits_are_exact() -> None:
    from sf2530.records.columns import total  # noqa: PLC0415  only this test speaks of it

    assert total(np.full(20, 10**18)) == 20 * 10**18


def test_zero_bytes_inside_a_text_are_refused_and_not_turned_into_blanks(row: dict[str, Any]) -> None:
    columns = {name: [value] for name, value in row.items()}

    with pytest.raises(UnwritableRecords) as error:
        encode(BARE, start={"KOMMUNENR": "0101"}, rows={"020": {**columns, "KRAVREF": np.array([b"K\0X"])}})

    assert [one.where.field for one in error.value.findings] == ["KRAVREF"]
