"""KY's process killed at each named point between answer and report: nothing is lost, nothing doubled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from sf2530.crashing import VARIABLE
from sf2530.ky.states import RunState

if TYPE_CHECKING:
    from tests.party.ky.conftest import KyTown

LEASE_SECONDS = 60
WORKER = """
import sys
from datetime import datetime
from sf2530.database.engines import open_engine
from sf2530.exchange.desk import Desk
from sf2530.exchange.settings import ExchangeSettings
from sf2530.ky.advancing import advance
from sf2530.ky.envelopes import Terms
from sf2530.records.layout import FileKind
from sf2530.records.layout_files import layout

url, now, settings = sys.argv[1:]
instant = datetime.fromisoformat(now)
desk = Desk(
    engine=open_engine(url),
    settings=ExchangeSettings.model_validate_json(settings),
    clock=lambda: instant,
)
layouts = {kind: layout(kind) for kind in FileKind}
while advance(desk, terms=Terms(own_name="KY", counterpart="UDKDEB", layouts=layouts)):
    pass
"""


@pytest.mark.crash
@pytest.mark.parametrize(
    ("point", "left_in"),
    [
        ("before-allocating", RunState.ANSWERED),
        ("after-allocating", RunState.ALLOCATED),
        ("after-reporting", RunState.REPORTED),
    ],
)
def test_a_kill_between_the_steps_loses_and_doubles_nothing(
    town: KyTown, point: str, left_in: RunState
) -> None:
    town.asks()
    town.takes_payments(town.paid(2_000_00))
    town.answers(town.agreed(1, 1_603_00))

    killed = subprocess.run(
        [
            sys.executable,
            *("-c", WORKER, town.url, town.clock().isoformat()),
            town.desk().settings.model_dump_json(),
        ],
        env=os.environ | {VARIABLE: point},
        check=False,
        capture_output=True,
        text=True,
    )

    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert town.state() is left_in
    town.clock.passes(LEASE_SECONDS + 1)
    town.works()
    assert town.state() is RunState.REPORTED
    assert town.reported() == [("000000000001", 1_603_00, "00", "0101-1")]
    assert len(town.outbox()) == 2
    (books,) = town.reconciles()
    assert books.differences == []
