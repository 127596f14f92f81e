"""Take a reject answer: UDK Debitor has refused our inquiry or our report. A refusal is never silent."""

from __future__ import annotations

import re
from datetime import datetime
from itertools import islice
from typing import Final

import structlog
from sqlalchemy import Connection

from sf2530.exchange.alarms import raise_alarm
from sf2530.exchange.incoming import IncomingFile
from sf2530.ky import runs
from sf2530.ky.refusing import Objection, Refusal, refuse
from sf2530.ky.runs import Run
from sf2530.ky.states import RunState
from sf2530.language import _
from sf2530.records.layout import FileKind
from sf2530.records.naming import PREFIXES, RunKey, run_of_delivery, run_of_file
from sf2530.records.reading import Decoded

INQUIRY_REJECTED: Final = "inquiry-rejected"
REPORT_REJECTED: Final = "report-rejected"
"""The codes of the alarms that a reject answer raises."""

_ERRORS_SHOWN = 5
_MARK = re.compile(r"_[0-9A-F]{12}\.txt\Z")
"""What stands after the name of a refused file that is not the first of its run."""

_log = structlog.get_logger()


def take_reject(tx: Connection, file: IncomingFile, decoded: Decoded, *, now: datetime) -> bool:
    """Put the run that the reject answer refers to into `rejected`, with an alarm; say whether that was done.

    A run whose answer was accepted before stays where it is, and a person hears of it.
    """
    kind, key = _refers_to(file, decoded)
    run = None if key is None else runs.find(tx, key)
    objection = _objection(kind, run, decoded)
    if run is None or objection is not None:
        refuse(tx, file, objection or _unknown(decoded), run=run, now=now)
        return False
    if run.state is not RunState.REJECTED:  # else a repeat
        _reject(tx, run, kind, _told(decoded), now=now)
    return True


def _refers_to(file: IncomingFile, decoded: Decoded) -> tuple[FileKind | None, RunKey | None]:
    """Tell which of our files was refused: by the reference, or by the file's name in bare files."""
    for kind in (FileKind.INQUIRY, FileKind.REPORT):
        key = run_of_delivery(decoded.report.reference, kind)
        if key is not None:
            return kind, key
    refused = _MARK.sub("", file.name.removeprefix(f"{PREFIXES[FileKind.REJECT]}_"))
    if key := run_of_file(refused, FileKind.REPORT):
        return FileKind.REPORT, key
    key = run_of_file(file.name, FileKind.REJECT)
    return (FileKind.INQUIRY, key) if key else (None, None)


def _objection(kind: FileKind | None, run: Run | None, decoded: Decoded) -> Objection | None:
    if not decoded.report.accepted:
        text = _("The reject answer has errors itself; nothing of it was used.")
        return Objection.of_report(Refusal.REJECT_WRONG, text, decoded.report)
    sent = run is not None and (run.asked_at if kind is FileKind.INQUIRY else run.reported_at)
    if not sent:
        return _unknown(decoded)
    if kind is FileKind.INQUIRY and run is not None and run.answered_at is not None:
        text = _("The inquiry was rejected after its answer had been accepted.")
        return Objection(refusal=Refusal.REJECT_NOT_AWAITED, text=text)
    return None


def _unknown(decoded: Decoded) -> Objection:
    text = _("The reject answer refers to no file of ours.")
    return Objection.of_report(Refusal.REJECT_WRONG, text, decoded.report)


def _reject(tx: Connection, run: Run, kind: FileKind | None, told: str, *, now: datetime) -> None:
    inquiry = kind is FileKind.INQUIRY
    runs.move(tx, run, to=RunState.REJECTED, now=now, problem=told)
    raise_alarm(
        tx,
        code=INQUIRY_REJECTED if inquiry else REPORT_REJECTED,
        subject=str(run.key),
        text=told,
        remedy=_("Nothing is withheld in this run. Correct the reason and ask in a supplementary run.")
        if inquiry
        else _("UDK Debitor has settled nothing. Find the reason and agree with UDK how to report again."),
        now=now,
    )
    _log.warning("run-rejected", run=str(run.key), file_kind=kind)


def _told(decoded: Decoded) -> str:
    """Give the errors of a reject answer as text. They should hold no values of the refused file.

    They are others' words all the same: whoever keeps this text masks it.
    """
    errors = list(islice(decoded.rows("910"), _ERRORS_SHOWN))
    lines = [
        _("%(code)s, line %(line)s: %(text)s")
        % {"code": error["FEJLKODE"], "line": error["FEJL_LINJE"], "text": error["FEJL_TEKST"]}
        for error in errors
    ]
    return "\n".join([_("UDK Debitor refused the file:"), *lines])
