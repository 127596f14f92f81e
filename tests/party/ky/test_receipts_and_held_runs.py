"""What the platform's receipts do to a run, in whatever order they come, and how a held run goes on."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from sf2530.exchange import outgoing
from sf2530.exchange.states import OutgoingState
from sf2530.ky.resuming import RunNotHeld, resume
from sf2530.ky.states import RunState

if TYPE_CHECKING:
    from tests.party.ky.conftest import KyTown


def test_an_answer_that_overtakes_the_receipt_is_accepted(town: KyTown) -> None:
    town.asks()
    town.answers(town.agreed(1, 1_603_00))
    town.clock.passes(5)

    town.hub_delivers(town.inquiry_name())

    run = town.run()
    assert run.state is RunState.ANSWERED
    assert run.delivered_at == datetime(2026, 11, 23, 9, 0, 5, tzinfo=UTC)


def test_a_receipt_for_a_file_of_no_run_is_no_concern_of_ours(town: KyTown) -> None:
    with town.engine.begin() as tx:
        outgoing.put(
            tx,
            name="hello.txt",
            content=b"hello",
            recipient="UDKDEB",
            senders_file_id="hello",
            subject="hello",
            now=town.clock(),
        )

    town.asks()

    town.hub_delivers("hello.txt")

    assert town.state() is RunState.ASKED
    assert town.alarms() == []


def test_an_inquiry_the_platform_refuses_holds_the_run(town: KyTown) -> None:
    town.asks()

    town.hub_refuses(town.inquiry_name())

    run = town.run()
    assert run.state is RunState.HELD
    assert "NoRoute" in (run.problem or "")


def test_a_held_inquiry_is_sent_again_with_the_same_bytes_when_resumed(town: KyTown) -> None:
    town.asks()
    before = town.outbox()
    town.hub_refuses(town.inquiry_name())
    town.clock.passes(3_600)

    state = resume(town.engine, town.key(), now=town.clock())

    assert state is RunState.ASKED
    assert town.outbox() == before
    with town.engine.connect() as tx:
        file = outgoing.find(tx, name=town.inquiry_name())
    assert file is not None
    assert file.state is OutgoingState.WAITING
    town.hub_delivers(town.inquiry_name())
    assert town.state() is RunState.DELIVERED
    assert town.run().problem is None


def test_resuming_locks_the_file_before_the_run_as_receipts_do(town: KyTown) -> None:
    town.asks()
    town.hub_refuses(town.inquiry_name())
    looked_at: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        looked_at.extend(re.findall(r"FROM (outgoing_file|payout_run)", statement))

    event.listen(town.engine, "before_cursor_execute", note)
    resume(town.engine, town.key(), now=town.clock())

    assert looked_at.index("outgoing_file") < looked_at.index("payout_run")


def test_a_report_the_platform_refuses_holds_the_run_until_it_comes_through(town: KyTown) -> None:
    town.asks()
    town.takes_payments(town.paid(2_000_00))
    town.answers(town.agreed(1, 1_603_00))
    town.works()

    town.hub_refuses(town.report_name())
    assert town.state() is RunState.HELD

    resume(town.engine, town.key(), now=town.clock())
    assert town.state() is RunState.REPORTED
    town.hub_delivers(town.report_name())
    assert town.state() is RunState.CLOSED


def test_a_late_refusal_of_the_inquiry_does_not_hold_a_run_that_is_reported(town: KyTown) -> None:
    town.asks()
    town.takes_payments(town.paid(2_000_00))
    town.answers(town.agreed(1, 1_603_00))
    town.works()

    town.hub_refuses(town.inquiry_name())

    assert town.state() is RunState.REPORTED
    town.hub_delivers(town.report_name())
    assert town.state() is RunState.CLOSED


def test_only_a_held_run_can_be_resumed(town: KyTown) -> None:
    town.asks()

    with pytest.raises(RunNotHeld):
        resume(town.engine, town.key(), now=town.clock())


def test_a_late_receipt_of_the_report_does_not_hide_that_it_was_rejected(town: KyTown) -> None:
    town.asks()
    town.takes_payments(town.paid(2_000_00))
    town.answers(town.agreed(1, 1_603_00))
    town.works()
    town.receives(town.rejects_report(), name="BAAFVIS_KHTILBAG_0101_20261130_MD01.txt")

    town.hub_delivers(town.report_name())

    assert town.state() is RunState.REJECTED


def test_what_the_platform_says_is_masked_before_it_is_kept(town: KyTown) -> None:
    town.asks()

    town.hub_refuses(town.inquiry_name(), why="NoRoute for 6101901234")

    problem = town.run().problem or ""
    assert "NoRoute for" in problem
    assert "1234" not in problem
