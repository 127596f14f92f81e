"""An inquiry is answered once: marks and answer are there together, and say the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

import pytest

from sf2530.database.leases import LeaseLost
from sf2530.debitor.states import Outcome
from sf2530.exchange.states import IncomingState
from sf2530.records.layout import FileKind
from sf2530.records.naming import delivery_id, file_name

if TYPE_CHECKING:
    from tests.party.debitor.conftest import DebitorTown

MINUTES_BEYOND_THE_LEASE = 5


def test_every_mark_is_in_the_answer_and_the_other_way_round(debitor: DebitorTown) -> None:
    numbers = debitor.has_agreements("0101", count=5)
    debitor.has_agreements("0147", count=2)
    run = debitor.run("0101")

    assert debitor.is_asked(run) is Outcome.ANSWERED

    assert debitor.marks(run) == dict.fromkeys(numbers, "open")
    assert sorted(debitor.answered_numbers(run)) == sorted(numbers)


def test_only_agreements_that_can_be_set_off_are_marked(debitor: DebitorTown) -> None:
    [active] = debitor.has_agreements("0101")
    debitor.has_agreements("0101", state="draft")
    debitor.has_agreements("0101", state="suspended")
    debitor.has_agreements("0101", agreement_type="02")
    debitor.has_agreements("0101", valid_to=date(2026, 10, 31))
    debitor.has_agreements("0101", valid_from=date(2026, 12, 1))
    run = debitor.run("0101")

    debitor.is_asked(run)

    assert debitor.answered_numbers(run) == [active]


def test_the_answer_is_sorted_by_person_priority_and_number(debitor: DebitorTown) -> None:
    [third] = debitor.has_agreements(cpr="6202852345", priority=1)
    [second] = debitor.has_agreements(cpr="6101901234", priority=2)
    [first] = debitor.has_agreements(cpr="6101901234", priority=1)
    run = debitor.run()

    debitor.is_asked(run)

    assert debitor.answered_numbers(run) == [first, second, third]


def test_the_answer_says_whose_it_is_what_was_marked_and_when_payment_is_expected(
    debitor: DebitorTown,
) -> None:
    [number] = debitor.has_agreements(valid_to=date(2027, 5, 31), due_date=date(2026, 12, 1), priority=2)
    run = debitor.run()

    debitor.is_asked(run)

    answer = debitor.reads(FileKind.ANSWER, debitor.answer_to(run))
    assert answer.start["LEVERANCEID"] == "S010120261130MD01"
    assert answer.start["REF_LEVERANCEID"] == "F010120261130MD01"
    assert (answer.start["AFSENDER"], answer.start["MODTAGER"]) == ("UDKDEB", "KY")
    assert (answer.start["PRODDATO"], answer.start["PRODTID"]) == (date(2026, 11, 20), "100000")
    [record] = answer.rows("020")
    told = {name: value for name, value in record.items() if name not in {"LBNR", "PNR", "KRAVREF"}}
    assert told == {
        "KOMMUNENR": "0101",
        "AFTALENR": number,
        "AFTALETYPE": "01",
        "PRIORITET": 2,
        "MDRBELOEB": 1_500_00,
        "GYLDIG_FRA": date(2026, 1, 1),
        "GYLDIG_TIL": date(2027, 5, 31),
        "FORFALDSDATO": date(2026, 12, 1),
        "ANTAL_BIDRAG": 1,
        "AFTALESTATUS": "A",
        "FORVENTET_MRK": "J",
        "FORVENTET_DATO": date(2026, 11, 30),
    }
    assert debitor.recipient_of("BASVAR_0101_20261130_MD01.txt") == "KY"


def test_a_municipality_without_agreements_gets_an_answer_with_none(debitor: DebitorTown) -> None:
    run = debitor.run("0860")

    assert debitor.is_asked(run) is Outcome.ANSWERED

    assert debitor.answered_numbers(run) == []
    assert debitor.reconciled(run).is_closed


def test_the_same_inquiry_under_another_name_gets_the_same_bytes_and_no_new_mark(
    debitor: DebitorTown,
) -> None:
    debitor.has_agreements(count=2)
    run = debitor.run()
    debitor.is_asked(run)
    answer = debitor.answer_to(run)
    debitor.is_delivered(file_name(FileKind.ANSWER, run))
    debitor.has_agreements(count=1)
    debitor.passes(days=200)

    assert debitor.is_asked(run, name="BAFORESP_0101_igen.txt") is Outcome.REPEATED

    assert debitor.outbox() == {file_name(FileKind.ANSWER, run): answer}
    assert debitor.waits_to_be_sent(file_name(FileKind.ANSWER, run))
    assert len(debitor.marks(run)) == 2


def test_the_same_delivery_id_with_other_bytes_is_set_aside_for_a_person(debitor: DebitorTown) -> None:
    debitor.has_agreements(count=2)
    run = debitor.run()
    debitor.is_asked(run)
    answer = debitor.answer_to(run)
    other = debitor.inquiry_of(run, PERIODE_FRA=date(2026, 10, 1))

    debitor.receives("BAFORESP_0101_andre_bytes.txt", other)

    assert debitor.works() == [Outcome.CONFLICT]
    assert debitor.file_states() == [IncomingState.PROCESSED, IncomingState.CONFLICT]
    assert [alarm.code for alarm in debitor.alarms()] == ["incoming-conflict"]
    assert debitor.outbox() == {file_name(FileKind.ANSWER, run): answer}
    assert len(debitor.marks(run)) == 2


def test_a_new_inquiry_while_an_earlier_one_is_open_has_marks_of_its_own(debitor: DebitorTown) -> None:
    [number] = debitor.has_agreements()
    first, second = debitor.run(), debitor.run(sequence=2)

    debitor.is_asked(first)
    debitor.is_asked(second)

    assert debitor.marks(first) == debitor.marks(second) == {number: "open"}


def test_two_workers_at_once_give_one_answer(debitor: DebitorTown) -> None:
    debitor.has_agreements(count=3)
    run = debitor.run()
    debitor.receives(file_name(FileKind.INQUIRY, run), debitor.inquiry_of(run))

    taken = [debitor.takes("one"), debitor.takes("two")]

    assert [work is None for work in taken] == [False, True]


def test_a_worker_paused_beyond_its_lease_can_not_answer(debitor: DebitorTown) -> None:
    debitor.has_agreements(count=3)
    run = debitor.run()
    debitor.receives(file_name(FileKind.INQUIRY, run), debitor.inquiry_of(run))
    paused = debitor.takes("paused")
    debitor.passes(minutes=MINUTES_BEYOND_THE_LEASE)
    other = debitor.takes("other")
    assert paused is not None
    assert other is not None
    assert debitor.does(other) is Outcome.ANSWERED
    outbox = debitor.outbox()

    with pytest.raises(LeaseLost):
        debitor.does(paused)

    assert debitor.outbox() == outbox
    assert len(debitor.marks(run)) == 3


def test_a_worker_paused_beyond_its_lease_has_written_nothing_even_before_the_other_answers(
    debitor: DebitorTown,
) -> None:
    run = debitor.run()
    debitor.has_agreements()
    debitor.receives(file_name(FileKind.INQUIRY, run), debitor.inquiry_of(run))
    paused = debitor.takes("paused")
    debitor.passes(minutes=MINUTES_BEYOND_THE_LEASE)
    assert paused is not None

    with pytest.raises(LeaseLost):
        debitor.does(paused)

    assert debitor.outbox() == {}
    assert debitor.all_marks() == 0


def test_the_profile_without_start_record_is_answered_too(make_debitor: Callable[..., DebitorTown]) -> None:
    debitor = make_debitor(profile="bare")
    numbers = debitor.has_agreements(count=2)
    run = debitor.run()

    assert debitor.is_asked(run) is Outcome.ANSWERED
    assert debitor.answered_numbers(run) == numbers
    assert debitor.is_told(run, *map(debitor.withheld, numbers)) is Outcome.SETTLED
    assert debitor.reconciled(run).is_closed


def test_a_file_of_another_kind_is_noted_with_an_alarm(debitor: DebitorTown) -> None:
    run = debitor.run()
    debitor.is_asked(run)

    debitor.receives("BASVAR_0101_retur.txt", debitor.answer_to(run))

    assert debitor.works() == [Outcome.NOT_OURS]
    assert [alarm.code for alarm in debitor.alarms()] == ["file-not-ours"]
    assert debitor.file_states() == ["processed", "processed"]


def test_a_run_of_ten_thousand_agreements_is_answered_whole(debitor: DebitorTown) -> None:
    numbers = debitor.has_agreements(count=10_000)
    run = debitor.run()

    debitor.is_asked(run)

    assert sorted(debitor.answered_numbers(run)) == numbers
    assert delivery_id(FileKind.INQUIRY, run) == debitor.reconciled(run).delivery_id
    assert debitor.reconciled(run).missing == 10_000
