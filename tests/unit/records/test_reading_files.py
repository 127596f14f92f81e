"""What is wrong in a file is told with its line, bytes, field, masked value, rule and remedy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest

from sf2530.records.checks import Code, catalogue
from sf2530.records.findings import FINDINGS_KEPT, Place, Verdict
from sf2530.records.layout import FileKind
from sf2530.records.reading import Expected, check_content, decode

Sample = Any  # of conftest.py, which no test can import


@dataclass(frozen=True)
class Case:
    """One way to spoil an answer with three agreements, and what is said of it."""

    spoil: Callable[[Sample], Sample]
    code: Code
    place: Place
    shown: str = ""


def at(line: int, first: int, last: int, field: str) -> Place:
    return Place(file="file.txt", line=line, first_byte=first, last_byte=last, field=field)


def field(line: int, name: str, raw: bytes) -> Callable[[Sample], Sample]:
    return lambda sample: sample.with_field(line, name, raw)


def sums(said: str, found: str) -> str:
    return f"the end record says {said} kr., the records give {found} kr."


SPOILED = [
    Case(
        field(3, "PNR", b"61019O1001"),
        Code.NOT_DIGITS,
        at(3, 15, 24, "PNR"),
        "**********, byte 20 is a letter",
    ),
    Case(field(3, "PNR", b"9913901001"), Code.CPR, at(3, 15, 24, "PNR"), "991390****"),
    Case(field(3, "PNR", b"0000000000"), Code.CPR, at(3, 15, 24, "PNR"), "000000****"),
    Case(field(3, "AFTALENR", b"0" * 12), Code.MISSING, at(3, 25, 36, "AFTALENR"), "0000********"),
    Case(
        field(3, "AFTALENR", b"00000000001 "),
        Code.NOT_DIGITS,
        at(3, 25, 36, "AFTALENR"),
        "0000********, byte 36 is a blank",
    ),
    Case(field(3, "AFTALETYPE", b"02"), Code.VALUE_UNKNOWN, at(3, 37, 38, "AFTALETYPE"), "02"),
    Case(field(3, "FORTEGN", b"-"), Code.SIGN, at(3, 41, 41, "FORTEGN"), "-"),
    Case(
        field(3, "MDRBELOEB", b" 0000160301"),
        Code.NOT_DIGITS,
        at(3, 42, 52, "MDRBELOEB"),
        " 000*******, byte 42 is a blank",
    ),
    Case(field(3, "GYLDIG_FRA", b"20260230"), Code.DATE, at(3, 53, 60, "GYLDIG_FRA"), "2026****"),
    Case(field(3, "GYLDIG_FRA", b"18991231"), Code.DATE, at(3, 53, 60, "GYLDIG_FRA"), "1899****"),
    Case(field(3, "GYLDIG_FRA", b"00000000"), Code.MISSING, at(3, 53, 60, "GYLDIG_FRA"), "0000****"),
    Case(field(3, "GYLDIG_TIL", b"99991231"), Code.DATE, at(3, 61, 68, "GYLDIG_TIL"), "9999****"),
    Case(
        field(3, "KRAVREF", b"krav-1".ljust(20)),
        Code.NOT_CODE,
        at(3, 79, 98, "KRAVREF"),
        f"{'krav-1':20}, byte 79 is a letter",
    ),
    Case(
        field(3, "KRAVREF", b" KRAV-1".ljust(20)),
        Code.NOT_LEFT_ALIGNED,
        at(3, 79, 98, "KRAVREF"),
        f"{' KRAV-1':20}, byte 79 is a blank",
    ),
    Case(
        field(3, "KRAVREF", b"KRAV 1".ljust(20)),
        Code.BLANK_INSIDE,
        at(3, 79, 98, "KRAVREF"),
        f"{'KRAV 1':20}, byte 83 is a blank",
    ),
    Case(field(3, "AFTALESTATUS", b"B"), Code.VALUE_UNKNOWN, at(3, 99, 99, "AFTALESTATUS"), "B"),
    Case(field(3, "AFTALESTATUS", b" "), Code.MISSING, at(3, 99, 99, "AFTALESTATUS"), " "),
    Case(
        field(3, "FILLER", b" " * 19 + b"X"),
        Code.NOT_BLANK,
        at(3, 109, 128, "FILLER"),
        " " * 19 + "X, byte 128 is a letter",
    ),
    Case(field(3, "RECORDTYPE", b"021"), Code.RECORD_TYPE_UNKNOWN, at(3, 1, 3, "RECORDTYPE"), "021"),
    Case(field(3, "KOMMUNENR", b"0147"), Code.MUNICIPALITY_DIFFERS, at(3, 4, 7, "KOMMUNENR"), "0147"),
    Case(field(1, "FILTYPE", b"KHTILBAG"), Code.FILE_TYPE, at(1, 15, 22, "FILTYPE"), "KHTILBAG"),
    Case(field(1, "LAYOUTVERSION", b"0200"), Code.LAYOUT_VERSION, at(1, 23, 26, "LAYOUTVERSION"), "0200"),
    Case(field(1, "PRODTID", b"240000"), Code.TIME, at(1, 35, 40, "PRODTID"), "240000"),
    Case(field(1, "REF_LEVERANCEID", b" " * 20), Code.MISSING, at(1, 61, 80, "REF_LEVERANCEID"), " " * 20),
    Case(
        field(5, "LEVERANCEID", b"S010120261130MD02".ljust(20)),
        Code.DELIVERY_ID_DIFFERS,
        at(5, 55, 74, "LEVERANCEID"),
        "S010120261130MD02   ",
    ),
    Case(
        field(5, "ANTAL_DATA", b"00000004"),
        Code.COUNT,
        at(5, 15, 22, "ANTAL_DATA"),
        "the end record says 4, the file has 3",
    ),
    Case(
        field(5, "SUM_BELOEB", b"000000000480904"),
        Code.SUM,
        at(5, 24, 38, "SUM_BELOEB"),
        sums("4.809,04", "4.809,03"),
    ),
    Case(
        field(5, "SUM2_BELOEB", b"000000000000001"),
        Code.SUM,
        at(5, 40, 54, "SUM2_BELOEB"),
        sums("0,01", "0,00"),
    ),
    Case(field(5, "FORTEGN_SUM", b"-"), Code.SUM, at(5, 24, 38, "SUM_BELOEB"), sums("-4.809,03", "4.809,03")),
    Case(field(5, "FORTEGN_SUM2", b"-"), Code.NEGATIVE_ZERO, at(5, 39, 39, "FORTEGN_SUM2"), "-"),
    Case(field(5, "IDENTSUM", b"000018305703004"), Code.HASH_TOTAL, at(5, 75, 89, "IDENTSUM")),
    Case(field(5, "IDENTSUM", b" " * 15), Code.HASH_TOTAL_ABSENT, at(5, 75, 89, "IDENTSUM")),
]


@pytest.mark.parametrize("case", SPOILED, ids=lambda case: f"{case.code}-{case.place.field}")
def test_one_wrong_field_gives_one_finding_at_its_place(answer: Sample, case: Case) -> None:
    found = case.spoil(answer).finding()

    assert (found.code, found.where, found.shown) == (case.code.value, case.place, case.shown)
    assert found.severity is catalogue()[case.code].severity
    assert found.what
    assert found.rule == catalogue()[case.code].rule
    assert found.remedy == catalogue()[case.code].remedy


def test_a_correct_file_is_accepted_without_findings(answer: Sample) -> None:
    report = answer.report()

    assert (report.verdict, report.findings_total, report.records, report.lines) == (
        Verdict.ACCEPTED,
        0,
        3,
        5,
    )
    assert (report.municipality, report.delivery_id) == ("0101", "S010120261130MD01")
    assert (report.reference, report.value_date) == ("F010120261130MD01", date(2026, 11, 30))


def test_remarks_do_not_refuse_a_file(answer: Sample) -> None:
    report = replace(answer, line_end=b"\n").report()

    assert report.verdict is Verdict.ACCEPTED_WITH_REMARKS
    assert [(one.code, one.where.line) for one in report.findings] == [("line-end-differs", 1)]


def test_a_last_line_without_line_end_is_read_with_a_remark(answer: Sample) -> None:
    report = check_content(answer.content[:-2], answer.layout, name="file.txt")

    assert report.verdict is Verdict.ACCEPTED_WITH_REMARKS
    assert [(one.code, one.where.line) for one in report.findings] == [("last-line-end-missing", 5)]


def test_a_line_of_wrong_length_does_not_hide_the_lines_after_it(answer: Sample) -> None:
    spoiled = answer.with_line(2, answer.lines[1] + b"X").with_field(4, "AFTALESTATUS", b"B")

    found = [(one.code, one.where.line) for one in spoiled.report().findings]

    assert found == [("record-length", 2), ("value-unknown", 4)]


def test_a_line_of_wrong_length_is_not_shown(answer: Sample) -> None:
    found = answer.with_line(2, answer.lines[1][:-3]).finding()

    assert (found.what, found.shown) == ("The line is 125 bytes long, and not 128", "")


def test_an_empty_line_is_a_line_of_wrong_length(answer: Sample) -> None:
    codes = [(one.code, one.where.line) for one in answer.with_line(6, b"").report().findings]

    assert codes == [("record-length", 6), ("lines-after-end", 6)]


def test_a_line_written_in_utf_8_is_told_as_that(answer: Sample) -> None:
    line = answer.lines[1].replace(b"KRAV-0", "KRÆV-0".encode())

    assert "UTF-8" in answer.with_line(2, line).finding().what


@pytest.mark.parametrize(
    "letters", [b"\xc6\xd8\xc5", "Æ".encode() + b"X", b"\x85XX", b"\x0cXX", b"\x00XX", b"\rXX"]
)
def test_only_ascii_stands_in_a_code(answer: Sample, letters: bytes) -> None:
    found = answer.with_field(2, "KRAVREF", letters.ljust(20)).finding()

    assert found.code == "field-not-code"
    assert found.shown.endswith(f"byte 79 is 0x{letters[0]:02X}")


@pytest.mark.parametrize("number", ["١٦٠".encode(), b"0001_0", b"000+5 ", b"-00005", b"0x0010", b"1e0003"])
def test_only_ascii_digits_make_a_number(answer: Sample, number: bytes) -> None:
    found = answer.with_field(2, "MDRBELOEB", number.rjust(11, b"0")).report().findings

    assert [one.code for one in found] == ["field-not-digits"]


def test_a_file_that_ends_too_early_is_refused(answer: Sample) -> None:
    codes = [one.code for one in answer.without_line(5).report().findings]

    assert codes == ["end-record-missing"]


@pytest.mark.parametrize("length", range(0, 650, 7))
def test_a_file_cut_at_any_byte_is_refused(answer: Sample, length: int) -> None:
    assert not check_content(answer.content[:length], answer.layout, name="file.txt").accepted


def test_an_empty_file_is_refused_where_there_is_a_start_record(answer: Sample) -> None:
    assert [one.code for one in check_content(b"", answer.layout, name="file.txt").findings] == ["file-empty"]


def test_an_empty_file_is_an_empty_answer_in_the_bare_profile(sample: Any) -> None:
    bare = sample(FileKind.ANSWER, profile="bare", count=0)

    assert bare.content == b""
    assert (bare.report().verdict, bare.report().records) == (Verdict.ACCEPTED, 0)


def test_a_missing_start_record_is_told(answer: Sample) -> None:
    codes = [one.code for one in answer.without_line(1).report().findings]

    assert "start-record-missing" in codes


def test_a_second_start_record_is_told(answer: Sample) -> None:
    codes = [(one.code, one.where.line) for one in answer.with_line(3, answer.lines[0]).report().findings]

    assert ("start-record-misplaced", 3) in codes


def test_lines_after_the_end_record_are_told_once(answer: Sample) -> None:
    again = replace(answer, lines=(*answer.lines, answer.lines[2], answer.lines[3]))

    found = [one for one in again.report().findings if one.code == "lines-after-end"]

    assert [(one.what, one.where.line) for one in found] == [("2 lines follow the end record", 6)]


def test_a_second_end_record_is_told(answer: Sample) -> None:
    codes = [one.code for one in replace(answer, lines=(*answer.lines, answer.lines[4])).report().findings]

    assert "end-record-repeated" in codes


def test_a_lost_line_shows_in_number_count_and_sums(answer: Sample) -> None:
    found = [(one.code, one.where.line) for one in answer.without_line(3).report().findings]

    assert found == [
        ("line-number-wrong", 3),
        ("record-count-wrong", 4),
        ("sum-wrong", 4),
        ("hash-total-wrong", 4),
    ]


def test_the_number_that_was_due_is_told(answer: Sample) -> None:
    found = answer.with_field(5, "LBNR", b"0000009").finding()

    assert (found.code, found.shown) == ("line-number-wrong", "9, and not 5")


def test_sums_are_not_compared_where_a_record_could_not_be_read(answer: Sample) -> None:
    spoiled = answer.with_field(3, "MDRBELOEB", b"X" * 11)

    assert [one.code for one in spoiled.report().findings] == ["field-not-digits"]


def test_a_byte_order_mark_is_told_and_the_rest_is_read(answer: Sample) -> None:
    report = check_content(b"\xef\xbb\xbf" + answer.content, answer.layout, name="file.txt")

    assert [one.code for one in report.findings] == ["byte-order-mark"]


def test_an_unknown_municipality_is_told_once(answer: Sample) -> None:
    spoiled = answer
    for line in range(1, 6):
        spoiled = spoiled.with_field(line, "KOMMUNENR", b"0411")

    found = spoiled.finding()

    assert (found.code, found.shown) == ("municipality-unknown", "0411")


def test_an_inquiry_has_exactly_one_record(sample: Any) -> None:
    one = sample(FileKind.INQUIRY)
    two = replace(one, lines=(*one.lines[:2], one.lines[1].replace(b"0000002", b"0000003"), *one.lines[2:]))
    two = two.with_field(4, "LBNR", b"0000004").with_field(4, "ANTAL_DATA", b"00000002")

    assert one.report().accepted
    assert two.finding().code == "record-not-once"


def test_an_inquiry_says_its_id_and_value_date_alike_everywhere(sample: Any) -> None:
    spoiled = sample(FileKind.INQUIRY).with_field(2, "FORESPID", b"F".ljust(20))
    spoiled = spoiled.with_field(2, "DISPOSITIONSDATO", b"20261231")

    assert [one.code for one in spoiled.report().findings] == ["delivery-id-differs", "value-date-differs"]


@pytest.mark.parametrize(
    ("expected", "code"),
    [
        (Expected(municipality="0147"), "municipality-not-expected"),
        (Expected(reference="F010120261130MD02"), "reference-not-expected"),
        (Expected(value_date=date(2026, 12, 30)), "value-date-not-expected"),
    ],
)
def test_a_file_that_belongs_elsewhere_is_refused(answer: Sample, expected: Expected, code: str) -> None:
    assert answer.finding(expected).code == code


def test_a_file_that_is_what_was_expected_is_accepted(answer: Sample) -> None:
    expected = Expected(municipality="0101", reference="F010120261130MD01", value_date=date(2026, 11, 30))

    assert answer.report(expected).verdict is Verdict.ACCEPTED


def test_a_file_of_garbage_keeps_the_first_findings_and_counts_all(answer: Sample) -> None:
    report = check_content(b"garbage\n" * 5_000, answer.layout, name="file.txt")

    assert len(report.errors) == FINDINGS_KEPT
    assert report.counts["record-length"] == 5_000
    assert report.findings_total > 5_000


def test_an_error_is_kept_however_many_remarks_come_before_it(sample: Any) -> None:
    spoiled = sample(FileKind.REPORT, count=FINDINGS_KEPT + 2)
    for line in range(2, FINDINGS_KEPT + 4):  # every amount is -0: a remark each
        spoiled = spoiled.with_field(line, "TILBAGEHOLDT_BELOEB", b"0" * 11)
        spoiled = spoiled.with_field(line, "FORTEGN_TILBAGEHOLDT", b"-")
    spoiled = spoiled.with_field(FINDINGS_KEPT + 4, "ANTAL_DATA", b"00000001")

    report = spoiled.report()

    kept = [found.code for found in report.findings]
    assert report.verdict is Verdict.REJECTED
    assert kept.count("negative-zero") == FINDINGS_KEPT
    assert report.counts["negative-zero"] == FINDINGS_KEPT + 2
    assert {"record-count-wrong", "sum-wrong"} <= {found.code for found in report.errors}


def test_a_reversal_is_read_as_a_negative_amount(sample: Any) -> None:
    report = sample(FileKind.REPORT, count=3)

    decoded = decode(report.content, report.layout, name="file.txt")

    assert decoded.columns["030"]["TILBAGEHOLDT_BELOEB"].tolist() == [160_300, 160_300, -5]
    assert decoded.end["SUM2_BELOEB"] == 320_595


def test_rows_are_plain_values(answer: Sample) -> None:
    row = next(decode(answer.content, answer.layout, name="file.txt").rows("020"))

    assert (row["PNR"], row["MDRBELOEB"], row["KRAVREF"]) == ("6101901000", 160_300, "KRAV-0")
    assert (row["GYLDIG_FRA"], row["GYLDIG_TIL"]) == (date(2020, 2, 29), None)
