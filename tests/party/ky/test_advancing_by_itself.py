"""The loop beside the exchange: it advances runs at once when told, at every poll otherwise, and stops."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sf2530.exchange.connecting import MailboxKeyWrong
from sf2530.ky.settings import KySettings
from sf2530.ky.states import RunState
from sf2530.ky.worker import Advancer, serve

if TYPE_CHECKING:
    from tests.party.ky.conftest import KyTown


async def test_runs_advance_by_themselves_until_the_service_stops(town: KyTown) -> None:
    town.asks()
    town.takes_payments(town.paid(2_000_00))
    town.answers(town.agreed(1, 1_603_00))
    stop, reported = asyncio.Event(), asyncio.Event()
    steps = []

    def stepped() -> None:
        steps.append(town.state())
        if steps[-1] is RunState.REPORTED:
            reported.set()

    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        tasks.create_task(Advancer(town.desk(), town.terms).run(stop, done=stepped))
        await reported.wait()
        stop.set()

    assert steps == [RunState.ALLOCATED, RunState.REPORTED]


async def test_a_key_that_can_not_be_used_ends_the_service_with_its_own_error(
    town: KyTown, tmp_path: Path
) -> None:
    mailbox = town.desk().settings.mailbox.model_copy(update={"key_file": tmp_path / "no-such-key"})
    exchange = town.desk().settings.model_copy(update={"mailbox": mailbox})

    async with asyncio.timeout(20):
        with pytest.raises(MailboxKeyWrong):
            await serve(town.engine, KySettings(exchange=exchange), asyncio.Event(), clock=town.clock)


async def test_a_waiting_loop_looks_at_once_when_it_is_woken(town: KyTown) -> None:
    town.asks()
    town.takes_payments(town.paid(2_000_00))
    stop, reported = asyncio.Event(), asyncio.Event()
    advancer = Advancer(town.desk(), town.terms)  # its poll is 30 seconds

    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        tasks.create_task(advancer.run(stop, done=reported.set))
        await asyncio.to_thread(town.answers, town.agreed(1, 1_603_00))
        await asyncio.to_thread(advancer.wake)
        await reported.wait()
        stop.set()
