"""Several workers, crashes between the steps, and steps that keep failing."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from sf2530.database.errors import DatabaseUnreachable
from sf2530.database.leases import LeaseLost
from sf2530.ky import advancing, runs
from sf2530.ky.advancing import advance
from sf2530.ky.receiving import receive
from sf2530.ky.resuming import resume
from sf2530.ky.runs import RunChangedMeanwhile
from sf2530.ky.states import MoveNotAllowed, RunState

if TYPE_CHECKING:
    from tests.party.ky.conftest import KyTown

LEASE_SECONDS = 60


@pytest.fixture
def ready(town: KyTown) -> KyTown:
    """Give a KY with an answered run whose payments are there."""
    town.asks()
    town.takes_payments(town.paid(2_000_00))
    town.answers(town.agreed(1, 1_603_00))
    return town


def test_a_crash_between_allocating_and_reporting_is_picked_up(ready: KyTown) -> None:
    assert advance(ready.desk(), terms=ready.terms)
    assert ready.state() is RunState.ALLOCATED  # and here the process dies

    assert ready.works() == 1
    assert ready.state() is RunState.REPORTED


def test_a_worker_that_dies_with_a_lease_is_replaced_when_it_ends(
    ready: KyTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(advancing, "withhold", dies)
        with pytest.raises(SystemExit):
            advance(ready.desk(), terms=ready.terms)

    assert ready.works() == 0, "the lease still stands"
    ready.clock.passes(LEASE_SECONDS + 1)
    assert ready.works() == 2
    assert ready.state() is RunState.REPORTED


def test_two_workers_at_once_report_each_run_once(town: KyTown) -> None:
    codes = ("0101", "0147", "0151", "0153", "0155", "0157")
    town.plans(*codes)
    town.starts()
    for code in codes:
        town.takes_payments(town.paid(2_000_00), code=code)
        town.answers(town.agreed(1, 1_603_00), code=code)

    workers = [threading.Thread(target=town.works) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    town.works()

    assert {town.state(code) for code in codes} == {RunState.REPORTED}
    assert len(town.rows("withholding")) == len(codes)
    assert len(town.outbox()) == 2 * len(codes)


def test_two_workers_with_the_same_answer_store_it_once(town: KyTown) -> None:
    town.asks()
    name = "BASVAR_0101_20261130_MD01.txt"
    town.registers(town.answer(town.agreed(1, 1_603_00)), name=name)
    slow = town.work(town.takes_incoming("slow"))
    town.clock.passes(LEASE_SECONDS + 1)

    assert town.works_on_incoming() == "answered"
    with pytest.raises(LeaseLost):
        receive(slow, terms=town.terms)

    assert len(town.rows("answered_agreement")) == 1
    assert town.alarms() == []


def test_a_step_that_keeps_failing_holds_the_run_with_an_alarm(
    ready: KyTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(advancing, "withhold", fails)
        for _attempt in range(5):
            ready.works()
            ready.clock.passes(3_600)

    assert ready.state() is RunState.HELD
    assert ready.alarms() == ["run-held"]
    assert ready.run().problem
    assert "6101901234" not in (ready.run().problem or "")

    resume(ready.engine, ready.key(), now=ready.clock())
    ready.works()
    assert ready.state() is RunState.REPORTED
    assert ready.alarms() == []


def test_a_step_that_keeps_killing_its_worker_holds_the_run(
    ready: KyTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(advancing, "withhold", dies)
    for _attempt in range(3):
        with pytest.raises(SystemExit):
            advance(ready.desk(), terms=ready.terms)
        ready.clock.passes(LEASE_SECONDS + 1)

    assert not advance(ready.desk(), terms=ready.terms)
    assert ready.state() is RunState.HELD
    assert ready.alarms() == ["run-held"]


def test_outages_of_the_database_never_hold_a_run(ready: KyTown, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(advancing, "withhold", finds_no_database)
        for _outage in range(10):
            with pytest.raises(DatabaseUnreachable):
                advance(ready.desk(), terms=ready.terms)
            ready.clock.passes(LEASE_SECONDS + 1)

    assert ready.works() == 2
    assert ready.state() is RunState.REPORTED
    assert ready.alarms() == []


def test_withholdings_that_do_not_fit_the_answer_are_never_written(ready: KyTown) -> None:
    ready.tampers("UPDATE payout_run SET agreements = 2")
    for _attempt in range(5):
        ready.works()
        ready.clock.passes(3_600)

    assert ready.state() is RunState.HELD
    assert ready.rows("withholding") == []


def test_a_move_that_the_state_machine_does_not_hold_writes_nothing(ready: KyTown) -> None:
    with pytest.raises(MoveNotAllowed), ready.engine.begin() as tx:
        runs.move(tx, ready.run(), to=RunState.CLOSED, now=ready.clock())

    assert ready.state() is RunState.ANSWERED


def test_a_run_that_moved_meanwhile_is_not_moved_again(ready: KyTown) -> None:
    seen_before = ready.run()
    ready.works()

    with pytest.raises(RunChangedMeanwhile), ready.engine.begin() as tx:
        runs.move(tx, seen_before, to=RunState.HELD, now=ready.clock())

    assert ready.state() is RunState.REPORTED


def dies(*_arguments: Any, **_options: Any) -> None:
    raise SystemExit  # passes every handler of errors, as SIGKILL would


def finds_no_database(*_arguments: Any, **_options: Any) -> None:
    raise DatabaseUnreachable("another process has been writing for too long", where="test")


def fails(*_arguments: Any, **_options: Any) -> None:
    message = "about 6101901234"
    raise RuntimeError(message)
