"""A trigger that comes before its data file waits for it, up to a limit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.party.hub.hub_town import Client, HubTown, codes, make_settings, trigger_for

from sf2530.denmark.business_time import utc_now
from sf2530.hub.error_codes import ErrorCode
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
