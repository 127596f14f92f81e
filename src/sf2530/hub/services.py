"""What all sessions of one hub process share: the database's two doors, the archive, rules and clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, TypeVar

import sqlalchemy as sa

from sf2530.database.content import ContentDirectory, Spool
from sf2530.database.engines import reading
from sf2530.denmark.business_time import Clock
from sf2530.hub.committing import Committer
from sf2530.hub.delivering import Rules
from sf2530.hub.handles import UploadsUnderWay
from sf2530.hub.settings import HubSettings

Result = TypeVar("Result")

_READERS: Final = 4


class Reader:
    """Asks the database in a few threads of its own, so that no session holds up another."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._threads = ThreadPoolExecutor(_READERS, thread_name_prefix="hub-reader")

    async def ask(self, query: Callable[[sa.Connection], Result]) -> Result:
        """Run `query` in a transaction that only reads."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._answer, query)

    def stop(self) -> None:
        """Let what was asked be answered, then end the threads."""
        self._threads.shutdown()

    def _answer(self, query: Callable[[sa.Connection], Result]) -> Result:
        with reading(self._engine) as tx:
            return query(tx)


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything a session needs, made once for each hub process."""

    settings: HubSettings
    rules: Rules
    reader: Reader
    committer: Committer
    under_way: UploadsUnderWay
    clock: Clock

    @property
    def directory(self) -> ContentDirectory | None:
        """Give the folder of large content; None where it goes into the database."""
        return self.rules.directory

    def spool(self) -> Spool:
        """Give a place to write an upload to."""
        return self.directory.spool() if self.directory else Spool()
