"""`sf2530 file convert`: to rows and back without loss, whole or not at all, masked unless asked."""

from __future__ import annotations

import csv
import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PNR = "6101901234"
START = (
    *("--start", "LEVERANCEID=S010120261130MD01", "--start", "REF_LEVERANCEID=F010120261130MD01"),
    *("--start", "PRODDATO=2026-11-20", "--start", "PRODTID=083000", "--start", "AFSENDER=UDKDEB"),
    *("--start", "MODTAGER=KY", "--start", "DISPOSITIONSDATO=2026-11-30"),
)


def test_json_lines_and_back_give_the_same_bytes(
    sf2530: Any, answer_file: Callable[..., Path], tmp_path: Path
) -> None:
    file, rows, again = answer_file(), tmp_path / "rows.jsonl", tmp_path / "again.txt"
    assert sf2530("file", "convert", file, "--output", rows, "--reveal").status == 0
    assert sf2530("file", "convert", rows, "--output", again).status == 0
    assert again.read_bytes() == file.read_bytes()


@pytest.mark.parametrize("separator", [",", ";"])
def test_csv_and_back_give_the_same_bytes_when_the_start_record_is_told(
    sf2530: Any, answer_file: Callable[..., Path], tmp_path: Path, separator: str
) -> None:
    file, rows, again = answer_file(), tmp_path / "rows.csv", tmp_path / "again.txt"
    assert sf2530("file", "convert", file, "--output", rows, "--reveal").status == 0
    rows.write_text(rows.read_text().replace(",", separator), encoding="utf-8-sig")
    assert sf2530("file", "convert", rows, "--output", again, *START).status == 0
    assert again.read_bytes() == file.read_bytes()


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_a_bare_file_goes_there_and_back(
    sf2530: Any,
    answer_file: Callable[..., Path],
    answer: Callable[..., list[str]],
    tmp_path: Path,
    ending: str,
) -> None:
    lines = [f"{line[:7]}{number:07d}{line[14:]}" for number, line in enumerate(answer()[1:-1], start=1)]
    file, rows, again = answer_file(lines), tmp_path / f"rows.{ending}", tmp_path / "again.txt"
    assert sf2530("file", "convert", file, "-o", rows, "--reveal", "--profile", "bare").status == 0
    bare = ("--layout", "sf2530-answer-bare")
    assert sf2530("file", "convert", rows, "-o", again, *bare).status == 0
    assert again.read_bytes() == file.read_bytes()


def test_a_file_without_agreements_goes_there_and_back(
    sf2530: Any, answer_file: Callable[..., Path], answer: Callable[..., list[str]], tmp_path: Path
) -> None:
    file, rows, again = answer_file(answer([])), tmp_path / "rows.jsonl", tmp_path / "again.txt"
    assert sf2530("file", "convert", file, "--output", rows).status == 0
    assert sf2530("file", "convert", rows, "--output", again).status == 0
    assert again.read_bytes() == file.read_bytes()


def test_columns_are_named_after_the_fields(sf2530: Any, answer_file: Callable[..., Path]) -> None:
    printed = sf2530("file", "convert", answer_file(), "--to", "csv", "--reveal")
    first, *_others = csv.DictReader(printed.out.splitlines())
    assert first["PNR"] == PNR
    assert first["AFTALENR"] == "000000000123"
    assert first["MDRBELOEB"] == "123456"
    assert first["GYLDIG_FRA"] == "2020-01-01"
    assert first["GYLDIG_TIL"] == ""
    assert "LBNR" not in first


def test_json_lines_begin_with_the_layout_and_the_start_record(
    sf2530: Any, answer_file: Callable[..., Path]
) -> None:
    header, first, *_others = sf2530("file", "convert", answer_file(), "--to", "jsonl").out.splitlines()
    assert json.loads(header)["layout"] == "sf2530-answer"
    assert json.loads(header)["start"]["LEVERANCEID"] == "S010120261130MD01"
    assert json.loads(first)["record"] == "020"
    assert json.loads(first)["MDRBELOEB"] == 123_456


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_rows_are_masked_unless_asked_for_and_masked_rows_do_not_come_back(
    sf2530: Any, answer_file: Callable[..., Path], tmp_path: Path, form: str
) -> None:
    rows, again = tmp_path / f"rows.{form}", tmp_path / "again.txt"
    assert sf2530("file", "convert", answer_file(), "--output", rows).status == 0
    assert PNR not in rows.read_text()
    assert "610190****" in rows.read_text()
    refused = sf2530("file", "convert", rows, "--output", again)
    assert refused.status == 1
    assert "PNR is masked" in refused.err
    assert "--reveal" in refused.err
    assert not again.exists()


def test_a_rejected_file_is_not_converted(
    sf2530: Any, answer_file: Callable[..., Path], answer: Callable[..., list[str]], tmp_path: Path
) -> None:
    rows = tmp_path / "rows.csv"
    refused = sf2530("file", "convert", answer_file(answer()[:-1]), "--output", rows)
    assert refused.status == 1
    assert "file check" in refused.err
    assert list(tmp_path.glob("*rows*")) == []


def test_a_row_that_cannot_be_written_makes_no_file_and_is_told_masked(
    sf2530: Any, answer_file: Callable[..., Path], tmp_path: Path
) -> None:
    rows, again = tmp_path / "rows.jsonl", tmp_path / "again.txt"
    sf2530("file", "convert", answer_file(), "--output", rows, "--reveal")
    rows.write_text(rows.read_text().replace(PNR, PNR + "5"))
    refused = sf2530("file", "convert", rows, "--output", again)
    assert refused.status == 1
    assert "PNR" in refused.err
    assert PNR not in refused.err
    assert list(tmp_path.glob("*again*")) == []


