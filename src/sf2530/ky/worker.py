"""KY as a service: it takes part in the exchange, and lets runs advance by themselves. Start here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

import structlog
from sqlalchemy import Engine

from sf2530.denmark.business_time import Clock, utc_now
from sf2530.exchange.desk import Desk, described
from sf2530.exchange.participant import Participant, Work
from sf2530.ky.advancing import advance
from sf2530.ky.envelopes import Terms
from sf2530.ky.receipting import receipt_hooks
from sf2530.ky.receiving import Outcome, receive
from sf2530.ky.settings import KySettings

_log = structlog.get_logger()


async def serve(engine: Engine, settings: KySettings, stop: asyncio.Event, *, clock: Clock = utc_now) -> None:
    """Take part until `stop` is set. Any number of processes may serve the same database.

    Raises MailboxKeyWrong if our key can't be used from the start.
    """
    terms = settings.terms()
    advancer = Advancer(Desk(engine=engine, settings=settings.exchange, clock=clock), terms)

    def handle(work: Work) -> None:
        if receive(work, terms=terms) is Outcome.ANSWERED:
            advancer.wake()

    participant = Participant(
        engine, settings.exchange, handler=handle, hooks=receipt_hooks(clock), clock=clock
    )
    beside = asyncio.create_task(advancer.run(stop, done=participant.wake))
    try:
        await participant.run(stop)
    finally:
        stop.set()  # also if our key can't be used: then nobody else says so
        await beside


class Advancer:
    """The loop beside the exchange: steps of `advance`, at once when an answer came, else at every poll."""

    def __init__(self, desk: Desk, terms: Terms) -> None:
        self._desk = desk
        self._terms = terms
        self._due = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def wake(self) -> None:
        """Look at once. From any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._due.set)

    async def run(self, stop: asyncio.Event, *, done: Callable[[], None]) -> None:
        """Advance runs until `stop` is set, calling `done` after each step. Waits out lost databases."""
        self._loop = asyncio.get_running_loop()
        stopper = asyncio.create_task(self._wake_at(stop))
        try:
            while not stop.is_set():
                self._due.clear()  # before looking: what comes meanwhile must not be slept over
                if await self._step():
                    done()
                else:
                    await self._wait()
        finally:
            stopper.cancel()

    async def _step(self) -> bool:
        try:
            return await asyncio.to_thread(advance, self._desk, terms=self._terms)
        except Exception as error:  # noqa: BLE001  the database, or a mistake: the service goes on
            _log.error("advancing-failed", error=described(error))
            return False

    async def _wait(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._desk.settings.poll_seconds):
                await self._due.wait()

    async def _wake_at(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._due.set()
