"""The working pass: hand what is registered to the party's handler, one lease and one transaction per file.

The hub need not be reachable for it. A handler that raises is tried again later, ever more slowly, and the
file is quarantined with an alarm after the last try; so is a file whose work kills its process again and
again. Wrong data are not a failure: the party decides about them and says `processed`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy import Connection, Engine

from sf2530 import crashing
from sf2530.database.engines import reading
from sf2530.database.leases import Lease, LeaseLost
from sf2530.errors import Sf2530Error, UnreachableError
from sf2530.exchange import incoming
from sf2530.exchange.desk import Desk, described
from sf2530.exchange.incoming import IncomingFile
from sf2530.exchange.tables import incoming_file

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One file to be worked on: what it is, its archived bytes, and the lease that `processed` asks for."""

    engine: Engine
    file: IncomingFile
    lease: Lease
    content: bytes
    now: datetime


Handler = Callable[[Work], None]
"""A party's work on one file: synchronous, in a thread, ended by `incoming.processed` in its transaction."""


class HandlerUnfinished(Sf2530Error):
    """A handler returned without saying `processed`: a mistake in the program."""

    code = "handler-unfinished"


async def work(desk: Desk, handler: Handler) -> int:
    """Work on the files that wait, at most `handlers_at_once` of them; give how many were tried.

    Raises UnreachableError (the database, or what the handler needs) with the file given back untried.
    """
    held = await desk.commit(partial(_take, desk=desk))
    if not held:
        return 0
    async with desk.keeping(incoming_file, held):
        problems = await asyncio.gather(
            *(asyncio.to_thread(_work_on, desk, handler, lease) for lease in held), return_exceptions=True
        )
    for problem in problems:
        if isinstance(problem, BaseException):
            raise problem
    return len(held)


def _take(tx: Connection, now: datetime, *, desk: Desk) -> list[Lease]:
    incoming.set_aside_fatal(tx, retry=desk.retry, now=now)
    settings = desk.settings
    return incoming.take(
        tx, owner=desk.owner, now=now, seconds=settings.lease_seconds, limit=settings.handlers_at_once
    )


def _work_on(desk: Desk, handler: Handler, lease: Lease) -> None:
    try:
        _handle(desk, handler, lease)
    except LeaseLost:
        _log.info("work-overtaken", file=lease.id)
    except UnreachableError:
        _end(desk, lease, None)
        raise
    except Exception as error:  # noqa: BLE001  whatever it is, it is this file's alone and goes on its row
        _log.error("work-failed", file=lease.id, error=described(error))
        _end(desk, lease, error)


def _handle(desk: Desk, handler: Handler, lease: Lease) -> None:
    with reading(desk.engine) as tx:
        file, content = incoming.load(tx, lease.id)
    handler(Work(engine=desk.engine, file=file, lease=lease, content=content, now=desk.clock()))
    crashing.reached("after-processing")
    with reading(desk.engine) as tx:
        if incoming.is_unfinished(tx, lease):
            raise HandlerUnfinished("the handler returned without `processed`", where=file.name)
    _log.info("file-processed", file=file.name)


def _end(desk: Desk, lease: Lease, error: Exception | None) -> None:
    """Give the file back: untried if there is no error, else with the error on its row."""
    try:
        with desk.engine.begin() as tx:
            now = desk.clock()
            if error is None:
                incoming.let_go(tx, lease, now=now)
            else:
                incoming.note_failed(tx, lease, error=described(error), retry=desk.retry, now=now)
    except LeaseLost:
        _log.info("work-overtaken", file=lease.id)
