"""A party at the exchange: it fetches, works, sends, takes receipts and deletes, until told to stop.

Three loops run side by side, each made of small passes that may be cut off anywhere: one looks into `IN`
(receipts, new files, deletions), one sends, one works. The working loop needs no hub. They wake each
other: what is registered is worked on at once, what is answered is sent at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from sqlalchemy import Engine

from sf2530.denmark.business_time import Clock, utc_now
from sf2530.exchange.bell import Bell
from sf2530.exchange.connecting import MailboxError, MailboxKeyWrong, address, own_key
from sf2530.exchange.deleting import delete
from sf2530.exchange.desk import Desk, described
from sf2530.exchange.fetching import fetch
from sf2530.exchange.mailbox import Mailbox
from sf2530.exchange.outage import Outage
from sf2530.exchange.patience import Patience
from sf2530.exchange.receipts import ReceiptHooks, take_receipts
from sf2530.exchange.sending import send
from sf2530.exchange.settings import ExchangeSettings
from sf2530.exchange.working import Handler, Work, work

__all__ = ["Handler", "Participant", "ReceiptHooks", "Work"]

_log = structlog.get_logger()
_Pass = Callable[[], Awaitable[int]]
_SENDING, _RECEIVING = "sending", "receiving"


class Participant:
    """One process of a party. Any number of them may run against the party's one database.

    `handler` works on each file that comes in (see `working.Handler`); `hooks` are told, in the same
    transaction, of files of ours that were delivered or refused.
    """

    def __init__(
        self,
        engine: Engine,
        settings: ExchangeSettings,
        *,
        handler: Handler,
        hooks: ReceiptHooks | None = None,
        clock: Clock = utc_now,
    ) -> None:
        self._desk = Desk(engine=engine, settings=settings, clock=clock)
        self._handler = handler
        self._hooks = hooks or ReceiptHooks()
        self._patience = Patience(
            first_wait_seconds=settings.poll_seconds, alarm_seconds=settings.incomplete_alarm_seconds
        )
        self._sending, self._receiving, self._working = Bell(), Bell(), Bell()
        self._reconnecting = Bell()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._connected = False
        self._has_served = False

    def wake(self) -> None:
        """Look at once instead of at the next poll: something was put into the outbox. From any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._ring_for_work)

    async def run(self, stop: asyncio.Event) -> None:
        """Take part until `stop` is set; then finish the passes that are under way.

        Logs `serving` when the hub is reached for the first time. Outages of hub and database are waited
        out. Raises MailboxKeyWrong if our key can't be used from the start.
        """
        own_key(self._desk.settings.mailbox)
        self._loop = asyncio.get_running_loop()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._repeat(self._work, self._working, stop.is_set))
                connection = tasks.create_task(self._stay_connected(stop))
                tasks.create_task(self._end_when(stop, connection))
        finally:
            self._loop = None

    async def _stay_connected(self, stop: asyncio.Event) -> None:
        outage = Outage(self._desk)
        while not stop.is_set():
            try:
                await self._exchange(outage, stop)
            except (MailboxError, MailboxKeyWrong) as error:  # the database's outages are the passes' own
                await self._reconnecting.wait(await outage.goes_on(error))

    async def _exchange(self, outage: Outage, stop: asyncio.Event) -> None:
        async with Mailbox(self._desk.settings.mailbox) as mailbox:
            self._connected = True
            try:
                await self._use(mailbox, outage, stop)
            finally:
                self._connected = False

    async def _use(self, mailbox: Mailbox, outage: Outage, stop: asyncio.Event) -> None:
        outage.connected((_SENDING, _RECEIVING))
        if not self._has_served:
            self._has_served = True
            _log.info("serving", hub=address(self._desk.settings.mailbox))
        await self._run_both(mailbox, outage, stop)

    async def _run_both(self, mailbox: Mailbox, outage: Outage, stop: asyncio.Event) -> None:
        """Send and receive until told to stop, or until the connection is gone.

        A loop is never cancelled: it meets the broken connection by itself, and gives its leases back.
        """
        over = asyncio.Event()

        def ended() -> bool:
            return stop.is_set() or over.is_set()

        async def sending() -> int:
            sent = await send(mailbox, self._desk)
            await outage.proved(_SENDING)
            return sent

        async def receiving() -> int:
            received = await self._receive(mailbox)
            await outage.proved(_RECEIVING)
            return received

        loops = [
            asyncio.create_task(self._repeat(sending, self._sending, ended)),
            asyncio.create_task(self._repeat(receiving, self._receiving, ended)),
        ]
        try:
            await asyncio.wait(loops, return_when=asyncio.FIRST_EXCEPTION)
        finally:
            over.set()
            if not stop.is_set():
                mailbox.abort()
            self._ring_for_work()
            outcomes = await asyncio.gather(*loops, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    async def _receive(self, mailbox: Mailbox) -> int:
        """Look into `IN` once, and deal with what lies there."""
        listed_at = self._desk.clock()
        listing = await mailbox.list_incoming()
        receipts = await take_receipts(
            mailbox, self._desk, listing, hooks=self._hooks, patience=self._patience
        )
        if receipts:
            self._sending.ring()  # a hook may have put something into the outbox
        fetched = await fetch(mailbox, self._desk, listing, patience=self._patience)
        if fetched:
            self._working.ring()
        deleted = await delete(mailbox, self._desk, listing, listed_at=listed_at)
        return receipts + fetched + deleted

    async def _work(self) -> int:
        done = await work(self._desk, self._handler)
        if done:
            self._sending.ring()
            self._receiving.ring()
        return done

    async def _repeat(self, one_pass: _Pass, bell: Bell, ended: Callable[[], bool]) -> None:
        """Run passes for as long as they find something; then wait for the bell or the next poll.

        A pass that fails (the database is away, a mistake in the program) is tried again after a wait; a
        broken connection is the caller's.
        """
        failures = 0
        while not ended():
            try:
                found = await one_pass()
                failures = 0
            except MailboxError:
                raise
            except Exception as error:  # noqa: BLE001  one failed pass must not end the party
                failures += 1
                _log.error("pass-failed", error=described(error), failures=failures)
                await bell.wait(self._desk.retry.delay(failures).total_seconds())
                continue
            if not found:
                await bell.wait(self._desk.settings.poll_seconds)

    async def _end_when(self, stop: asyncio.Event, connection: asyncio.Task[None]) -> None:
        """Let everything that is under way finish; a hub that does not answer is not waited for."""
        await stop.wait()
        self._ring_for_work()
        self._reconnecting.ring()
        if not self._connected:
            connection.cancel()

    def _ring_for_work(self) -> None:
        for bell in (self._sending, self._receiving, self._working):
            bell.ring()
