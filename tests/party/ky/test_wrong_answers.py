"""Answers that are wrong, late or contradictory: nothing is withheld by them, and a person sees why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from sf2530.database.engines import reading
from sf2530.ky import receiving, status
from sf2530.ky.refusing import errors_first
from sf2530.ky.runs import RunFilter
from sf2530.ky.states import RunState
from sf2530.ky.status import Light
from sf2530.records.checks import Code, finding
from sf2530.records.findings import Place
from sf2530.records.layout import FileKind
from sf2530.records.reading import Decoded, decode

if TYPE_CHECKING:
    from tests.party.ky.conftest import KyTown


@pytest.fixture
def asked(town: KyTown) -> KyTown:
    """Give a KY that has asked for 0101 and has its payments: only the answer is missing."""
    town.asks()
    town.takes_payments(town.paid(2_000_00))
    return town


def replaced(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def change(content: bytes) -> bytes:
        assert old in content
        return content.replace(old, new, 1)

    return change


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "truncated in a record": lambda content: content[:-200],
    "its end record lost": lambda content: content[:-130],
    "a record too long": replaced(b"KRAV", b"KRAVX"),
    "a letter outside the character set": replaced(b"KRAV", b"KR\xc5V"),
    "a sum that is wrong by one øre": replaced(b"+000000000160300", b"+000000000160301"),
    "a layout version we don't know": replaced(b"BASVAR  0100", b"BASVAR  0900"),
    "another municipality": lambda content: content.replace(b"0000101", b"0000147").replace(
        b"0200101", b"0200147"
    ),
    "a reference to another inquiry": replaced(b"F010120261130MD01", b"F010120261130MD02"),
    "another value date": replaced(b"KY      20261130", b"KY      20261230"),
    "a negative amount": replaced(b"+00000160300", b"-00000160300"),
    "nothing at all": lambda _content: b"",
    "something else altogether": lambda _content: b"<html>502</html>" * 20,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_wrong_answer_withholds_nothing_and_is_seen(asked: KyTown, damage: str) -> None:
    outcome = asked.receives(DAMAGES[damage](asked.answer(asked.agreed(1, 1_603_00))))

    assert outcome == "refused"
    assert asked.state() is RunState.ASKED
    assert asked.rows("answered_agreement") == []
    assert asked.works() == 0
    assert asked.alarms() == ["answer-wrong"]
    run = asked.run()
    assert run.problem, "the run itself says what is wrong"
    assert status.light(run, today=run.ask_on) is Light.RED
    (refused,) = asked.refused()
    assert refused.findings_total >= 1
    assert refused.findings


def test_an_answer_is_refused_by_its_verdict_even_where_no_error_of_it_was_kept(
    asked: KyTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    def keep_no_errors(*args: Any, **options: Any) -> Decoded:
        decoded = decode(*args, **options)
        return replace(decoded, report=replace(decoded.report, findings=()))

    monkeypatch.setattr(receiving, "decode", keep_no_errors)
    wrong = DAMAGES["a sum that is wrong by one øre"](asked.answer(asked.agreed(1, 1_603_00)))

    assert asked.receives(wrong) == "refused"

    assert asked.rows("answered_agreement") == []
    assert asked.alarms() == ["answer-wrong"]


def test_the_errors_of_a_refused_file_are_shown_before_its_remarks() -> None:
    place = Place(file="BASVAR")
    found = [*[finding(Code.NEGATIVE_ZERO, "remark", place)] * 5, finding(Code.SUM, "error", place)]

    assert str(errors_first(found)[0]) == "BASVAR: error"


def test_a_correct_answer_after_a_wrong_one_is_taken(asked: KyTown) -> None:
    asked.receives(asked.answer(asked.agreed(1, 1_603_00))[:-9], name="BASVAR_wrong.txt")

    assert asked.answers(asked.agreed(1, 1_603_00)) == "answered"

    assert asked.run().problem is None
    asked.works()
    assert asked.state() is RunState.REPORTED


def test_an_answer_that_holds_an_agreement_twice_is_refused(asked: KyTown) -> None:
    twice = asked.answer(asked.agreed(1, 800_00), asked.agreed(1, 800_00))

    assert asked.receives(twice) == "refused"

    (refused,) = asked.refused()
    (finding,) = refused.findings
    assert "line 2, record 020, AFTALENR: Agreement 000000000001 stands there 2 times." in finding
    assert asked.rows("answered_agreement") == []


@pytest.mark.parametrize("start", [{"AFSENDER": "ANDEN"}, {"MODTAGER": "ANDEN"}])
def test_an_answer_between_other_parties_is_refused(asked: KyTown, start: dict[str, str]) -> None:
    content = asked.answer(asked.agreed(1, 1_603_00), **start)

    assert asked.receives(content) == "refused"
    assert asked.alarms() == ["answer-wrong"]


def test_a_file_from_somebody_else_is_not_even_read(asked: KyTown) -> None:
    content = asked.answer(asked.agreed(1, 1_603_00))

    assert asked.receives(content, sender="ANDEN") == "refused"

    assert asked.alarms() == ["sender-unknown"]
    assert asked.state() is RunState.ASKED


def test_an_answer_that_nobody_asked_for_is_refused(town: KyTown) -> None:
    town.plans("0101")

    assert town.answers(town.agreed(1, 1_603_00)) == "refused"
    assert town.answers(code="0147") == "refused"

    assert town.state() is RunState.PLANNED
    assert town.alarms() == ["answer-unknown-run", "answer-unknown-run"]


def test_the_same_answer_again_changes_nothing(asked: KyTown) -> None:
    content = asked.answer(asked.agreed(1, 1_603_00))
    asked.receives(content)
    asked.works()
    before = (asked.run(), asked.outbox())
    asked.clock.passes(3_600)

    assert asked.receives(content) == "repeat"
    assert asked.receives(content, name="BASVAR_AGAIN.txt") == "repeated"
    asked.works()

    assert (asked.run(), asked.outbox()) == before
    assert asked.alarms() == []


def test_the_same_answer_name_with_other_bytes_is_a_conflict_for_a_person(asked: KyTown) -> None:
    asked.answers(asked.agreed(1, 1_603_00))

    assert asked.answers(asked.agreed(1, 1_00)) == "conflict"

    assert asked.alarms() == ["incoming-conflict"]
    assert asked.run().agreed_ore == 1_603_00


def test_the_same_delivery_id_with_other_bytes_is_a_conflict_for_a_person(asked: KyTown) -> None:
    asked.answers(asked.agreed(1, 1_603_00))

    other = asked.receives(asked.answer(asked.agreed(1, 1_00)), name="BASVAR_OTHER.txt")

    assert other == "refused"
    assert asked.alarms() == ["answer-conflict"]
    assert asked.run().agreed_ore == 1_603_00


def test_a_second_answer_under_a_new_delivery_id_does_not_replace_the_first(asked: KyTown) -> None:
    asked.answers(asked.agreed(1, 1_603_00))
    asked.works()

    second = asked.answer(asked.agreed(1, 1_00), LEVERANCEID="S010120261130MD77")
    assert asked.receives(second, name="BASVAR_SECOND.txt") == "refused"

    assert asked.alarms() == ["answer-not-awaited"]
    assert asked.state() is RunState.REPORTED


def test_an_answer_to_a_closed_run_is_refused_with_an_alarm(asked: KyTown) -> None:
    asked.answers(asked.agreed(1, 1_603_00))
    asked.works()
    asked.hub_delivers(asked.report_name())

    late = asked.answer(asked.agreed(1, 1_00), LEVERANCEID="S010120261130MD77")
    asked.receives(late, name="BASVAR_LATE.txt")

    assert asked.alarms() == ["answer-not-awaited"]
    assert asked.state() is RunState.CLOSED


def test_a_reject_answer_ends_the_run_with_its_reasons_for_a_person(asked: KyTown) -> None:
    assert asked.receives(asked.rejection(), name="BAAFVIS_0101_20261130_MD01.txt") == "rejected"

    assert asked.state() is RunState.REJECTED
    assert asked.alarms() == ["inquiry-rejected"]
    assert "SUM-WRONG" in (asked.run().problem or "")
    assert asked.answers(asked.agreed(1, 1_603_00)) == "refused", "the inquiry has its one outcome"
    assert asked.works() == 0


def test_a_reject_answer_again_changes_nothing(asked: KyTown) -> None:
    asked.receives(asked.rejection(), name="BAAFVIS_0101_20261130_MD01.txt")

    assert asked.receives(asked.rejection(), name="BAAFVIS_AGAIN.txt") == "rejected"
    assert asked.alarms() == ["inquiry-rejected"]


def test_a_reject_answer_after_the_answer_is_shown_and_changes_nothing(asked: KyTown) -> None:
    asked.answers(asked.agreed(1, 1_603_00))

    assert asked.receives(asked.rejection(), name="BAAFVIS_0101_20261130_MD01.txt") == "refused"

    assert asked.state() is RunState.ANSWERED
    assert asked.alarms() == ["reject-not-awaited"]


def test_a_rejected_report_is_shown_even_after_the_run_was_closed(asked: KyTown) -> None:
    asked.answers(asked.agreed(1, 1_603_00))
    asked.works()
    asked.hub_delivers(asked.report_name())

    rejection = asked.rejection(FileKind.REPORT)
    assert asked.receives(rejection, name="BAAFVIS_KHTILBAG_0101_20261130_MD01.txt") == "rejected"

    assert asked.state() is RunState.REJECTED
    assert asked.alarms() == ["report-rejected"]


def test_a_reject_answer_to_nothing_of_ours_is_shown(town: KyTown) -> None:
    town.plans("0101")

    assert town.receives(town.rejection(), name="BAAFVIS_0101_20261130_MD01.txt") == "refused"
    assert town.alarms() == ["reject-wrong"]


def test_an_inquiry_sent_to_us_is_shown_and_not_taken(asked: KyTown) -> None:
    inquiry = asked.outbox()[asked.inquiry_name()]

    assert asked.receives(inquiry, name=asked.inquiry_name("0147")) == "refused"
    assert asked.alarms() == ["file-unknown"]


def test_no_cpr_number_leaves_the_tables_by_a_refusal(asked: KyTown) -> None:
    content = asked.answer(asked.agreed(1, 1_603_00)).replace(b"61019", b"6X019")
    asked.receives(content)

    texts = [asked.run().problem or "", *asked.refused()[0].findings]
    assert not any("01234" in text for text in texts)


def test_a_refused_file_is_listed_with_its_run(asked: KyTown) -> None:
    asked.receives(b"", name="BASVAR_0101_20261130_MD01.txt")

    with reading(asked.engine) as tx:
        of_run = status.refused_files(tx, RunFilter(municipality=asked.key().municipality))
        of_another = status.refused_files(tx, RunFilter(municipality=asked.key("0147").municipality))
    assert [one.name for one in of_run] == ["BASVAR_0101_20261130_MD01.txt"]
    assert of_another == []


def test_what_a_reject_answer_says_is_masked_before_it_is_kept(asked: KyTown) -> None:
    rejection = asked.rejection(FEJLKODE="6101901234", FEJL_TEKST="PNR 610190-1234 IS UNKNOWN")

    assert asked.receives(rejection, name="BAAFVIS_0101_20261130_MD01.txt") == "rejected"

    problem = asked.run().problem or ""
    assert "IS UNKNOWN" in problem
    assert "1234" not in problem
