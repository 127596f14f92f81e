"""Killed at any named point and started again: nothing lost, nothing doubled."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine
from tests.exchange.fake_hub import FakeHub
from tests.exchange.parties import Party, until

from sf2530.crashing import VARIABLE
from sf2530.denmark.business_time import utc_now

PROGRAM = Path(__file__).with_name("party_process.py")
ROOT = Path(__file__).parents[2]
NAMES = ["a.txt", "b.txt", "c.txt"]
POINTS = [
    "between-data-and-trigger",
    "after-upload",
    "after-receipt",
    "after-fetch",
    "after-register",
    "after-processing",
    "between-deletions",
    "after-delete",
]


@asynccontextmanager
async def process(
    database_url: str, settings_file: Path, *, crash_at: str = ""
) -> AsyncIterator[subprocess.Popen[bytes]]:
    """Run a party; it stops when the block ends."""
    party = started(database_url, settings_file, crash_at)
    try:
        yield party
    finally:
        assert party.stdin is not None
        party.stdin.close()
        await asyncio.to_thread(party.wait, 60)


def started(database_url: str, settings_file: Path, crash_at: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), VARIABLE: crash_at}
    command = [sys.executable, str(PROGRAM), database_url, str(settings_file)]
    with settings_file.with_suffix(".log").open("ab") as log:
        return subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=log, stderr=log)


@pytest.fixture
def watched(party_engine: Engine, hub: FakeHub) -> Party:
    """Give a view into the database of a party whose processes die and start."""
    settings = hub.settings(
        lease_seconds=1, receipt_seconds=2, largest_file_bytes=1_000_000, sendings_before_alarm=50
    )
    return Party(engine=party_engine, settings=settings, clock=utc_now)


@pytest.fixture
def settings_file(watched: Party, tmp_path: Path) -> Path:
    path = tmp_path / "settings.json"
    path.write_text(watched.settings.model_dump_json())
    return path


@pytest.mark.crash
@pytest.mark.parametrize("point", POINTS)
async def test_a_process_killed_at_a_named_point_loses_and_doubles_nothing(
    point: str, watched: Party, hub: FakeHub, database_url: str, settings_file: Path
) -> None:
    hub.manners.takes_at_once = True
    for name in NAMES:
        hub.delivers(name, name.encode())

    async with process(database_url, settings_file, crash_at=point) as killed:
        assert await asyncio.to_thread(killed.wait, 60) == -signal.SIGKILL

    async with process(database_url, settings_file) as party:
        await until(lambda: _all_is_done(watched, hub))

    assert party.returncode == 0
    assert watched.effects("work") == NAMES
    assert watched.effects("delivered") == [f"answer-to-{name}" for name in NAMES]
    assert watched.alarm_codes() == []


@pytest.mark.crash
async def test_a_process_killed_at_random_moments_loses_and_doubles_nothing(
    watched: Party, hub: FakeHub, database_url: str, settings_file: Path
) -> None:
    hub.manners.takes_at_once = True
    names = [f"{number:02}.txt" for number in range(20)]
    for name in names:
        hub.delivers(name, name.encode())

    for effects in (1, 5, 12, 19):
        enough = partial(_has_done, watched, effects)
        async with process(database_url, settings_file) as killed:
            await until(enough)
            killed.kill()
    async with process(database_url, settings_file):
        await until(lambda: _all_is_done(watched, hub))

    assert watched.effects("work") == names
    assert watched.effects("delivered") == [f"answer-to-{name}" for name in names]


def test_a_point_can_be_chosen_by_its_visit() -> None:
    program = "import sf2530.crashing as c\nfor n in range(5): print(n, flush=True); c.reached('here')"

    died = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, VARIABLE: "here:3"},
        stdout=subprocess.PIPE,
        check=False,
    )

    assert died.returncode == -signal.SIGKILL
    assert died.stdout.split() == [b"0", b"1", b"2"]


async def test_a_process_ends_when_its_standard_input_closes(
    watched: Party, hub: FakeHub, database_url: str, settings_file: Path
) -> None:
    hub.delivers("a.txt", b"1")
    async with process(database_url, settings_file) as party:
        await until(lambda: watched.effects("work") == ["a.txt"])

    assert party.returncode == 0
    assert b"standard input closed" in settings_file.with_suffix(".log").read_bytes()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_a_process_ends_gracefully_on_a_signal(
    watched: Party, hub: FakeHub, database_url: str, settings_file: Path, how: signal.Signals
) -> None:
    hub.delivers("a.txt", b"1")
    async with process(database_url, settings_file) as party:
        await until(lambda: watched.effects("work") == ["a.txt"])
        party.send_signal(how)
        assert await asyncio.to_thread(party.wait, 60) == 0

    log = settings_file.with_suffix(".log").read_text()
    assert log.count("serving") == 1
    assert "stopped" in log


def _has_done(watched: Party, count: int) -> bool:
    return len(watched.effects("work")) >= count


def _all_is_done(watched: Party, hub: FakeHub) -> bool:
    sent = watched.outgoing_states().values()
    return bool(sent) and set(sent) == {"delivered"} and hub.lies_in("IN") == {}
