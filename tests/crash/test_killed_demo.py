"""Kill anything at any moment of a demo: started again, the books still balance."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from sf2530.denmark.business_time import business_date, utc_now
from sf2530.sandbox.commands import next_value_date

pytestmark = [pytest.mark.crash, pytest.mark.timeout(1800)]

MUNICIPALITIES = 12
AGREEMENTS = 1_200
ROUNDS = int(os.environ.get("SF2530_CRASH_ROUNDS", "2"))  # whole demos; `make crash` runs more
KILLS = 6  # in each of them
LONGEST_WAIT = 1.0  # seconds from one kill to the next
VALUE_DATE = next_value_date(business_date(utc_now())).isoformat()
PATIENCE = 240.0  # seconds for a demo that is left alone to come to its end


def start_demo(directory: Path, database: str | None, log: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "sf2530.cli", "demo", "--json", "--no-console"]
    command += ["--directory", str(directory), "--value-date", VALUE_DATE]
    command += ["--municipalities", str(MUNICIPALITIES), "--agreements", str(AGREEMENTS)]
    if database is not None:
        command += ["--database", database]
    with figures_of(log).open("wb") as figures, log.open("ab") as output:
        return subprocess.Popen(command, stdout=figures, stderr=output)


def figures_of(log: Path) -> Path:
    """Give the file that the demo's standard output goes to."""
    return log.with_suffix(".json")


def parties_of(demo: subprocess.Popen[bytes]) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        return [child for child in psutil.Process(demo.pid).children() if "serve" in child.cmdline()]
    return []


def kill_something(dice: random.Random, demo: subprocess.Popen[bytes]) -> None:
    """One kill in six hits the demo itself; the others one of its parties."""
    parties = parties_of(demo)
    if dice.random() < 1 / 6 or not parties:
        demo.kill()
    else:
        with suppress(psutil.NoSuchProcess):
            dice.choice(parties).kill()


def serving_under(directory: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if any(str(directory) in word for word in process.cmdline()):
                found.append(process)
    return found


def wait_until_nothing_serves(directory: Path) -> None:
    give_up = time.monotonic() + 30
    while left := serving_under(directory):
        assert time.monotonic() < give_up, f"left running: {left}"
        time.sleep(0.05)


@pytest.fixture(params=range(ROUNDS))
def dice(request: pytest.FixtureRequest) -> random.Random:
    return random.Random(request.param)


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "demo"
    for process in serving_under(tmp_path):
        process.kill()


def test_whatever_is_killed_the_books_balance_in_the_end(
    dice: random.Random, directory: Path, tmp_path: Path, database_url: str
) -> None:
    database = database_url if database_url.startswith("postgresql") else None
    log = tmp_path / "demo.log"
    demo = start_demo(directory, database, log)
    for _ in range(KILLS):
        with suppress(subprocess.TimeoutExpired):
            demo.wait(timeout=dice.uniform(0.05, LONGEST_WAIT))
        if demo.poll() is None:
            kill_something(dice, demo)
        if demo.poll() is not None or not psutil.pid_exists(demo.pid):
            demo.wait()
            demo = start_demo(directory, database, log)

    assert demo.wait(timeout=PATIENCE) == 0, log.read_text()
    figures = json.loads(figures_of(log).read_text())
    assert (figures["inquiries"], figures["answers"], figures["reports"]) == (MUNICIPALITIES,) * 3
    assert figures["agreements"] == figures["expectations"] == figures["settled"] == AGREEMENTS
    assert figures["transfers"] == figures["receipts"] == 3 * MUNICIPALITIES
    assert figures["open"] == 0
    wait_until_nothing_serves(directory)


def test_a_killed_demo_leaves_no_party_running(directory: Path, tmp_path: Path) -> None:
    demo = start_demo(directory, None, tmp_path / "demo.log")
    give_up = time.monotonic() + 60
    while len(parties_of(demo)) < 3:
        assert demo.poll() is None
        assert time.monotonic() < give_up
        time.sleep(0.05)

    demo.kill()
    demo.wait()

    wait_until_nothing_serves(directory)


def test_an_interrupted_demo_leaves_no_party_running_and_says_how_to_go_on(
    directory: Path, tmp_path: Path
) -> None:
    log = tmp_path / "demo.log"
    demo = start_demo(directory, None, log)
    give_up = time.monotonic() + 60
    while len(parties_of(demo)) < 3:
        assert demo.poll() is None
        assert time.monotonic() < give_up
        time.sleep(0.05)

    demo.terminate()

    assert demo.wait(timeout=30) == 130
    assert "goes on where this stopped" in log.read_text()
    assert serving_under(directory) == []
