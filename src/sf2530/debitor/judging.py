"""Which lines of a withholding report settle their expectation, and why the others are refused: pure.

Works on whole columns at once. A report's columns run in parallel, one entry per line, in the file's order.
Agreement numbers, CPR numbers and codes are fixed-width bytes; amounts are whole øre in int64; dates are
yyyymmdd in int64.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sf2530.debitor.states import ExpectationState, LineRefusal
from sf2530.records.reasons import WithholdingReason

Bytes = NDArray[np.bytes_]
Numbers = NDArray[np.int64]
Mask = NDArray[np.bool_]

_REASONS = np.array([reason.value for reason in WithholdingReason], dtype="S2")
_FULL, _NO_PAYOUT, _REVERSAL = (
    reason.value.encode()
    for reason in (WithholdingReason.FULL, WithholdingReason.NO_PAYOUT, WithholdingReason.REVERSAL)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """The withholdings of a report, as its file gives them."""

    agreement_number: Bytes
    cpr: Bytes
    agreed_ore: Numbers
    withheld_ore: Numbers
    value_date: Numbers
    reason: Bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """The expectations of the inquiry that the report belongs to, sorted by agreement number."""

    agreement_number: Bytes
    cpr: Bytes
    agreed_ore: Numbers
    unsettled: Mask
    value_date: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownElsewhere:
    """Agreements that are in the report and not in the inquiry: of this municipality, and of others."""

    own: Collection[bytes] = ()
    others: Collection[bytes] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What each line came to, in the order of the lines."""

    position: NDArray[np.intp]
    """Where the line's expectation stands in `Expected`; meaningless where `expected` is false."""
    expected: Mask
    refusals: list[LineRefusal | None]
    accepted: Mask


def unexpected(lines: Lines, expected: Expected) -> list[bytes]:
    """Give the agreement numbers in the report that the inquiry has no expectation for."""
    _position, found = _find(lines, expected)
    numbers: list[bytes] = np.unique(lines.agreement_number[~found]).tolist()
    return numbers


def judge(lines: Lines, expected: Expected, elsewhere: KnownElsewhere) -> Judgement:
    """Accept each line or refuse it, for the first of the rules that it breaks."""
    position, found = _find(lines, expected)
    refusals = np.full(len(found), None, dtype=object)
    undecided = np.ones(len(found), dtype=bool)
    for refusal, broken in _broken_rules(lines, expected, elsewhere, (position, found)):
        refusals[undecided & broken] = refusal
        undecided &= ~broken
    return Judgement(position=position, expected=found, refusals=refusals.tolist(), accepted=undecided)


def outcome(withheld_ore: int, agreed_ore: int) -> ExpectationState:
    """Say what an accepted withholding makes of its expectation.

    >>> outcome(0, 1500_00).value, outcome(700_00, 1500_00).value, outcome(1500_00, 1500_00).value
    ('zero', 'partly', 'settled')
    """
    if withheld_ore == agreed_ore:
        return ExpectationState.SETTLED
    return ExpectationState.PARTLY if withheld_ore else ExpectationState.ZERO


def _broken_rules(
    lines: Lines, expected: Expected, elsewhere: KnownElsewhere, match: tuple[NDArray[np.intp], Mask]
) -> Iterator[tuple[LineRefusal, Mask]]:
    """Give each rule with the lines that break it, the most telling rule first."""
    position, found = match
    others = _among(lines.agreement_number, elsewhere.others)
    own = _among(lines.agreement_number, elsewhere.own)
    yield LineRefusal.OTHER_MUNICIPALITY, ~found & others
    yield LineRefusal.NEVER_EXPECTED, ~found & own
    yield LineRefusal.UNKNOWN_AGREEMENT, ~found
    yield LineRefusal.TWICE, ~_first_of_its_kind(lines.agreement_number)
    if not len(expected.agreement_number):
        return
    agreed_ore = expected.agreed_ore[position]
    full = lines.withheld_ore == agreed_ore
    # A reversal takes back what is settled, so it is told from a line that comes once too often.
    yield LineRefusal.REVERSAL, (lines.withheld_ore < 0) | (lines.reason == _REVERSAL)
    yield LineRefusal.ALREADY_SETTLED, ~expected.unsettled[position]
    yield LineRefusal.OTHER_PERSON, lines.cpr != expected.cpr[position]
    yield LineRefusal.OTHER_VALUE_DATE, lines.value_date != expected.value_date
    yield LineRefusal.AGREED_AMOUNT_DIFFERS, lines.agreed_ore != agreed_ore
    yield LineRefusal.MORE_THAN_AGREED, lines.withheld_ore > agreed_ore
    yield LineRefusal.REASON_UNKNOWN, ~np.isin(lines.reason, _REASONS)
    yield LineRefusal.REASON_DOES_NOT_FIT, (lines.reason == _FULL) != full
    yield LineRefusal.REASON_DOES_NOT_FIT, (lines.reason == _NO_PAYOUT) & (lines.withheld_ore > 0)


def _find(lines: Lines, expected: Expected) -> tuple[NDArray[np.intp], Mask]:
    count = len(expected.agreement_number)
    if count == 0:
        nowhere = np.zeros(len(lines.agreement_number), dtype=np.intp)
        return nowhere, nowhere.astype(bool)
    position = np.searchsorted(expected.agreement_number, lines.agreement_number)
    position = np.minimum(position, count - 1)
    return position, expected.agreement_number[position] == lines.agreement_number


def _among(numbers: Bytes, known: Collection[bytes]) -> Mask:
    if not known:
        return np.zeros(len(numbers), dtype=bool)
    return np.isin(numbers, np.array(sorted(known)))


def _first_of_its_kind(numbers: Bytes) -> Mask:
    first = np.zeros(len(numbers), dtype=bool)
    first[np.unique(numbers, return_index=True)[1]] = True
    return first