def test_a_value_of_the_start_record_that_is_missing_is_asked_for(
    sf2530: Any, answer_file: Callable[..., Path], tmp_path: Path
) -> None:
    rows, again = tmp_path / "rows.csv", tmp_path / "again.txt"
    sf2530("file", "convert", answer_file(), "--output", rows, "--reveal")
    refused = sf2530("file", "convert", rows, "--output", again, *START[2:])
    assert refused.status == 1
    assert "LEVERANCEID" in refused.err


def test_a_start_value_replaces_that_of_the_header(
    sf2530: Any, answer_file: Callable[..., Path], tmp_path: Path
) -> None:
    rows, again = tmp_path / "rows.jsonl", tmp_path / "again.txt"
    sf2530("file", "convert", answer_file(), "--output", rows, "--reveal")
    made = sf2530("file", "convert", rows, "-o", again, "--start", "LEVERANCEID=S010120261130MD02", "--json")
    assert made.json == {"file": str(again), "layout": "sf2530-answer", "records": 3}
    assert sf2530("file", "check", again, "--json").json["delivery_id"] == "S010120261130MD02"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["answer.txt"], "what to convert"),
        (["rows.csv"], "which file to write"),
        (["rows.csv", "-o", "x.txt", "--start", "LEVERANCEID"], "FIELD=VALUE"),
        (["rows.csv", "-o", "x.txt", "--start", "NAVN=x"], "no field NAVN"),
        (["answer.txt", "-o", "rows.csv"], "there already"),
        (["answer.txt", "-o", "nowhere/rows.csv"], "cannot be written"),
    ],
)
def test_wrong_use_is_told_with_its_remedy(
    sf2530: Any,
    answer_file: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    told: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    sf2530("file", "convert", answer_file(), "--output", "rows.csv", "--reveal")
    refused = sf2530("file", "convert", *words)
    assert refused.status in {2, 3}
    assert told in refused.err
    assert not Path("x.txt").exists()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "no JSON object"),
        ("[1]\n", "no JSON object"),
        ('{"start": {}}\n', "does not name a layout"),
        ('{"layout": "sf2530-answer", "start": {}}\n{"record": "021"}\n', "no record type"),
        ('{"layout": "sf2530-answer", "start": {}}\n{"NAVN": "x"}\n', "no field for"),
        ('{"layout": "sf2530-answer", "start": {}}\n{"PNR": [\n', "line 2"),
    ],
)
def test_rows_that_are_none_are_refused_with_their_line(
    sf2530: Any, tmp_path: Path, content: str, told: str
) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text(content)
    refused = sf2530("file", "convert", rows, "--output", tmp_path / "again.txt")
    assert refused.status == 1
    assert told in refused.err


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ((",MDRBELOEB,", ",MDRBELOEB,MDRBELOEB,"), "A column stands twice"),
        ((",123456,", ",123456,,"), "line 2: The line has more or fewer values"),
        (("6101901234,", '"6101901234,'), "quotation mark"),
        ((",123456,", ",1_0,"), "MDRBELOEB of row 1"),
        ((",123456,", ",1234.56,"), "MDRBELOEB of row 1"),
        ((",123456,", f",{'9' * 5000},"), "MDRBELOEB of row 1"),
        ((",2020-01-01,", ",20200101,"), "GYLDIG_FRA of row 1"),
        ((",2020-01-01,", ",2020-02-30,"), "GYLDIG_FRA of row 1"),
        (("GYLDIG_FRA", "GYLDIG"), "--layout"),
    ],
)
def test_a_cell_that_is_not_what_its_column_says_is_refused(
    sf2530: Any, answer_file: Callable[..., Path], tmp_path: Path, change: tuple[str, str], told: str
) -> None:
    rows, again = tmp_path / "rows.csv", tmp_path / "again.txt"
    sf2530("file", "convert", answer_file(), "--output", rows, "--reveal")
    rows.write_text(rows.read_text().replace(*change, 1))
    refused = sf2530("file", "convert", rows, "--output", again, *START)
    assert refused.status in {1, 2}
    assert told in refused.err
    assert PNR not in refused.err
    assert not again.exists()


def test_columns_of_no_layout_are_not_recognised(sf2530: Any, tmp_path: Path) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text("PNR,NAVN\n1,2\n")
    refused = sf2530("file", "convert", rows, "--output", tmp_path / "again.txt")
    assert refused.status == 2
    assert "--layout" in refused.err


def test_an_output_with_numbers_of_persons_is_for_its_owner_only(
    sf2530: Any, answer_file: Callable[..., Path], tmp_path: Path
) -> None:
    rows = tmp_path / "rows.csv"
    sf2530("file", "convert", answer_file(), "--output", rows, "--reveal")
    assert rows.stat().st_mode & 0o077 == 0


def test_many_records_need_no_more_memory_than_some(
    sf2530: Any, answer_file: Callable[..., Path], answer: Callable[..., list[str]], tmp_path: Path
) -> None:
    many = [(f"610190{number % 10_000:04d}", f"{number:012d}", number) for number in range(1, 60_001)]
    file, rows, again = answer_file(answer(many)), tmp_path / "rows.jsonl", tmp_path / "again.txt"
    del many
    tracemalloc.start()
    try:
        assert sf2530("file", "convert", file, "--output", rows, "--reveal").status == 0
        assert sf2530("file", "convert", rows, "--output", again).status == 0
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert again.read_bytes() == file.read_bytes()
    assert most < 120 * 1024 * 1024
