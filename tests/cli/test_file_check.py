"""`sf2530 file check`: the verdict on a file, and everything that led to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

PNR = "6101901234"


def test_a_correct_file_is_accepted(sf2530: Any, answer_file: Callable[..., Path]) -> None:
    checked = sf2530("file", "check", answer_file())
    assert checked.status == 0
    assert "answer.txt (sf2530-answer): accepted, 3 records, 0 findings" in checked.out


def test_a_file_with_remarks_is_accepted(
    sf2530: Any, answer_file: Callable[..., Path], answer: Callable[..., list[str]]
) -> None:
    lines = answer()
    lines[-1] = lines[-1][:74] + " " * 54
    checked = sf2530("file", "check", answer_file(lines))
    assert checked.status == 0
    assert "accepted with remarks" in checked.out


def test_a_wrong_file_is_rejected_with_every_finding_told_in_full(
    sf2530: Any, answer_file: Callable[..., Path], answer: Callable[..., list[str]]
) -> None:
    lines = answer()
    lines[1] = lines[1].replace("20200101", "20200199")
    lines[2] = lines[2].replace(PNR, "6199901234")
    file = answer_file(lines)
    told = sf2530("file", "check", file)
    assert told.status == 1
    assert "rejected" in told.out
    found = sf2530("file", "check", file, "--json")
    assert found.status == 1
    assert found.json["accepted"] is False
    assert {each["code"] for each in found.json["findings"]} >= {"cpr-wrong", "date-wrong"}
    for finding in found.json["findings"]:
        for part in ("what", "rule", "remedy", "shown"):
            assert finding[part] in told.out
    assert "line 3" in told.out
    assert "bytes 15-24" in told.out


def test_the_verdict_gives_nobody_away(
    sf2530: Any, answer_file: Callable[..., Path], answer: Callable[..., list[str]]
) -> None:
    lines = answer([("6199901234", "000000000123", 1)])
    for options in ([], ["--json"]):
        checked = sf2530("file", "check", answer_file(lines), *options)
        assert checked.status == 1
        assert "6199901234" not in checked.out


def test_what_was_expected_is_checked_too(sf2530: Any, answer_file: Callable[..., Path]) -> None:
    file = answer_file()
    wanted = ("--municipality", "0101", "--reference", "F010120261130MD01", "--value-date", "2026-11-30")
    assert sf2530("file", "check", file, *wanted).status == 0
    other = ("--municipality", "0147", "--reference", "F010120261031MD01", "--value-date", "2026-10-30")
    refused = sf2530("file", "check", file, *other, "--json")
    assert refused.status == 1
    assert set(refused.json["counts"]) == {
        "municipality-not-expected",
        "reference-not-expected",
        "value-date-not-expected",
    }


def test_json_says_what_the_file_is(sf2530: Any, answer_file: Callable[..., Path]) -> None:
    report = sf2530("file", "check", answer_file(), "--json").json
    assert report["verdict"] == "accepted"
    assert report["municipality"] == "0101"
    assert report["delivery_id"] == "S010120261130MD01"
    assert report["reference"] == "F010120261130MD01"
    assert report["value_date"] == "2026-11-30"
    assert report["records"] == 3
    assert report["lines"] == 5


def test_a_truncated_file_is_rejected(
    sf2530: Any, answer_file: Callable[..., Path], answer: Callable[..., list[str]]
) -> None:
    checked = sf2530("file", "check", answer_file(answer()[:-1]))
    assert checked.status == 1
    assert "without an end record" in checked.out


def test_a_broken_start_record_is_checked_with_the_layout_that_is_named(
    sf2530: Any, answer_file: Callable[..., Path], answer: Callable[..., list[str]]
) -> None:
    lines = answer()
    lines[0] = lines[0].replace("BASVAR", "BASVIR")
    checked = sf2530("file", "check", answer_file(lines), "--layout", "answer", "--json")
    assert checked.status == 1
    assert "file-type-wrong" in checked.json["counts"]
