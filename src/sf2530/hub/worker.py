"""What the hub does by itself: ends waits, turns out whose key was taken back, and sweeps the archive."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import sqlalchemy as sa
import structlog

from sf2530.database.content import sweep
from sf2530.database.errors import DatabaseUnreachable
from sf2530.errors import UnreachableError
from sf2530.hub import keys, receiving, uploads
from sf2530.hub.server import Guests
from sf2530.hub.services import Services
from sf2530.hub.uploads import Upload
from sf2530.language import _

_ROUND_SECONDS: Final = 0.5
_SWEEP_EVERY: Final = timedelta(hours=1)
_OVERDUE_AT_ONCE: Final = 100
_SETTLE_AGAIN: Final = timedelta(minutes=1)  # a trigger that could not be decided on for a fault of ours

_log = structlog.get_logger()


async def work(services: Services, guests: Guests, engine: sa.Engine) -> None:
    """Go round until cancelled. A duty that fails is logged, comes again, and holds no other up."""
    next_sweep = services.clock()
    while True:
        await _do("wait-not-ended", partial(settle_overdue, services))
        await _do("keys-not-checked", partial(turn_out_the_revoked, services, guests))
        if services.clock() >= next_sweep:
            next_sweep = services.clock() + _SWEEP_EVERY
            await _do("not-swept", partial(_sweep, services, engine))
        await asyncio.sleep(_ROUND_SECONDS)


async def _do(failure: str, duty: Callable[[], Awaitable[None]]) -> None:
    try:
        await duty()
    except UnreachableError as error:  # of the database or the archive's disk: it is waited for
        _log.warning(failure, error=error.code)
    except Exception:  # noqa: BLE001  whatever it is, the other duties must go on
        _log.exception(failure)


async def settle_overdue(services: Services) -> None:
    """Decide on triggers that have waited long enough for their data file, each by itself.

    One that can't be decided on for a fault of ours is logged, and tried again a while later. Raises
    DatabaseUnreachable.
    """
    now = services.clock()
    overdue = await services.reader.ask(partial(uploads.overdue, now=now, limit=_OVERDUE_AT_ONCE))
    await asyncio.gather(*(_settle(services, file, now) for file in overdue))


async def _settle(services: Services, file: Upload, now: datetime) -> None:
    settle = partial(receiving.settle, upload_id=file.id, rules=services.rules, now=now)
    try:
        if await services.committer.commit(settle):
            _log.info("wait-ended", file=file.name)
    except DatabaseUnreachable:
        raise
    except Exception:  # noqa: BLE001  whatever it is, the other triggers must be decided on
        _log.exception("wait-not-ended", file=file.name)
        until = now + _SETTLE_AGAIN
        await services.committer.commit(partial(uploads.postpone, upload_id=file.id, now=now, until=until))


async def turn_out_the_revoked(services: Services, guests: Guests) -> None:
    """End the sessions of keys and systems that may no longer come in."""
    key_ids = {guest.key_id for guest in guests}
    if not key_ids:
        return
    valid = await services.reader.ask(partial(keys.still_valid, key_ids=key_ids, now=services.clock()))
    for guest in guests:
        if guest.key_id in key_ids - valid:
            _log.warning("turned-out", system=guest.entrance.system, address=guest.address)
            guest.turn_out(_("The key or the system may no longer be used."))


async def _sweep(services: Services, engine: sa.Engine) -> None:
    if services.directory is None:
        return
    removed = await asyncio.to_thread(sweep, engine, services.directory, now=services.clock())
    if removed:
        _log.info("swept", files=removed)
