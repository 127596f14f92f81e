"""What the hub does by itself: ends waits, turns out whose key was taken back, and sweeps the archive."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta
from functools import partial
from typing import Final

import sqlalchemy as sa
import structlog

from sf2530.database.content import sweep
from sf2530.errors import UnreachableError
from sf2530.hub import keys, receiving, uploads
from sf2530.hub.server import Guests
from sf2530.hub.services import Services
from sf2530.language import _

_ROUND_SECONDS: Final = 0.5
_SWEEP_EVERY: Final = timedelta(hours=1)

_log = structlog.get_logger()


async def work(services: Services, guests: Guests, engine: sa.Engine) -> None:
    """Go round until cancelled. A database that is away is waited for."""
    next_sweep = services.clock()
    while True:
        try:
            await settle_overdue(services)
            await turn_out_the_revoked(services, guests)
            if services.clock() >= next_sweep:
                next_sweep = services.clock() + _SWEEP_EVERY
                await _sweep(services, engine)
        except UnreachableError as error:
            _log.warning("round-skipped", error=error.code)
        await asyncio.sleep(_ROUND_SECONDS)


async def settle_overdue(services: Services) -> None:
    """Decide on triggers that have waited long enough for their data file."""
    now = services.clock()
    if await services.reader.ask(lambda tx: bool(uploads.overdue(tx, now=now, limit=1))):
        settled = await services.committer.commit(
            partial(receiving.settle_overdue, rules=services.rules, now=now)
        )
        _log.info("waits-ended", triggers=settled)


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
    with contextlib.suppress(FileNotFoundError):
        removed = await asyncio.to_thread(sweep, engine, services.directory, now=services.clock())
        if removed:
            _log.info("swept", files=removed)
