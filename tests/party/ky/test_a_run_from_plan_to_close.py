"""A payout run's way through its states, with the platform and UDK Debitor behaving well."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from sf2530.ky import exporting, reconciling
from sf2530.ky.payments import PaymentsClosed
from sf2530.ky.runs import RunFilter
from sf2530.ky.states import RunState
from sf2530.records.layout import FileKind
from sf2530.records.reading import decode

if TYPE_CHECKING:
    from tests.party.ky.conftest import KyTown


def test_planning_twice_plans_once(town: KyTown) -> None:
    first = town.plans("0101", "0147")
    second = town.plans("0101", "0147", "0157")

    assert (first.new, first.already) == (2, 0)
    assert (second.new, second.already) == (1, 2)


def test_an_inquiry_is_in_the_outbox_with_the_run_that_it_asks_for(town: KyTown) -> None:
    town.plans("0101")

    asked = town.starts()

    assert asked == [town.key()]
    assert town.state() is RunState.ASKED
    name = town.inquiry_name()
    inquiry = decode(town.outbox()[name], town.terms.layouts[FileKind.INQUIRY], name=name)
    assert inquiry.report.accepted, inquiry.report.findings
    (record,) = inquiry.rows("010")
    assert record["FORESPID"] == "F010120261130MD01"
    assert record["KOERSELSTYPE"] == "MD"


def test_asking_twice_asks_once(town: KyTown) -> None:
    town.asks()
    before = town.outbox()
    town.clock.passes(60)

    assert town.starts() == []
    assert town.outbox() == before


def test_a_run_goes_all_the_way_and_every_ore_is_accounted_for(town: KyTown) -> None:
    town.asks()
    town.takes_payments(town.paid(2_000_00), town.paid(500_00, cpr=town.OTHER_PERSON))

    town.hub_delivers(town.inquiry_name())
    assert town.state() is RunState.DELIVERED

    outcome = town.answers(
        town.agreed(1, 1_603_00),
        town.agreed(2, 1_603_00, priority=2),
        town.agreed(3, 700_00, cpr=town.OTHER_PERSON),
        town.agreed(4, 100_00, cpr="6303701111"),
    )
    assert outcome == "answered"
    assert town.state() is RunState.ANSWERED

    town.works()
    assert town.state() is RunState.REPORTED
    assert town.reported() == [
        ("000000000001", 1_603_00, "00", "0101-1"),
        ("000000000002", 397_00, "01", "0101-1"),
        ("000000000003", 500_00, "01", "0101-2"),
        ("000000000004", 0, "02", ""),
    ]

    town.hub_delivers(town.report_name())
    assert town.state() is RunState.CLOSED
    assert town.alarms() == []


def test_the_report_refers_to_the_inquiry_and_carries_the_sums(town: KyTown) -> None:
    town.asks()
    town.takes_payments(town.paid(1_000_00))
    town.answers(town.agreed(1, 1_603_00))
    town.works()

    report = town.report()

    assert report.report.reference == "F010120261130MD01"
    assert report.report.delivery_id == "T010120261130MD01"
    assert (report.end["SUM_BELOEB"], report.end["SUM2_BELOEB"]) == (1_603_00, 1_000_00)


def test_an_empty_answer_gives_an_empty_report_and_the_run_closes(town: KyTown) -> None:
    town.asks()
    town.takes_payments(town.paid(1_000_00))

    town.answers()
    town.works()
    town.hub_delivers(town.report_name())

    assert town.reported() == []
    assert town.state() is RunState.CLOSED


def test_a_run_waits_for_its_payments_however_long(town: KyTown) -> None:
    town.asks()
    town.answers(town.agreed(1, 1_603_00))

    assert town.works() == 0
    assert town.state() is RunState.ANSWERED

    town.takes_payments(town.paid(2_000_00))
    town.works()
    assert town.state() is RunState.REPORTED


def test_an_empty_payments_list_is_complete_and_withholds_nothing(town: KyTown) -> None:
    town.asks()
    town.takes_payments()
    town.answers(town.agreed(1, 1_603_00))

    town.works()

    assert town.reported() == [("000000000001", 0, "02", "")]


def test_payments_are_replaced_as_a_whole_until_the_run_is_allocated(town: KyTown) -> None:
    town.asks()
    town.takes_payments(town.paid(100_00), town.paid(200_00))
    town.takes_payments(town.paid(50_00))
    town.answers(town.agreed(1, 1_603_00))
    town.works()

    assert town.reported() == [("000000000001", 50_00, "01", "0101-1")]
    with pytest.raises(PaymentsClosed):
        town.takes_payments(town.paid(9_000_00))
    assert town.run().payments == 1


def test_nothing_is_withheld_from_a_benefit_that_is_not_withheld_from(town: KyTown) -> None:
    town.asks()
    town.takes_payments(town.paid(5_000_00, benefit="LED"))
    town.answers(town.agreed(1, 1_603_00))

    town.works()

    assert town.reported() == [("000000000001", 0, "02", "")]


def test_several_payments_of_one_person_carry_one_withholding_between_them(town: KyTown) -> None:
    town.asks()
    town.takes_payments(town.paid(1_000_00), town.paid(1_000_00))
    town.answers(town.agreed(1, 1_603_00))
    town.works()

    shares = sorted(town.rows("withholding_share"))

    assert [(reference, ore) for _run, _number, reference, ore in shares] == [
        ("0101-1", 1_000_00),
        ("0101-2", 603_00),
    ]
    assert town.reported() == [("000000000001", 1_603_00, "00", "0101-1")]


def test_each_municipality_is_its_own_exchange(town: KyTown) -> None:
    town.plans("0101", "0147")
    town.starts()
    town.takes_payments(town.paid(2_000_00), code="0147")
    town.answers(town.agreed(1, 1_603_00), code="0147")
    town.works()

    assert town.state("0147") is RunState.REPORTED
    assert town.state("0101") is RunState.ASKED


def test_the_bare_profile_without_start_and_end_records_goes_all_the_way(
    make_town: Callable[..., KyTown],
) -> None:
    town = make_town(profile="bare")
    town.asks()
    town.takes_payments(town.paid(2_000_00))

    assert town.answers(town.agreed(1, 1_603_00)) == "answered"
    town.works()
    town.hub_delivers(town.report_name())

    assert town.reported() == [("000000000001", 1_603_00, "00", "0101-1")]
    assert town.state() is RunState.CLOSED


def test_the_books_agree_and_the_export_says_the_same(town: KyTown) -> None:
    town.asks()
    town.takes_payments(town.paid(1_000_00), town.paid(1_000_00))
    town.answers(town.agreed(1, 1_603_00), town.agreed(2, 700_00, cpr=town.OTHER_PERSON))
    town.works()

    (books,) = town.reconciles()
    exported, content = town.exports()

    assert books.differences == []
    assert (books.answered.count, books.answered.ore) == (2, 2_303_00)
    assert (books.withheld.count, books.withheld.ore) == (2, 1_603_00)
    assert books.reported == books.withheld
    assert books.shared_ore == books.withheld.ore
    assert (exported.rows, exported.withholdings) == (3, 2), "one row per payment that is withheld from"
    assert (exported.agreed_ore, exported.withheld_ore) == (2_303_00, 1_603_00)
    assert town.exports()[0].sha256 == exported.sha256, "the same bytes each time"
    assert content.decode().splitlines()[0] == ",".join(exporting.FIELDS)


def test_books_that_were_tampered_with_do_not_agree(town: KyTown) -> None:
    town.asks()
    town.takes_payments(town.paid(1_000_00))
    town.answers(town.agreed(1, 1_603_00))
    town.works()

    town.tampers("UPDATE withholding SET withheld_ore = withheld_ore - 1")

    (books,) = town.reconciles()
    assert len(books.differences) == 2, "neither the shares nor the report fit any more"


def test_nothing_is_reconciled_for_a_day_without_runs(town: KyTown) -> None:
    town.plans("0101")
    with town.engine.connect() as tx:
        other_day = RunFilter(value_date=town.run().period_from)
        assert reconciling.reconcile(tx, other_day) == []
