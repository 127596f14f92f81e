"""`sf2530 file diff`: which records differ, matched by agreement, and in which fields."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

PNR = "6101901234"
ONE = (PNR, "000000000123", 123_456)
TWO = (PNR, "000000000124", 5_000)
THREE = ("6202852345", "000000000007", 78_900)


def test_the_same_file_does_not_differ(sf2530: Any, answer_file: Callable[..., Path]) -> None:
    compared = sf2530("file", "diff", answer_file(name="a.txt"), answer_file(name="b.txt"))
    assert compared.status == 0
    assert "5 records are the same, 0 differ" in compared.out


def test_agreements_are_matched_by_number_wherever_they_stand(
    sf2530: Any, answer_file: Callable[..., Path], answer: Callable[..., list[str]]
) -> None:
    first = answer_file(answer([ONE, TWO, THREE]), "a.txt")
    second = answer_file(answer([THREE, ONE, TWO]), "b.txt")
    assert sf2530("file", "diff", first, second).status == 0


def test_a_changed_field_is_told_with_both_values(
    sf2530: Any, answer_file: Callable[..., Path], answer: Callable[..., list[str]]
) -> None:
    first = answer_file(answer([ONE, TWO]), "a.txt")
    second = answer_file(answer([(PNR, ONE[1], 123_400), TWO]), "b.txt")
    compared = sf2530("file", "diff", first, second)
    assert compared.status == 1
    assert "020 AFTALENR 000000000123 (line 2 → 2): changed" in compared.out
    assert "MDRBELOEB: 1.234,56 kr. → 1.234,00 kr." in compared.out
    assert "SUM_BELOEB: 1.284,56 kr. → 1.284,00 kr." in compared.out
    assert "2 records are the same, 2 differ" in compared.out


def test_records_that_only_one_file_has_are_told(
    sf2530: Any, answer_file: Callable[..., Path], answer: Callable[..., list[str]]
) -> None:
    first = answer_file(answer([ONE, TWO]), "a.txt")
    second = answer_file(answer([ONE, THREE]), "b.txt")
    compared = sf2530("file", "diff", first, second, "--json")
    assert compared.status == 1
    told = {
        (each["change"], each["identifier"]["AFTALENR"])
        for each in compared.json["differences"]
        if each["identifier"]
    }
    assert told == {("only-first", TWO[1]), ("only-second", THREE[1])}
    assert compared.json["only_first"] == 1
    assert compared.json["only_second"] == 1
    assert compared.json["changed"] == 1
    assert compared.json["equal"] == 2


def test_json_gives_both_values_of_a_field(
    sf2530: Any, answer_file: Callable[..., Path], answer: Callable[..., list[str]]
) -> None:
    first = answer_file(answer([ONE]), "a.txt")
    second = answer_file(answer([(PNR, ONE[1], 1)]), "b.txt")
    (agreement, _end) = sf2530("file", "diff", first, second, "--json").json["differences"]
    assert agreement["fields"] == {"MDRBELOEB": {"first": 123_456, "second": 1}}


def test_changed_numbers_of_persons_are_masked_and_said_to_be(
    sf2530: Any, answer_file: Callable[..., Path], answer: Callable[..., list[str]]
) -> None:
    first = answer_file(answer([ONE]), "a.txt")
    second = answer_file(answer([("6101905678", *ONE[1:])]), "b.txt")
    compared = sf2530("file", "diff", first, second)
    assert "PNR: 610190**** → 610190**** (masked)" in compared.out
    assert PNR not in compared.out
    assert f"PNR: {PNR} → 6101905678" in sf2530("file", "diff", first, second, "--reveal").out


def test_an_agreement_that_stands_twice_is_matched_in_its_order(
    sf2530: Any, answer_file: Callable[..., Path], answer: Callable[..., list[str]]
) -> None:
    first = answer_file(answer([ONE, ONE]), "a.txt")
    second = answer_file(answer([ONE, ONE, ONE]), "b.txt")
    compared = sf2530("file", "diff", first, second, "--json").json
    assert compared["only_second"] == 1
    assert compared["only_first"] == 0


def test_differences_beyond_the_limit_are_counted(
    sf2530: Any, answer_file: Callable[..., Path], answer: Callable[..., list[str]]
) -> None:
    first = answer_file(answer([]), "a.txt")
    second = answer_file(answer([(PNR, f"{number:012d}", 1) for number in range(20)]), "b.txt")
    compared = sf2530("file", "diff", first, second, "--limit", 5)
    assert compared.out.count("only in the second file") == 5
    assert "… and 16 more differences" in compared.out


def test_files_of_different_kinds_are_not_compared(
    sf2530: Any, answer_file: Callable[..., Path], answer: Callable[..., list[str]]
) -> None:
    report = answer()
    report[0] = report[0].replace(f"{'BASVAR':8}", f"{'KHTILBAG':8}")
    refused = sf2530("file", "diff", answer_file(name="a.txt"), answer_file(report, "b.txt"))
    assert refused.status == 2
    assert "different kinds" in refused.err


def test_broken_lines_are_compared_too(
    sf2530: Any, answer_file: Callable[..., Path], answer: Callable[..., list[str]]
) -> None:
    broken = answer()
    broken[2] += "x"
    compared = sf2530("file", "diff", answer_file(name="a.txt"), answer_file(broken, "b.txt"))
    assert compared.status == 1
    assert PNR not in compared.out
    assert "unknown record" in compared.out
