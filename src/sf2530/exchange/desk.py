"""A party's mail desk: what each pass over the mailbox needs to know, and leases kept while it works."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import PurePath
from traceback import extract_tb
from typing import TypeVar

import sqlalchemy as sa
import structlog
from sqlalchemy import Connection, Engine

from sf2530.database import leases
from sf2530.database.leases import Lease, LeaseLost, RetryPolicy
from sf2530.denmark.business_time import Clock, utc_now
from sf2530.errors import Sf2530Error
from sf2530.exchange.settings import ExchangeSettings

_log = structlog.get_logger()
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")
_FRAMES_TOLD = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One process's seat at the exchange: its database, its settings, its clock, its name on leases."""

    engine: Engine
    settings: ExchangeSettings
    clock: Clock = utc_now
    owner: str = field(default_factory=leases.owner_name)

    @property
    def own_name(self) -> str:
        """Our SFTP user, which is our address."""
        return self.settings.mailbox.user

    @property
    def retry(self) -> RetryPolicy:
        """How failed work is tried again."""
        return RetryPolicy(
            attempts=self.settings.tries_before_quarantine,
            first_seconds=self.settings.first_retry_seconds,
            longest_seconds=self.settings.longest_retry_seconds,
        )

    def portions(self, items: Sequence[_Item]) -> list[Sequence[_Item]]:
        """Cut a list into portions of as many as are handled at once."""
        size = self.settings.files_at_once
        return [items[first : first + size] for first in range(0, len(items), size)]

    async def commit(self, verb: Callable[[Connection, datetime], _Result]) -> _Result:
        """Run `verb(tx, now)` in one transaction, in a thread: the event loop waits for no database."""
        return await asyncio.to_thread(self._commit, verb)

    def _commit(self, verb: Callable[[Connection, datetime], _Result]) -> _Result:
        with self.engine.begin() as tx:
            return verb(tx, self.clock())

    @asynccontextmanager
    async def keeping(self, table: sa.Table, held: Sequence[Lease]) -> AsyncIterator[None]:
        """Renew leases for as long as the work inside takes, so that they can be short."""
        keeper = asyncio.create_task(self._keep(table, held))
        try:
            yield
        finally:
            keeper.cancel()
            await asyncio.wait([keeper])

    async def _keep(self, table: sa.Table, held: Sequence[Lease]) -> None:
        while True:
            await asyncio.sleep(self.settings.lease_seconds / 3)
            for lease in held:
                try:
                    await self.commit(partial(self._renew, table=table, lease=lease))
                except LeaseLost:  # finished meanwhile, or taken over: its own write will tell
                    continue
                except Exception as error:  # noqa: BLE001  whatever it is, the next renewal may succeed
                    _log.warning("lease-not-renewed", error=described(error))

    def _renew(self, tx: Connection, now: datetime, *, table: sa.Table, lease: Lease) -> None:
        leases.renew(tx, table, lease, now=now, seconds=self.settings.lease_seconds)


def described(error: BaseException) -> str:
    """Say what an error is, for rows and logs: our own in words, a foreign one only by type and places.

    Foreign texts may repeat what was in a file.
    """
    if isinstance(error, Sf2530Error):
        return f"{error.code}: {error.what}"
    frames = reversed(extract_tb(error.__traceback__)[-_FRAMES_TOLD:])
    places = " < ".join(f"{PurePath(frame.filename).name}:{frame.lineno}" for frame in frames)
    return f"{type(error).__name__} ({places})"
