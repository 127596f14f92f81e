"""A process killed just before its commit has done nothing, and another one does the work once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from sf2530.debitor.states import Outcome
from sf2530.records.layout import FileKind
from sf2530.records.naming import file_name

if TYPE_CHECKING:
    from tests.party.debitor.conftest import DebitorTown

WORKER = """
import sys
from datetime import datetime
from sf2530.database.engines import open_engine, reading
from sf2530.debitor.envelopes import Terms
from sf2530.debitor.worker import handle
from sf2530.exchange import incoming
from sf2530.exchange.working import Work
from sf2530.records.layout import FileKind
from sf2530.records.layout_files import layout

engine, now = open_engine(sys.argv[1]), datetime.fromisoformat(sys.argv[2])
terms = Terms(
    own_name="UDKDEB",
    counterpart="KY",
    oldest_days=10,
    farthest_days=100,
    set_off_types=frozenset({"01"}),
    layouts={kind: layout(kind) for kind in FileKind},
)
with engine.begin() as tx:
    [lease] = incoming.take(tx, owner="doomed", now=now, seconds=60, limit=1)
with reading(engine) as tx:
    file, content = incoming.load(tx, lease.id)
handle(Work(engine=engine, file=file, lease=lease, content=content, now=now), terms)
"""


def dies_at(point: str, debitor: DebitorTown) -> None:
    """Let a process take the next file and kill itself at a named point."""
    process = subprocess.run(
        [sys.executable, "-c", WORKER, debitor.url, debitor.now.isoformat()],
        env=os.environ | {"SF2530_CRASH_AT": point},
        check=False,
        timeout=60,
    )
    assert process.returncode == -signal.SIGKILL


def test_a_process_killed_while_answering_has_marked_nothing(debitor: DebitorTown) -> None:
    numbers = debitor.has_agreements(count=3)
    run = debitor.run()
    debitor.receives(file_name(FileKind.INQUIRY, run), debitor.inquiry_of(run))

    dies_at("marked", debitor)

    assert debitor.all_marks() == 0
    assert debitor.outbox() == {}
    assert debitor.works() == []  # the dead one's lease still runs
    debitor.passes(minutes=5)
    assert debitor.works() == [Outcome.ANSWERED]
    assert sorted(debitor.marks(run)) == numbers


def test_a_process_killed_while_settling_has_settled_nothing(debitor: DebitorTown) -> None:
    [number] = debitor.has_agreements()
    run = debitor.run()
    debitor.is_asked(run)
    debitor.receives(file_name(FileKind.REPORT, run), debitor.report_of(run, [debitor.withheld(number)]))

    dies_at("settled", debitor)

    assert debitor.marks(run) == {number: "open"}
    debitor.passes(minutes=5)
    assert debitor.works() == [Outcome.SETTLED]
    assert debitor.marks(run) == {number: "settled"}
