"""A trigger that comes before its data file waits for it, up to a limit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.party.hub.hub_town import (
    PATIENCE,
    Client,
    HubTown,
    codes,
    eventually,
    make_settings,
    trigger_for,
)

from sf2530.database.content import put
from sf2530.database.tables import content
from sf2530.denmark.business_time import utc_now
from sf2530.hub import keys, worker
from sf2530.hub.error_codes import ErrorCode
from sf2530.hub.services import Services
from sf2530.hub.serving import serving
from sf2530.hub.worker import settle_overdue


class Clock:
    """A clock that a test can put forward."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.ahead


@pytest.fixture
def clock() -> Clock:
    """Give the hub's clock."""
    return Clock()


@pytest.fixture
async def town(tmp_path: Path, database_url: str, clock: Clock) -> AsyncIterator[HubTown]:
    """Give a hub where triggers wait for a minute."""
    settings = make_settings(tmp_path, database_url, trigger_wait_seconds=60)
    async with serving(settings, clock=clock) as hub:
        town = HubTown(hub)
        town.has_system("KY")
        town.has_system("UDKDEB")
        town.has_route("KY", "UDKDEB")
        yield town


async def test_the_file_is_delivered_when_it_is_complete(ky: Client, udk: Client) -> None:
    await ky.triggers("A.txt", trigger_for("A.txt", b"1"))
    assert await ky.lists("OUT") == ["A.txt.trigger"]
    assert await ky.lists("IN") == []

    await ky.puts("OUT/A.txt.part", b"1")
    await ky.sftp.rename("OUT/A.txt.part", "OUT/A.txt")

    assert await udk.gets("IN/A.txt") == b"1"
    assert await ky.lists("OUT") == []


async def test_when_the_time_is_up_the_trigger_is_refused(town: HubTown, ky: Client, clock: Clock) -> None:
    await ky.triggers("A.txt", trigger_for("A.txt", b"1"))
    clock.ahead = timedelta(seconds=59)
    await settle_overdue(town.hub.services)
    assert await ky.lists("IN") == []

    clock.ahead = timedelta(seconds=61)
    await settle_overdue(town.hub.services)

    assert await ky.refusals("A.txt") == codes(ErrorCode.DATA_MISSING)
    assert await ky.lists("OUT") == []


async def test_a_file_that_is_being_written_anew_is_not_routed_meanwhile(ky: Client, udk: Client) -> None:
    await ky.puts("OUT/A.txt", b"old")
    async with ky.sftp.open("OUT/A.txt", "wb") as file:
        await ky.triggers("A.txt", trigger_for("A.txt", b"new!"))
        assert await udk.lists("IN") == []
        await file.write(b"new!")

    assert await udk.gets("IN/A.txt") == b"new!"


async def test_a_waiting_trigger_can_be_taken_back(ky: Client, udk: Client) -> None:
    await ky.triggers("A.txt", trigger_for("A.txt", b"1"))
    await ky.sftp.remove("OUT/A.txt.trigger")
    await ky.puts("OUT/A.txt", b"1")

    assert await ky.lists("OUT") == ["A.txt"]
    assert await udk.lists("IN") == []


async def test_a_trigger_that_can_not_be_decided_on_holds_no_other_up(
    town: HubTown, ky: Client, clock: Clock
) -> None:
    """Its bytes are gone from the archive: a fault of ours, which is tried again a while later."""
    lost = trigger_for("A.txt", b"1")
    await ky.triggers("A.txt", lost)
    await ky.triggers("B.txt", trigger_for("B.txt", b"1"))
    with town.hub.engine.begin() as tx:
        row = tx.execute(sa.delete(content).where(content.c.sha256 == sha256(lost).hexdigest()))
        assert row.rowcount == 1

    clock.ahead = timedelta(seconds=61)
    await settle_overdue(town.hub.services)
    await settle_overdue(town.hub.services)

    assert await ky.refusals("B.txt") == codes(ErrorCode.DATA_MISSING)
    assert await ky.lists("OUT") == ["A.txt.trigger"]

    with town.hub.engine.begin() as tx:
        put(tx, lost)
    clock.ahead = timedelta(seconds=180)
    await settle_overdue(town.hub.services)
    assert await ky.refusals("A.txt") == codes(ErrorCode.DATA_MISSING)


async def test_a_duty_that_fails_keeps_no_other_from_its_turn(
    town: HubTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = asyncio.Event()

    async def fail(_services: Services) -> None:
        failed.set()
        raise ZeroDivisionError

    monkeypatch.setattr(worker, "settle_overdue", fail)
    await asyncio.wait_for(failed.wait(), PATIENCE)

    async with town.connects("KY") as connection:
        with town.hub.engine.begin() as tx:
            keys.revoke(tx, "KY", town.keys["KY"].get_fingerprint(), now=utc_now())
        await eventually(connection.is_closed)
