"""Which report lines settle and why the others are refused, as a table of cases."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

from sf2530.debitor.judging import Expected, KnownElsewhere, Lines, judge, unexpected
from sf2530.debitor.states import LineRefusal


class Line(NamedTuple):
    number: str = "000000000001"
    cpr: str = "6101901234"
    agreed_ore: int = 1500_00
    withheld_ore: int = 1500_00
    value_date: int = 20261130
    reason: str = "00"


class Mark(NamedTuple):
    number: str
    cpr: str
    agreed_ore: int = 1500_00
    unsettled: bool = True


MARKS = [
    Mark("000000000001", "6101901234"),
    Mark("000000000002", "6101901234"),
    Mark("000000000003", "6202852345", unsettled=False),
]
ELSEWHERE = KnownElsewhere(own=[b"000000000008"], others=[b"000000000009"])


def lines_of(*lines: Line) -> Lines:
    return Lines(
        agreement_number=np.array([line.number for line in lines], dtype="S12"),
        cpr=np.array([line.cpr for line in lines], dtype="S10"),
        agreed_ore=np.array([line.agreed_ore for line in lines], dtype=np.int64),
        withheld_ore=np.array([line.withheld_ore for line in lines], dtype=np.int64),
        value_date=np.array([line.value_date for line in lines], dtype=np.int64),
        reason=np.array([line.reason for line in lines], dtype="S2"),
    )


def expected_of(*marks: Mark) -> Expected:
    return Expected(
        agreement_number=np.array([mark.number for mark in marks], dtype="S12"),
        cpr=np.array([mark.cpr for mark in marks], dtype="S10"),
        agreed_ore=np.array([mark.agreed_ore for mark in marks], dtype=np.int64),
        unsettled=np.array([mark.unsettled for mark in marks], dtype=bool),
        value_date=20261130,
    )


CASES: dict[str, tuple[Line, LineRefusal | None]] = {
    "withheld in full": (Line(), None),
    "partly, net too small": (Line(withheld_ore=1, reason="01"), None),
    "partly, stopped by a caseworker": (Line(withheld_ore=500_00, reason="06"), None),
    "nothing, no payout": (Line(withheld_ore=0, reason="02"), None),
    "nothing, dead": (Line(withheld_ore=0, reason="03"), None),
    "an agreement nobody has": (Line(number="000000000007"), LineRefusal.UNKNOWN_AGREEMENT),
    "another municipality's agreement": (Line(number="000000000009"), LineRefusal.OTHER_MUNICIPALITY),
    "an agreement that was not answered": (Line(number="000000000008"), LineRefusal.NEVER_EXPECTED),
    "settled by an earlier report": (
        Line(number="000000000003", cpr="6202852345"),
        LineRefusal.ALREADY_SETTLED,
    ),
    "another person": (Line(cpr="6202852345"), LineRefusal.OTHER_PERSON),
    "another value date": (Line(value_date=20261129), LineRefusal.OTHER_VALUE_DATE),
    "the agreed amount differs": (Line(agreed_ore=1500_01), LineRefusal.AGREED_AMOUNT_DIFFERS),
    "more than agreed": (Line(withheld_ore=1500_01), LineRefusal.MORE_THAN_AGREED),
    "a reversal": (Line(withheld_ore=-1500_00, reason="90"), LineRefusal.REVERSAL),
    "a negative amount under another reason": (Line(withheld_ore=-1), LineRefusal.REVERSAL),
    "a reversal of what is settled": (
        Line(number="000000000003", cpr="6202852345", withheld_ore=-1, reason="90"),
        LineRefusal.REVERSAL,
    ),
    "a reason in no table": (Line(withheld_ore=0, reason="55"), LineRefusal.REASON_UNKNOWN),
    "less than agreed, yet called full": (Line(withheld_ore=1), LineRefusal.REASON_DOES_NOT_FIT),
    "in full, yet called too small": (Line(reason="01"), LineRefusal.REASON_DOES_NOT_FIT),
    "no payout, yet something withheld": (
        Line(withheld_ore=1, reason="02"),
        LineRefusal.REASON_DOES_NOT_FIT,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_line_settles_only_when_no_rule_is_broken(case: str) -> None:
    line, refusal = CASES[case]

    judgement = judge(lines_of(line), expected_of(*MARKS), ELSEWHERE)

    assert judgement.refusals == [refusal]
    assert judgement.accepted.tolist() == [refusal is None]


def test_the_second_line_of_one_agreement_is_refused_and_the_first_is_kept() -> None:
    second = Line(withheld_ore=0, reason="02")

    judgement = judge(lines_of(Line(), second), expected_of(*MARKS), ELSEWHERE)

    assert judgement.refusals == [None, LineRefusal.TWICE]


def test_each_line_finds_its_own_expectation_whatever_their_order() -> None:
    lines = lines_of(Line(number="000000000002"), Line(number="000000000007"), Line())

    judgement = judge(lines, expected_of(*MARKS), ELSEWHERE)

    assert judgement.expected.tolist() == [True, False, True]
    assert [judgement.position[0], judgement.position[2]] == [1, 0]


def test_where_nothing_was_expected_every_line_is_refused() -> None:
    judgement = judge(lines_of(Line(), Line(number="000000000009")), expected_of(), ELSEWHERE)

    assert judgement.refusals == [LineRefusal.UNKNOWN_AGREEMENT, LineRefusal.OTHER_MUNICIPALITY]


def test_a_report_without_lines_is_nothing_to_judge() -> None:
    judgement = judge(lines_of(), expected_of(*MARKS), ELSEWHERE)

    assert judgement.refusals == []


def test_only_numbers_without_an_expectation_are_looked_up_elsewhere() -> None:
    lines = lines_of(Line(), Line(number="000000000009"), Line(number="000000000009"))

    assert unexpected(lines, expected_of(*MARKS)) == [b"000000000009"]
