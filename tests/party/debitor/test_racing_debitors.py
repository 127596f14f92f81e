"""Workers that meet at the same inquiry or the same run give one answer and settle once."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

from sf2530.debitor.states import Outcome
from sf2530.exchange.working import Work
from sf2530.records.layout import FileKind
from sf2530.records.naming import delivery_id

if TYPE_CHECKING:
    from tests.party.debitor.conftest import DebitorTown


def at_once(debitor: DebitorTown, works: Sequence[Work | None]) -> list[Outcome]:
    """Let several workers do their work at the same moment."""
    start = Barrier(len(works))

    def does(work: Work | None) -> Outcome:
        assert work is not None
        start.wait(timeout=10)
        return debitor.does(work)

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(does, works))


def test_the_same_inquiry_under_two_names_worked_on_at_once_is_answered_once(debitor: DebitorTown) -> None:
    debitor.has_agreements(count=200)
    run = debitor.run()
    for name in ("BAFORESP_0101_a.txt", "BAFORESP_0101_b.txt", "BAFORESP_0101_c.txt"):
        debitor.receives(name, debitor.inquiry_of(run))

    outcomes = at_once(debitor, [debitor.takes(owner) for owner in ("one", "two", "three")])

    assert sorted(outcomes) == [Outcome.ANSWERED, Outcome.REPEATED, Outcome.REPEATED]
    assert len(debitor.outbox()) == 1
    assert len(debitor.marks(run)) == len(debitor.answered_numbers(run)) == 200


def test_different_inquiries_worked_on_at_once_are_all_answered(debitor: DebitorTown) -> None:
    codes = ("0101", "0147", "0151", "0153")
    for code in codes:
        debitor.has_agreements(code, count=50)
        debitor.receives(f"BAFORESP_{code}_a.txt", debitor.inquiry_of(debitor.run(code)))

    outcomes = at_once(debitor, [debitor.takes(owner) for owner in codes])

    assert outcomes == [Outcome.ANSWERED] * len(codes)
    assert [len(debitor.marks(debitor.run(code))) for code in codes] == [50] * len(codes)


def test_two_reports_of_one_run_worked_on_at_once_settle_each_expectation_once(debitor: DebitorTown) -> None:
    numbers = debitor.has_agreements(count=100)
    run = debitor.run()
    debitor.is_asked(run)
    report = debitor.report_of(run, [debitor.withheld(number) for number in numbers])
    other = debitor.report_of(run, [debitor.withheld(number, 0, reason="02") for number in numbers])
    debitor.receives("KHTILBAG_0101_a.txt", report)
    debitor.receives("KHTILBAG_0101_b.txt", other)

    outcomes = at_once(debitor, [debitor.takes("one"), debitor.takes("two")])

    assert sorted(outcomes) == [Outcome.CONFLICT, Outcome.SETTLED]
    assert len(set(debitor.marks(run).values())) == 1
    assert debitor.reconciled(run).delivery_id == delivery_id(FileKind.INQUIRY, run)
