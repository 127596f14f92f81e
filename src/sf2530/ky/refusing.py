"""Put an incoming file aside without effect, where a person sees it: on the run, in a list, by an alarm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
import structlog
from sqlalchemy import Connection

from sf2530.exchange.alarms import raise_alarm
from sf2530.exchange.incoming import IncomingFile
from sf2530.ky import runs
from sf2530.ky.runs import Run
from sf2530.ky.tables import refused_file
from sf2530.language import _
from sf2530.records.findings import Finding, Report, Severity

_FINDINGS_KEPT = 100
_FINDINGS_SHOWN = 3

_log = structlog.get_logger()


class Refusal(StrEnum):
    """Why an incoming file had no effect. The value is the code of the alarm."""

    ANSWER_WRONG = "answer-wrong"
    """Its records have errors, or it is not the answer to our inquiry."""
    ANSWER_UNKNOWN_RUN = "answer-unknown-run"
    """It answers an inquiry that we have not sent."""
    ANSWER_NOT_AWAITED = "answer-not-awaited"
    """Another answer, or a reject answer, to the same inquiry was accepted before."""
    ANSWER_CONFLICT = "answer-conflict"
    """It has the delivery id of the accepted answer, and other bytes."""
    REJECT_WRONG = "reject-wrong"
    """A reject answer that can't be read, or refers to nothing of ours."""
    REJECT_NOT_AWAITED = "reject-not-awaited"
    """A reject answer to an inquiry whose answer was accepted before."""
    SENDER_UNKNOWN = "sender-unknown"
    """It comes from somebody else than UDK Debitor."""
    FILE_UNKNOWN = "file-unknown"
    """It is neither an answer nor a reject answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """What is wrong with an incoming file, in masked texts for people."""

    refusal: Refusal
    text: str
    findings: tuple[Finding, ...] = ()
    findings_total: int = 0

    @classmethod
    def of_report(cls, refusal: Refusal, text: str, report: Report) -> Objection:
        """Make an objection out of everything the checks found."""
        return cls(refusal=refusal, text=text, findings=report.findings, findings_total=report.findings_total)


def refuse(
    tx: Connection, file: IncomingFile, objection: Objection, *, run: Run | None, now: datetime
) -> None:
    """Note the refused file, show it on its run, and raise the alarm once. The run's state stays as it is."""
    told = _told(objection)
    tx.execute(
        sa.insert(refused_file).values(
            incoming_file_id=file.id,
            run_id=None if run is None else run.id,
            name=file.name,
            reason=objection.refusal,
            findings=[str(finding) for finding in errors_first(objection.findings)[:_FINDINGS_KEPT]],
            findings_total=objection.findings_total,
            refused_at=now,
        )
    )
    if run is not None:
        runs.note_problem(tx, run, told)
    raise_alarm(
        tx, code=objection.refusal, subject=file.name, text=told, remedy=_remedy(objection.refusal), now=now
    )
    _log.warning("file-refused", file=file.name, reason=objection.refusal, findings=objection.findings_total)


def shown(findings: Sequence[Finding], total: int) -> str:
    """Give the first findings as text, and how many more there are."""
    lines = [str(finding) for finding in findings[:_FINDINGS_SHOWN]]
    if total > len(lines):
        lines.append(_("and %(count)d more") % {"count": total - len(lines)})
    return "\n".join(lines)


def _told(objection: Objection) -> str:
    found = shown(errors_first(objection.findings), objection.findings_total)
    return f"{objection.text}\n{found}" if found else objection.text


def errors_first(findings: Sequence[Finding]) -> list[Finding]:
    """Put what refuses the file before the remarks: few of them are kept, and fewer shown."""
    return sorted(findings, key=lambda finding: finding.severity is not Severity.ERROR)


def _remedy(refusal: Refusal) -> str:
    if refusal in {Refusal.ANSWER_WRONG, Refusal.REJECT_WRONG}:
        return _("Nothing was used. Ask UDK Debitor for a correct file under a new delivery id.")
    if refusal in {Refusal.ANSWER_CONFLICT, Refusal.ANSWER_NOT_AWAITED, Refusal.REJECT_NOT_AWAITED}:
        return _("The run goes on with what was accepted first. Ask UDK Debitor which of the two counts.")
    return _("Nothing was used; the file is in the archive. Ask the sender what it is.")
