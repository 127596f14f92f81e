"""Run a hub: `async with serving(settings) as hub`, in a process of its own or inside a test."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import asyncssh
import sqlalchemy as sa
import structlog

from sf2530.database.content import ContentDirectory
from sf2530.database.opening import opened
from sf2530.denmark.business_time import Clock, utc_now
from sf2530.hub.committing import Committer
from sf2530.hub.delivering import Rules
from sf2530.hub.handles import UploadsUnderWay
from sf2530.hub.server import Guests, host_key_line, listen, read_host_keys
from sf2530.hub.services import Reader, Services
from sf2530.hub.settings import HubSettings
from sf2530.hub.worker import work
from sf2530.language import _

MIGRATIONS: Final = "sf2530.hub.migrations"
_GOODBYE_SECONDS: Final = 5.0

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningHub:
    """A hub that serves. `host_key` is the public key line that clients pin."""

    host: str
    port: int
    host_key: str
    services: Services
    engine: sa.Engine


@asynccontextmanager
async def serving(settings: HubSettings, *, clock: Clock = utc_now) -> AsyncIterator[RunningHub]:
    """Serve until the block is left; then finish what is being committed and end all sessions.

    Brings the database to its present tables first. Raises HostKeyWrong, PortTaken, SchemaWrong or
    DatabaseUnreachable.
    """
    host_keys = read_host_keys(settings.host_keys)
    with ExitStack() as stack:
        # The tables may have to be brought up to date, and whoever else runs in this loop need not wait.
        engine = await asyncio.to_thread(stack.enter_context, opened(settings.database, MIGRATIONS))
        services = _services(settings, engine, clock)
        services.committer.start()
        try:
            async with _open_house(services, engine, host_keys) as port:
                key = host_key_line(host_keys[0])
                _log.info("serving", party="hub", host=settings.host, port=port, host_key=key)
                yield RunningHub(
                    host=settings.host, port=port, host_key=key, services=services, engine=engine
                )
        finally:
            await services.committer.stop()
            services.reader.stop()


def write_ready_file(path: Path, hub: RunningHub) -> None:
    """Tell whoever started the hub where it listens: a JSON object, whole or not there at all."""
    told = {"host": hub.host, "port": hub.port, "host_key": hub.host_key}
    unfinished = path.with_name(f".{path.name}.part")
    unfinished.write_text(json.dumps(told) + "\n", encoding="utf-8")
    unfinished.replace(path)


def _services(settings: HubSettings, engine: sa.Engine, clock: Clock) -> Services:
    directory = None
    if settings.content_directory is not None:
        directory = ContentDirectory(settings.content_directory)
    rules = Rules(
        wait=timedelta(seconds=settings.trigger_wait_seconds),
        success_message=settings.success_message,
        directory=directory,
    )
    return Services(
        settings=settings,
        rules=rules,
        reader=Reader(engine),
        committer=Committer(engine),
        under_way=UploadsUnderWay(),
        clock=clock,
    )


@asynccontextmanager
async def _open_house(
    services: Services, engine: sa.Engine, host_keys: list[asyncssh.SSHKey]
) -> AsyncIterator[int]:
    """Let clients in while the block runs; gives the port. Afterwards, see them all out."""
    guests = Guests()
    acceptor = await listen(services, guests, host_keys)
    worker = asyncio.create_task(work(services, guests, engine))
    try:
        yield acceptor.get_port()
    finally:
        acceptor.close()
        worker.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await worker
        await _see_out(guests)


async def _see_out(guests: Guests) -> None:
    """End all sessions; what they were uploading is kept, to be resumed."""
    for guest in guests:
        guest.turn_out(_("The hub is being stopped. Connect again in a moment."))
    if guests.answering:
        await asyncio.wait(guests.answering, timeout=_GOODBYE_SECONDS)
