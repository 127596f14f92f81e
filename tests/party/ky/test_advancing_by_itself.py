"""The loop beside the exchange: it advances runs at once when told, at every poll otherwise, and stops."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sf2530.ky.states import RunState
from sf2530.ky.worker import Advancer

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
