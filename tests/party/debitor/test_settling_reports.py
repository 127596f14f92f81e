"""A withholding report settles its expectations line by line; what is wrong is refused with its reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

import pytest

from sf2530.database.engines import reading
from sf2530.debitor.exchanges import exchange_details
from sf2530.debitor.states import Outcome
from sf2530.records.findings import FINDINGS_KEPT
from sf2530.records.layout import FileKind
from sf2530.records.naming import file_name

if TYPE_CHECKING:
    from tests.party.debitor.conftest import DebitorTown


def test_each_withholding_settles_its_expectation_in_full_partly_or_with_zero(debitor: DebitorTown) -> None:
    full, partly, nothing, untold = debitor.has_agreements(count=4)
    run = debitor.run()
    debitor.is_asked(run)

    outcome = debitor.is_told(
        run,
        debitor.withheld(full),
        debitor.withheld(partly, 700_00, reason="01"),
        debitor.withheld(nothing, 0, reason="02"),
    )

    assert outcome is Outcome.SETTLED
    assert debitor.report_state(run) == "settled"
    assert debitor.marks(run) == {full: "settled", partly: "partly", nothing: "zero", untold: "open"}
    found = debitor.reconciled(run)
    assert (found.expected, found.settled, found.partly, found.zero, found.missing) == (4, 1, 1, 1, 1)
    assert (found.expected_ore, found.withheld_ore, found.outstanding_ore) == (6_000_00, 2_200_00, 1_500_00)
    assert not found.is_closed
    assert debitor.alarms() == []


def test_wrong_lines_are_refused_with_reasons_and_the_rest_is_settled(debitor: DebitorTown) -> None:
    good, too_much, differs, person, other_day = debitor.has_agreements(count=5)
    [foreign] = debitor.has_agreements("0147")
    [draft] = debitor.has_agreements("0101", state="draft")
    run = debitor.run()
    debitor.is_asked(run)

    outcome = debitor.is_told(
        run,
        debitor.withheld(good),
        debitor.withheld(good, 0, reason="02"),
        debitor.withheld(too_much, 1_500_01),
        debitor.withheld(differs, AFTALT_BELOEB=1_400_00),
        debitor.withheld(person, PNR="6101909999"),
        debitor.withheld(other_day, DISPOSITIONSDATO=date(2026, 10, 30)),
        debitor.withheld("000000009999"),
        debitor.withheld(foreign),
        debitor.withheld(draft),
    )

    assert outcome is Outcome.SETTLED_WITH_REFUSALS
    assert debitor.report_state(run) == "settled-with-refusals"
    assert debitor.refused_lines() == {
        good: "twice",
        too_much: "more-than-agreed",
        differs: "agreed-amount-differs",
        person: "other-person",
        other_day: "other-value-date",
        "000000009999": "unknown-agreement",
        foreign: "other-municipality",
        draft: "never-expected",
    }
    assert debitor.marks(run) == {good: "settled"} | dict.fromkeys(
        [too_much, differs, person, other_day], "refused"
    )
    assert [alarm.code for alarm in debitor.alarms()] == ["report-lines-refused"]
    found = debitor.reconciled(run)
    assert (found.settled, found.refused, found.missing, found.refused_lines) == (1, 4, 0, 8)


def test_a_corrected_line_in_a_new_report_settles_what_was_refused(debitor: DebitorTown) -> None:
    settled, refused = debitor.has_agreements(count=2)
    run = debitor.run()
    debitor.is_asked(run)
    debitor.is_told(run, debitor.withheld(settled), debitor.withheld(refused, 1_500_01))
    # one report per run has the run's own delivery id, so a second one comes as that of a later sequence
    later = debitor.run(sequence=2)
    debitor.is_asked(later)

    debitor.is_told(later, debitor.withheld(refused), debitor.withheld(settled))

    assert debitor.marks(later) == {settled: "settled", refused: "settled"}
    assert debitor.marks(run) == {settled: "settled", refused: "refused"}


def test_the_same_report_again_changes_nothing(debitor: DebitorTown) -> None:
    [number] = debitor.has_agreements()
    run = debitor.run()
    debitor.is_asked(run)
    debitor.is_told(run, debitor.withheld(number))
    before = (debitor.reconciled(run), debitor.outbox(), debitor.refused_lines())

    again = debitor.is_told(run, debitor.withheld(number), name="KHTILBAG_0101_igen.txt")

    assert again is Outcome.REPEATED
    assert (debitor.reconciled(run), debitor.outbox(), debitor.refused_lines()) == before
    assert debitor.alarms() == []


def test_the_same_report_id_with_other_bytes_is_set_aside_for_a_person(debitor: DebitorTown) -> None:
    [number] = debitor.has_agreements()
    run = debitor.run()
    debitor.is_asked(run)
    debitor.is_told(run, debitor.withheld(number))

    other = debitor.is_told(run, debitor.withheld(number, 0, reason="02"), name="KHTILBAG_0101_andet.txt")

    assert other is Outcome.CONFLICT
    assert debitor.marks(run) == {number: "settled"}
    assert [alarm.code for alarm in debitor.alarms()] == ["incoming-conflict"]


def test_a_report_without_lines_settles_nothing_and_is_no_error(debitor: DebitorTown) -> None:
    run = debitor.run()
    debitor.is_asked(run)

    assert debitor.is_told(run) is Outcome.SETTLED
    assert debitor.reconciled(run).is_closed


ENVELOPES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "a wrong count": (lambda good: good.replace(b"00000001+", b"00000002+"), "RECORD-COUNT-WRONG"),
    "the end record cut off": (lambda good: good[:260], "END-RECORD-MISSING"),
    "a wrong sum": (lambda good: good.replace(b"+000000000150000", b"+000000000150001"), "SUM-WRONG"),
}


@pytest.mark.parametrize("case", ENVELOPES)
def test_an_error_of_the_envelope_refuses_the_whole_report(debitor: DebitorTown, case: str) -> None:
    spoil, expected = ENVELOPES[case]
    [number] = debitor.has_agreements()
    run = debitor.run()
    debitor.is_asked(run)
    good = debitor.report_of(run, [debitor.withheld(number)])

    debitor.receives(file_name(FileKind.REPORT, run), spoil(good))

    assert debitor.works() == [Outcome.REFUSED]
    assert debitor.report_state(run) == "refused"
    assert debitor.marks(run) == {number: "open"}
    [reject] = debitor.rejects()
    assert expected in {row["FEJLKODE"] for row in reject.rows("910")}
    assert reject.start["REF_LEVERANCEID"] == "T010120261130MD01"
    assert "BAAFVIS_KHTILBAG_0101_20261130_MD01.txt" in debitor.outbox()
    assert [alarm.code for alarm in debitor.alarms()] == ["file-refused"]


def test_an_error_after_more_remarks_than_are_kept_still_refuses_the_report(debitor: DebitorTown) -> None:
    numbers = debitor.has_agreements(count=FINDINGS_KEPT + 1)
    run = debitor.run()
    debitor.is_asked(run)
    lines = [debitor.withheld(number, 0, reason="02") for number in numbers]
    good = debitor.report_of(run, lines)
    minus_zero = good.replace(b"+00000000000", b"-00000000000")
    assert minus_zero.count(b"-00000000000") > FINDINGS_KEPT
    count, wrong = b"%08d+" % len(numbers), b"%08d+" % (len(numbers) + 1)
    assert count in minus_zero

    debitor.receives(file_name(FileKind.REPORT, run), minus_zero.replace(count, wrong))

    assert debitor.works() == [Outcome.REFUSED]
    [reject] = debitor.rejects()
    assert [row["FEJLKODE"] for row in reject.rows("910")] == ["RECORD-COUNT-WRONG"]
    assert set(debitor.marks(run).values()) == {"open"}


def test_a_corrected_report_takes_the_place_of_one_that_was_refused_as_a_whole(debitor: DebitorTown) -> None:
    [number] = debitor.has_agreements()
    run = debitor.run()
    debitor.is_asked(run)
    good = debitor.report_of(run, [debitor.withheld(number)])
    debitor.receives(file_name(FileKind.REPORT, run), good.replace(b"00000001+", b"00000002+"))
    assert debitor.works() == [Outcome.REFUSED]

    debitor.receives("KHTILBAG_0101_rettet.txt", good)

    assert debitor.works() == [Outcome.SETTLED]
    assert debitor.report_state(run) == "settled"
    assert debitor.reconciled(run).is_closed
    assert debitor.alarms() == []
    with reading(debitor.engine) as tx:
        shown = exchange_details(tx, "T010120261130MD01", reveal=False)
    assert shown.exchange.file_name == "KHTILBAG_0101_rettet.txt"


def test_a_corrected_report_of_the_same_name_is_settled_once_a_person_lets_it_in(
    debitor: DebitorTown,
) -> None:
    [number] = debitor.has_agreements()
    run = debitor.run()
    debitor.is_asked(run)
    good = debitor.report_of(run, [debitor.withheld(number)])
    debitor.receives(file_name(FileKind.REPORT, run), good.replace(b"00000001+", b"00000002+"))
    debitor.works()
    debitor.receives(file_name(FileKind.REPORT, run), good)

    debitor.lets_in_conflicts()

    assert debitor.works() == [Outcome.SETTLED]
    assert debitor.alarms() == []


def test_a_correction_that_is_wrong_too_gets_a_reject_of_its_own(debitor: DebitorTown) -> None:
    [number] = debitor.has_agreements()
    run = debitor.run()
    debitor.is_asked(run)
    good = debitor.report_of(run, [debitor.withheld(number)])
    debitor.receives("KHTILBAG_0101_1.txt", good.replace(b"00000001+", b"00000002+"))
    debitor.receives("KHTILBAG_0101_2.txt", good.replace(b"00000001+", b"00000003+"))

    assert debitor.works() == [Outcome.REFUSED, Outcome.REFUSED]

    assert len(debitor.rejects()) == 2
    assert [alarm.subject for alarm in debitor.alarms()] == ["KHTILBAG_0101_2.txt"]
    debitor.receives("KHTILBAG_0101_3.txt", good)
    assert debitor.works() == [Outcome.SETTLED]


def test_a_report_that_has_settled_is_never_superseded(debitor: DebitorTown) -> None:
    [number] = debitor.has_agreements()
    run = debitor.run()
    debitor.is_asked(run)
    debitor.is_told(run, debitor.withheld(number, 1_500_01))
    assert debitor.report_state(run) == "settled-with-refusals"

    assert debitor.is_told(run, debitor.withheld(number), name="KHTILBAG_0101_ny.txt") is Outcome.CONFLICT

    assert debitor.marks(run) == {number: "refused"}


def test_the_same_report_is_judged_anew_once_its_lost_inquiry_is_answered(debitor: DebitorTown) -> None:
    [number] = debitor.has_agreements()
    run = debitor.run()
    assert debitor.is_told(run, debitor.withheld(number)) is Outcome.REFUSED
    debitor.is_asked(run)

    again = debitor.is_told(run, debitor.withheld(number), name="KHTILBAG_0101_igen.txt")

    assert again is Outcome.SETTLED
    assert debitor.marks(run) == {number: "settled"}


def test_a_report_about_an_inquiry_that_was_never_answered_is_refused(debitor: DebitorTown) -> None:
    [number] = debitor.has_agreements()

    assert debitor.is_told(debitor.run(), debitor.withheld(number)) is Outcome.REFUSED

    [reject] = debitor.rejects()
    assert [row["FEJLKODE"] for row in reject.rows("910")] == ["INQUIRY-NOT-ANSWERED"]


def test_a_report_that_refers_to_another_inquiry_is_refused(debitor: DebitorTown) -> None:
    [number] = debitor.has_agreements()
    run = debitor.run()
    debitor.is_asked(run)
    content = debitor.report_of(
        run, [debitor.withheld(number)], start={"REF_LEVERANCEID": "F010120261130MD02"}
    )

    debitor.receives(file_name(FileKind.REPORT, run), content)

    assert debitor.works() == [Outcome.REFUSED]
    assert debitor.marks(run) == {number: "open"}


def test_a_report_of_ten_thousand_lines_is_settled_whole(debitor: DebitorTown) -> None:
    numbers = debitor.has_agreements(count=10_000)
    run = debitor.run()
    debitor.is_asked(run)

    assert debitor.is_told(run, *map(debitor.withheld, numbers)) is Outcome.SETTLED

    assert debitor.reconciled(run).settled == 10_000
