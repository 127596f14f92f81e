"""Let a held run go on: a person has removed the reason."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import structlog
from sqlalchemy import Engine

from sf2530.errors import UseError
from sf2530.exchange import outgoing
from sf2530.exchange.alarms import close_alarms
from sf2530.ky import runs
from sf2530.ky.advancing import RUN_HELD
from sf2530.ky.runs import Run
from sf2530.ky.states import RunState, state_label
from sf2530.language import _
from sf2530.records.layout import FileKind
from sf2530.records.naming import RunKey, file_name

_log = structlog.get_logger()


class RunNotHeld(UseError):
    """Only a held run can be resumed."""

    code: ClassVar[str] = "run-not-held"


def resume(engine: Engine, key: RunKey, *, now: datetime) -> RunState:
    """Put a held run back where it was; a file that the platform refused is sent again, the same bytes.

    Gives the state it goes on from. Raises RunUnknown and RunNotHeld.
    """
    with engine.begin() as tx:
        # Files before runs, as where a receipt is taken: locked the other way round, two could wait for ever.
        for kind in (FileKind.INQUIRY, FileKind.REPORT):
            outgoing.find(tx, name=file_name(kind, key), lock=True)
        run = runs.get(tx, key)
        if run.state is not RunState.HELD:
            raise RunNotHeld(
                _("The run is %(state)s: there is nothing to resume.") % {"state": state_label(run.state)},
                where=str(key),
                remedy=_("See where it stands with `sf2530 ky run status`."),
            )
        state = _before(run)
        for kind, sent_in in ((FileKind.INQUIRY, RunState.ASKED), (FileKind.REPORT, RunState.REPORTED)):
            if state is sent_in:
                outgoing.send_again(tx, name=file_name(kind, key), now=now)
        runs.move(tx, run, to=state, now=now)
        close_alarms(tx, codes=[RUN_HELD], subject=str(key), now=now)
    _log.info("run-resumed", run=str(key), state=state)
    return state


def _before(run: Run) -> RunState:
    """Tell the state a held run was in: the last one it has an instant of."""
    if run.reported_at:
        return RunState.REPORTED
    if run.allocated_at:
        return RunState.ALLOCATED
    return RunState.ANSWERED if run.answered_at else RunState.ASKED
