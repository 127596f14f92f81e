"""A party at the exchange, in the words of the tests: each pass by itself, with a clock that tests move."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from sf2530.database import content as archive
from sf2530.database.engines import reading
from sf2530.database.tables import metadata as database_metadata
from sf2530.exchange import incoming, outgoing
from sf2530.exchange.alarms import Alarm, open_alarms
from sf2530.exchange.deleting import delete
from sf2530.exchange.desk import Desk
from sf2530.exchange.documents import ErrorMessage
from sf2530.exchange.fetching import fetch
from sf2530.exchange.mailbox import Mailbox
from sf2530.exchange.outgoing import OutgoingFile
from sf2530.exchange.patience import Patience
from sf2530.exchange.receipts import ReceiptHooks, take_receipts
from sf2530.exchange.sending import send
from sf2530.exchange.settings import ExchangeSettings
from sf2530.exchange.tables import incoming_file, metadata, outgoing_file
from sf2530.exchange.working import Handler, Work, work

effects_metadata = sa.MetaData()
effect = sa.Table(
    "effect",
    effects_metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("name", sa.String, nullable=False),
)


@dataclass(slots=True)
class HandClock:
    """A clock that stands still until it is told to pass."""

    now: datetime = datetime(2026, 11, 2, 7, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def passes(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


def create_tables(engine: Engine) -> None:
    """Create what a party needs in its database, and the table of effects that tests count."""
    for each in (database_metadata, metadata, effects_metadata):
        each.create_all(engine)


def note_effect(tx: Connection, kind: str, name: str) -> None:
    """Leave a business effect behind, to be counted."""
    tx.execute(sa.insert(effect).values(kind=kind, name=name))


def do_its_job(job: Work) -> None:
    """Handle a file as a party does: effect and state in one transaction."""
    with job.engine.begin() as tx:
        note_effect(tx, "work", job.file.name)
        incoming.processed(tx, job.lease, outcome="done", now=job.now)


def _delivered(tx: Connection, file: OutgoingFile) -> None:
    note_effect(tx, "delivered", file.name)


def _refused(tx: Connection, file: OutgoingFile, _errors: Sequence[ErrorMessage]) -> None:
    note_effect(tx, "refused", file.name)


@dataclass(slots=True)
class Party:
    """A party whose passes are run one by one."""

    engine: Engine
    settings: ExchangeSettings
    clock: Callable[[], datetime] = field(default_factory=HandClock)
    handler: Handler = do_its_job
    hooks: ReceiptHooks = field(default_factory=lambda: ReceiptHooks(delivered=_delivered, refused=_refused))
    desk: Desk = field(init=False)
    patience: Patience = field(init=False)

    def __post_init__(self) -> None:
        self.restarts()

    def restarts(self) -> None:
        """Forget what a process keeps in memory, as a new process of this party would."""
        self.desk = Desk(engine=self.engine, settings=self.settings, clock=self.clock)
        self.patience = Patience(
            first_wait_seconds=self.settings.poll_seconds,
            alarm_seconds=self.settings.incomplete_alarm_seconds,
        )

    def time_passes(self, seconds: float) -> None:
        """Move the party's clock, which must be a HandClock."""
        assert isinstance(self.clock, HandClock)
        self.clock.passes(seconds)

    # what it does

    def puts(self, name: str, content: bytes = b"content", **values: Any) -> int:
        """Put a file into the outbox in a transaction of its own."""
        wanted = {"recipient": "OTHER", "senders_file_id": f"id of {name}", "subject": f"test {name}"}
        with self.engine.begin() as tx:
            return outgoing.put(tx, name=name, content=content, now=self.clock(), **(wanted | values))

    async def sends(self, mailbox: Mailbox) -> int:
        """Send all that is due; give how many were tried."""
        tried = 0
        while count := await send(mailbox, self.desk):
            tried += count
        return tried

    async def takes_receipts(self, mailbox: Mailbox) -> int:
        """Look into IN for receipts."""
        listing = await mailbox.list_incoming()
        return await take_receipts(mailbox, self.desk, listing, hooks=self.hooks, patience=self.patience)

    async def fetches(self, mailbox: Mailbox) -> int:
        """Look into IN for files."""
        listing = await mailbox.list_incoming()
        return await fetch(mailbox, self.desk, listing, patience=self.patience)

    async def works(self) -> int:
        """Work on all that waits; give how many were tried."""
        tried = 0
        while count := await work(self.desk, self.handler):
            tried += count
        return tried

    async def deletes(self, mailbox: Mailbox) -> int:
        """Clear IN of what is settled."""
        listing = await mailbox.list_incoming()
        return await delete(mailbox, self.desk, listing, listed_at=self.clock())

    async def does_everything(self, mailbox: Mailbox) -> None:
        """Run each pass once, in the order of a quiet day."""
        await self.takes_receipts(mailbox)
        await self.fetches(mailbox)
        await self.works()
        await self.sends(mailbox)
        await self.deletes(mailbox)

    # what is known of it

    def outgoing_states(self) -> dict[str, str]:
        """Give each outgoing file's state."""
        with reading(self.engine) as tx:
            return {row.name: row.state for row in tx.execute(sa.select(outgoing_file))}

    def incoming_states(self) -> list[tuple[str, str]]:
        """Give each incoming file's name and state, in the order they came."""
        with reading(self.engine) as tx:
            rows = tx.execute(sa.select(incoming_file).order_by(incoming_file.c.id))
            return [(row.name, row.state) for row in rows]

    def incoming_rows(self) -> list[sa.Row[Any]]:
        """Give the rows of what came in."""
        with reading(self.engine) as tx:
            return list(tx.execute(sa.select(incoming_file).order_by(incoming_file.c.id)))

    def outgoing_row(self, name: str) -> sa.Row[Any]:
        """Give the row of one outgoing file."""
        with reading(self.engine) as tx:
            return tx.execute(sa.select(outgoing_file).where(outgoing_file.c.name == name)).one()

    def effects(self, kind: str) -> list[str]:
        """Give the names that an effect of that kind was left for."""
        with reading(self.engine) as tx:
            return sorted(tx.execute(sa.select(effect.c.name).where(effect.c.kind == kind)).scalars())

    def alarms(self) -> list[Alarm]:
        """Give the open alarms."""
        with reading(self.engine) as tx:
            return open_alarms(tx)

    def alarm_codes(self) -> list[str]:
        """Give the codes of the open alarms."""
        return [each.code for each in self.alarms()]

    def has_archived(self, sha256: str) -> bool:
        """Tell if the archive holds these bytes."""
        with reading(self.engine) as tx, suppress(archive.ContentMissing):
            archive.get(tx, sha256)
            return True
        return False


async def until(condition: Callable[[], bool], *, seconds: float = 60) -> None:
    """Wait for a condition; a test that waits too long fails and shows which one."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  it looks into a database and folders, which ring no bell
            await asyncio.sleep(0.01)
