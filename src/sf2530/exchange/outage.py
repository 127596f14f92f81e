"""An outage of the hub: wait longer each time, log it once, alarm when it lasts.

A hub that logs us in and then drops us, or is stuck, is out too.
"""

from __future__ import annotations

import random
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Connection

from sf2530.errors import Sf2530Error, UnreachableError
from sf2530.exchange.alarms import close_alarms, raise_alarm
from sf2530.exchange.connecting import HostKeyRefused, MailboxKeyWrong, MailboxRefused, address
from sf2530.exchange.desk import Desk
from sf2530.language import _

_log = structlog.get_logger()
_FIRST_WAIT_SECONDS = 0.5
_LONGEST_WAIT_SECONDS = 60.0
_LASTING = (HostKeyRefused, MailboxRefused, MailboxKeyWrong)
_CODES = ("hub-unreachable", *(each.code for each in _LASTING))


class Outage:
    """Keeps count of failed tries to reach the hub."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._where = address(desk.settings.mailbox)
        self._since: datetime | None = None
        self._tries = 0
        self._unproven: set[str] = set()
        self._is_over = False

    def connected(self, loops: Collection[str]) -> None:
        """Note a login. It proves little: the outage is over when a pass of each of these loops succeeds."""
        self._unproven = set(loops)
        self._is_over = False

    async def proved(self, loop: str) -> None:
        """Note that a whole pass of a loop has succeeded over this connection."""
        self._unproven.discard(loop)
        if not self._unproven and not self._is_over:
            await self._over()
            self._is_over = True

    async def _over(self) -> None:
        await self._desk.commit(self._close)
        if self._since is not None:
            _log.info("hub-reached-again", hub=self._where, tries=self._tries)
        self._since, self._tries = None, 0

    async def goes_on(self, error: Sf2530Error) -> float:
        """Note a failed try, or a connection that broke; give the seconds to wait before the next.

        The wait doubles up to a minute, and is then somewhere between half and all of that: so that many
        parties do not come back at the same moment.
        """
        now = self._desk.clock()
        if self._since is None:
            self._since = now
            _log.warning("hub-not-reached", hub=self._where, error=error.code, why=error.what)
        self._tries += 1
        if self._is_for_a_person(error, now):
            with suppress(UnreachableError):  # the database may be away too; the next try raises it
                await self._desk.commit(partial(self._raise, error=error))
        wait = min(_FIRST_WAIT_SECONDS * 2.0 ** min(self._tries - 1, 30), _LONGEST_WAIT_SECONDS)
        return wait * random.uniform(0.5, 1.0)  # noqa: S311  spreads load, guards nothing

    def _is_for_a_person(self, error: Sf2530Error, now: datetime) -> bool:
        if isinstance(error, _LASTING):
            return True  # waiting alone will hardly mend it
        patience = timedelta(seconds=self._desk.settings.unreachable_alarm_seconds)
        return self._since is not None and now - self._since >= patience

    def _raise(self, tx: Connection, now: datetime, *, error: Sf2530Error) -> None:
        raise_alarm(
            tx,
            code=error.code if isinstance(error, _LASTING) else "hub-unreachable",
            subject=self._where,
            text=_("The platform can't be used: %(why)s") % {"why": error.what},
            remedy=error.remedy,
            now=now,
        )

    def _close(self, tx: Connection, now: datetime) -> None:
        close_alarms(tx, codes=_CODES, subject=self._where, now=now)
