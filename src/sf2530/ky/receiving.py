"""Take what UDK Debitor sends: an answer, or a reject answer. One file, one transaction, one outcome.

Everything is checked before anything is stored; a file with errors has no effect but that people see it. If
the process dies before the commit, the file is still registered and any worker takes it; after it, only its
deletion on the hub is left.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum

import structlog
from sqlalchemy import Connection

from sf2530.exchange import incoming
from sf2530.exchange.incoming import IncomingFile
from sf2530.exchange.participant import Work
from sf2530.ky import answers, runs
from sf2530.ky.answer_checks import party_findings, repeated_agreements
from sf2530.ky.envelopes import Terms
from sf2530.ky.refusing import Objection, Refusal, refuse
from sf2530.ky.rejecting import take_reject
from sf2530.ky.runs import Run
from sf2530.ky.states import RunState
from sf2530.language import _
from sf2530.records.findings import Finding
from sf2530.records.layout import FileKind, Role
from sf2530.records.naming import RunKey, delivery_id, run_of_delivery, run_of_file
from sf2530.records.reading import Decoded, Expected, decode
from sf2530.records.recognising import kind_of

_log = structlog.get_logger()


class Outcome(StrEnum):
    """What came of an incoming file; stands on its row."""

    ANSWERED = "answered"
    """The answer was accepted and its agreements stored."""
    REPEATED = "repeated"
    """The accepted answer once more, under another name: nothing to do."""
    REJECTED = "rejected"
    """A reject answer was taken: the run is rejected."""
    REFUSED = "refused"
    """It had no effect; a person sees why."""


def receive(work: Work, *, terms: Terms) -> Outcome:
    """Work on one incoming file: the handler that the exchange calls for each."""
    if work.file.sender != terms.counterpart:
        return _refuse_unread(work, _unknown_sender(terms))
    match kind_of(work.content, work.file.name, terms.layouts.values()):
        case FileKind.ANSWER:
            return _receive_answer(work, terms=terms)
        case FileKind.REJECT:
            return _receive_reject(work, terms=terms)
        case _:
            return _refuse_unread(work, _unknown_file())


def _receive_answer(work: Work, *, terms: Terms) -> Outcome:
    key = _asked_for(work, terms)
    decoded = decode(
        work.content, terms.layouts[FileKind.ANSWER], name=work.file.name, expected=_expected(key)
    )
    objection = _objection(decoded, name=work.file.name, terms=terms)
    with work.engine.begin() as tx:
        outcome = _take_answer(tx, work, key, decoded, objection)
        incoming.processed(tx, work.lease, outcome=outcome, now=work.now)
    _log.info("answer-received", file=work.file.name, outcome=outcome)
    return outcome


def _receive_reject(work: Work, *, terms: Terms) -> Outcome:
    decoded = decode(work.content, terms.layouts[FileKind.REJECT], name=work.file.name)
    with work.engine.begin() as tx:
        taken = take_reject(tx, work.file, decoded, now=work.now)
        outcome = Outcome.REJECTED if taken else Outcome.REFUSED
        incoming.processed(tx, work.lease, outcome=outcome, now=work.now)
    _log.info("reject-received", file=work.file.name, outcome=outcome)
    return outcome


def _refuse_unread(work: Work, objection: Objection) -> Outcome:
    with work.engine.begin() as tx:
        refuse(tx, work.file, objection, run=None, now=work.now)
        incoming.processed(tx, work.lease, outcome=Outcome.REFUSED, now=work.now)
    return Outcome.REFUSED


def _take_answer(
    tx: Connection, work: Work, key: RunKey | None, decoded: Decoded, objection: Objection | None
) -> Outcome:
    run = None if key is None else runs.find(tx, key)
    if run is None or run.asked_at is None:
        refuse(tx, work.file, _unknown_run(decoded), run=run, now=work.now)
        return Outcome.REFUSED
    if run.answer_sha256 == work.file.sha256:
        return Outcome.REPEATED
    objection = objection or _not_awaited(run, work.file, decoded)
    if objection is not None:
        refuse(tx, work.file, objection, run=run, now=work.now)
        return Outcome.REFUSED
    _accept(tx, run, work.file, decoded, now=work.now)
    return Outcome.ANSWERED


def _accept(tx: Connection, run: Run, file: IncomingFile, decoded: Decoded, *, now: datetime) -> None:
    answered = answers.store(tx, run.id, decoded)
    runs.move(
        tx,
        run,
        to=RunState.ANSWERED,
        now=now,
        answer_id=_answer_id(file, decoded),
        answer_name=file.name,
        answer_sha256=file.sha256,
        agreements=answered.agreements,
        agreed_ore=answered.agreed_ore,
    )


def _asked_for(work: Work, terms: Terms) -> RunKey | None:
    """Tell which run the file says it answers: by its name, its id on the platform, or its reference."""
    return (
        run_of_file(work.file.name, FileKind.ANSWER)
        or run_of_delivery(work.file.senders_file_id, FileKind.ANSWER)
        or run_of_delivery(_reference(work, terms), FileKind.INQUIRY)
    )


def _reference(work: Work, terms: Terms) -> str | None:
    """Cut the reference out of the start record, before anything is known about the file."""
    start = terms.layouts[FileKind.ANSWER].start
    field = None if start is None else start.with_role(Role.REFERENCE)
    return None if field is None else field.cut(work.content).decode("ascii", "replace").strip()


def _expected(key: RunKey | None) -> Expected:
    if key is None:
        return Expected()
    return Expected(
        municipality=key.municipality,
        reference=delivery_id(FileKind.INQUIRY, key),
        value_date=key.value_date,
    )


def _answer_id(file: IncomingFile, decoded: Decoded) -> str | None:
    return decoded.report.delivery_id or file.senders_file_id


def _objection(decoded: Decoded, *, name: str, terms: Terms) -> Objection | None:
    """Say what is wrong with the answer as a file; None if it can be used."""
    report = decoded.report
    ours = tuple(_party_checks(decoded, name=name, terms=terms)) if report.accepted else ()
    # The verdict decides, never the findings that were kept: remarks may have used up their room.
    if report.accepted and not ours:
        return None
    return Objection(
        refusal=Refusal.ANSWER_WRONG,
        text=_("The answer has errors; nothing of it was used."),
        findings=(*ours, *report.findings),
        findings_total=len(ours) + report.findings_total,
    )


def _party_checks(decoded: Decoded, *, name: str, terms: Terms) -> Iterator[Finding]:
    """Give what KY finds beyond the record checks: errors, all of them."""
    yield from party_findings(decoded, name=name, terms=terms)
    yield from repeated_agreements(decoded, name=name)


def _not_awaited(run: Run, file: IncomingFile, decoded: Decoded) -> Objection | None:
    if run.awaits_answer:
        return None
    if run.answer_id is not None and run.answer_id == _answer_id(file, decoded):
        return Objection(
            refusal=Refusal.ANSWER_CONFLICT,
            text=_("A second answer has the delivery id of the accepted one, but other content."),
        )
    return Objection(
        refusal=Refusal.ANSWER_NOT_AWAITED,
        text=_("An answer came to an inquiry that was answered or rejected already."),
    )


def _unknown_run(decoded: Decoded) -> Objection:
    return Objection.of_report(
        Refusal.ANSWER_UNKNOWN_RUN, _("The answer belongs to no inquiry of ours."), decoded.report
    )


def _unknown_sender(terms: Terms) -> Objection:
    return Objection(
        refusal=Refusal.SENDER_UNKNOWN,
        text=_("The file comes from somebody else than %(counterpart)s.")
        % {"counterpart": terms.counterpart},
    )


def _unknown_file() -> Objection:
    return Objection(
        refusal=Refusal.FILE_UNKNOWN, text=_("The file is neither an answer nor a reject answer.")
    )
