"""A file written batch by batch is the file written at once, and is refused for the same reasons."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest

from sf2530.records.batch_writing import write_batches
from sf2530.records.layout import FileKind
from sf2530.records.layout_files import layout
from sf2530.records.writing import UnwritableRecords, encode

ANSWER = layout(FileKind.ANSWER)
START: Mapping[str, Any] = {
    "KOMMUNENR": "0101",
    "PRODDATO": date(2026, 11, 20),
    "PRODTID": "083000",
    "LEVERANCEID": "S010120261130MD01",
    "REF_LEVERANCEID": "F010120261130MD01",
    "AFSENDER": "UDKDEB",
    "MODTAGER": "KY",
    "DISPOSITIONSDATO": date(2026, 11, 30),
}


def agreement(number: int, **other: Any) -> dict[str, Any]:
    return {
        "PNR": f"610190{number:04d}",
        "AFTALENR": f"{number:012d}",
        "AFTALETYPE": "01",
        "PRIORITET": 1,
        "MDRBELOEB": 100 * number,
        "GYLDIG_FRA": date(2020, 1, 1),
        "FORFALDSDATO": None,
        "ANTAL_BIDRAG": 1,
        "KRAVREF": "",
        "AFTALESTATUS": "A",
        "FORVENTET_MRK": "J",
        "FORVENTET_DATO": date(2026, 11, 30),
    } | other


def batches(rows: list[dict[str, Any]], size: int) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for first in range(0, len(rows), size):
        yield "020", rows[first : first + size]


@pytest.mark.parametrize("size", [1, 7, 100])
@pytest.mark.parametrize("count", [0, 1, 20])
@pytest.mark.parametrize("profile", ["standard", "bare"])
def test_batches_give_the_bytes_that_encode_gives(size: int, count: int, profile: str) -> None:
    chosen = layout(FileKind.ANSWER, profile)
    rows = [agreement(number) for number in range(1, count + 1)]
    target = io.BytesIO()
    written = write_batches(target, chosen, start=START, batches=batches(rows, size), name="made.txt")
    assert written == count
    assert target.getvalue() == encode(chosen, start=START, rows={"020": rows})


def test_a_wrong_row_is_named_with_its_batch() -> None:
    rows = [agreement(number) for number in range(1, 11)] + [agreement(11, MDRBELOEB=-1)]
    with pytest.raises(UnwritableRecords) as refused:
        write_batches(io.BytesIO(), ANSWER, start=START, batches=batches(rows, 10), name="made.txt")
    assert "MDRBELOEB of row 1" in str(refused.value)
    assert refused.value.where == "made.txt, rows from 11 on"


def test_what_only_the_whole_file_shows_is_refused_too() -> None:
    strange = {**START, "KOMMUNENR": "0411"}
    with pytest.raises(UnwritableRecords) as refused:
        write_batches(
            io.BytesIO(), ANSWER, start=strange, batches=batches([agreement(1)], 10), name="made.txt"
        )
    assert {finding.code for finding in refused.value.findings} == {"municipality-unknown"}


@pytest.mark.parametrize("code", ["030", "000"])
def test_records_that_the_layout_has_no_data_of_are_refused(code: str) -> None:
    with pytest.raises(UnwritableRecords, match=f"no data records of type {code}"):
        write_batches(io.BytesIO(), ANSWER, start=START, batches=[(code, [{}])], name="made.txt")
