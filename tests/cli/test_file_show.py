"""`sf2530 file show`: records field by field, correct or not, and nobody's number unless asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PNR = "6101901234"


def test_a_record_is_shown_field_by_field_with_value_and_meaning(
    sf2530: Any, answer_file: Callable[..., Path]
) -> None:
    shown = sf2530("file", "show", answer_file(), "--record", 2)
    assert shown.status == 0
    assert "Line 2: 020 Agreement" in shown.out
    amount = next(line for line in shown.out.splitlines() if line.startswith("MDRBELOEB"))
    assert amount.split() == [
        *("MDRBELOEB", "42-52", "00000123456", "1.234,56", "kr."),
        *("agreed", "amount", "per", "month,", "øre"),
    ]
    assert "01-01-2020" in shown.out


def test_numbers_of_persons_are_masked_unless_asked_for(
    sf2530: Any, answer_file: Callable[..., Path]
) -> None:
    file = answer_file()
    for options in ([], ["--json"]):
        masked = sf2530("file", "show", file, *options)
        revealed = sf2530("file", "show", file, *options, "--reveal")
        assert PNR not in masked.out
        assert "610190****" in masked.out
        assert PNR in revealed.out


def test_json_gives_values_by_field_name(sf2530: Any, answer_file: Callable[..., Path]) -> None:
    shown = sf2530("file", "show", answer_file(), "--record", 2, "--json").json
    (record,) = shown["records"]
    assert shown["layout"] == "sf2530-answer"
    assert record["line"] == 2
    assert record["record"] == "020"
    assert record["values"]["MDRBELOEB"] == 123_456
    assert record["values"]["GYLDIG_FRA"] == "2020-01-01"
    assert record["values"]["GYLDIG_TIL"] is None
    assert record["values"]["AFTALENR"] == "000000000123"
    assert record["faults"] == {}


def test_the_first_records_are_shown_and_it_is_said_that_there_are_more(
    sf2530: Any, answer_file: Callable[..., Path]
) -> None:
    file = answer_file()
    some = sf2530("file", "show", file, "--limit", 2)
    assert "Line 2" in some.out
    assert "Line 3" not in some.out
    assert "more records" in some.out
    assert "more records" not in sf2530("file", "show", file).out
    assert sf2530("file", "show", file, "--limit", 2, "--json").json["more"] is True


def test_a_line_the_file_does_not_have_is_wrong_use(sf2530: Any, answer_file: Callable[..., Path]) -> None:
    refused = sf2530("file", "show", answer_file(), "--record", 6)
    assert refused.status == 2
    assert "no line 6" in refused.err


def test_a_wrong_field_is_shown_with_what_is_wrong(
    sf2530: Any, answer_file: Callable[..., Path], answer: Callable[..., list[str]]
) -> None:
    lines = answer()
    lines[1] = lines[1].replace("+00000123456", "+0000012X456")
    file = answer_file(lines)
    shown = sf2530("file", "show", file, "--record", 2)
    assert shown.status == 0
    assert "MDRBELOEB holds something other than digits" in shown.out
    faults = sf2530("file", "show", file, "--record", 2, "--json").json["records"][0]["faults"]
    assert faults.keys() == {"MDRBELOEB"}


@pytest.mark.parametrize("shift", [" ", "x", "12345"])
def test_a_shifted_record_gives_nobody_away(
    sf2530: Any, answer_file: Callable[..., Path], answer: Callable[..., list[str]], shift: str
) -> None:
    lines = answer()
    lines[1] = lines[1][:14] + shift + lines[1][14:]
    longer = answer_file(lines)
    shown = sf2530("file", "show", longer, "--json", "--record", 2)
    assert PNR not in shown.out + sf2530("file", "show", longer, "--record", 2).out
    assert shown.json["records"][0]["record"] is None

    lines[1] = lines[1][:128]
    slipped = answer_file(lines)
    assert PNR[:8] not in sf2530("file", "show", slipped, "--record", 2).out.replace(" ", "")
    assert shift in sf2530("file", "show", longer, "--record", 2, "--reveal").out


def test_control_characters_do_not_reach_the_terminal(
    sf2530: Any, answer_file: Callable[..., Path], answer: Callable[..., list[str]]
) -> None:
    lines = answer()
    lines[1] = lines[1].replace("KRAV0", "\x1b[2J0")
    shown = sf2530("file", "show", answer_file(lines), "--reveal")
    assert "\x1b" not in shown.out


def test_a_bare_file_is_shown_with_its_profile(
    sf2530: Any, answer_file: Callable[..., Path], answer: Callable[..., list[str]]
) -> None:
    file = answer_file(answer()[1:-1])
    shown = sf2530("file", "show", file, "--layout", "answer", "--profile", "bare", "--json").json
    assert shown["layout"] == "sf2530-answer-bare"
    assert [each["record"] for each in shown["records"]] == ["020"] * 3


def test_a_file_that_cannot_be_opened_is_wrong_use_with_place_and_remedy(sf2530: Any, tmp_path: Path) -> None:
    for command in (["show"], ["check"], ["convert", "--to", "csv"]):
        for file in (tmp_path, tmp_path / "nowhere.txt"):
            refused = sf2530("file", *command, file)
            assert refused.status == 2
            assert str(file) in refused.err
            assert "Name a file" in refused.err
            assert "Traceback" not in refused.err


def test_what_is_no_file_of_ours_is_not_recognised(sf2530: Any, tmp_path: Path) -> None:
    for number, content in enumerate([b"", b"\x00\xff\xfe" * 5000, b"PK\x03\x04 zip", b"hello\n"]):
        file = tmp_path / f"strange{number}.bin"
        file.write_bytes(content)
        refused = sf2530("file", "show", file)
        assert refused.status in {1, 2}
        assert str(file) in refused.err
        assert "--layout" in refused.err


def test_a_layout_nobody_knows_is_wrong_use(sf2530: Any, answer_file: Callable[..., Path]) -> None:
    refused = sf2530("file", "show", answer_file(), "--layout", "anser")
    assert refused.status == 2
    assert "no layout anser" in refused.err
