"""Settle expectations from a withholding report (SF2520), line by line, in one transaction.

Errors of the envelope refuse the whole file: reject answer and alarm; a corrected one may then come under the
same delivery id, which is the run's. Otherwise each line settles its expectation or is refused with a reason;
refused lines are kept for a person, and an alarm is raised: no later report of the run settles them. The same
report again changes nothing. If the process dies before the commit (crash point `settled`), nothing has
happened and another worker settles.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
import structlog
from numpy.typing import NDArray
from sqlalchemy import Connection

from sf2530 import crashing
from sf2530.database import leases
from sf2530.debitor.booking import Booked, book
from sf2530.debitor.envelopes import Terms
from sf2530.debitor.expectations import expectations_of, known_elsewhere
from sf2530.debitor.file_checks import FileCheck, file_finding
from sf2530.debitor.judging import judge, unexpected
from sf2530.debitor.receiving import Received, claim, receive, repeat_or_conflict
from sf2530.debitor.refusing import FILE_REFUSED, refuse
from sf2530.debitor.reports import ReadReport, Report, read_report
from sf2530.debitor.states import InquiryState, Outcome, ReportState
from sf2530.debitor.tables import inquiry, withholding_report
from sf2530.exchange import incoming
from sf2530.exchange.alarms import close_alarms, raise_alarm
from sf2530.exchange.tables import incoming_file
from sf2530.exchange.working import Work
from sf2530.language import _, ngettext
from sf2530.records.layout import FileKind
from sf2530.records.naming import DeliveryId, RunKey, delivery_id

_log = structlog.get_logger()


def settle(work: Work, terms: Terms) -> Outcome:
    """Settle by the report that has come in, or refuse it, and say which.

    Raises LeaseLost, with nothing written, if another worker has taken over.
    """
    received = receive(work, FileKind.REPORT, terms)
    read = read_report(received.envelope, _columns(received), terms)
    with work.engine.begin() as tx:
        leases.hold(tx, incoming_file, work.lease, now=work.now)
        outcome = _take(tx, received, read, terms)
        if outcome is not Outcome.CONFLICT:
            incoming.processed(tx, work.lease, outcome=outcome, now=work.now)
        crashing.reached("settled")
    return outcome


def _columns(received: Received) -> Mapping[str, NDArray[Any]] | None:
    return received.decoded.columns["030"] if received.decoded.report.accepted else None


def _take(tx: Connection, received: Received, read: ReadReport, terms: Terms) -> Outcome:
    key = read.identity.key
    if key is None:
        refuse(tx, received, read.identity, found=read.findings, terms=terms)
        return Outcome.REFUSED
    inquiry_id = _lock_inquiry(tx, delivery_id(FileKind.INQUIRY, key))
    row = _row(received, key, inquiry_id)
    report_id = claim(tx, withholding_report, row)
    again = report_id is None
    if report_id is None:
        report_id = _supersede(tx, row)
    if report_id is None:
        return repeat_or_conflict(tx, received.work, withholding_report, delivery_id(FileKind.REPORT, key))
    if read.report is None or inquiry_id is None:
        unknown = () if inquiry_id else (file_finding(FileCheck.NOT_ANSWERED, received.envelope.file_name),)
        found = (*read.findings, *unknown)
        reply = refuse(tx, received, read.identity, found=found, terms=terms, again=again)
        _complete(tx, report_id, {"reply_file_id": reply})
        return Outcome.REFUSED
    return _settle(tx, received.work, read.report, inquiry_id=inquiry_id, report_id=report_id)


def _supersede(tx: Connection, row: Mapping[str, Any]) -> int | None:
    """Put a report in the place of one of its delivery id that was refused as a whole, and give its number.

    Nothing was settled by the refused one, so nothing is lost; its file, its findings and its reject answer
    stay. None where the known report has settled, or is this very one: the same bytes are judged anew only
    if their inquiry was unknown then and is answered now.
    """
    c = withholding_report.c
    differs = c.content_sha256 != row["content_sha256"]
    if row["inquiry_id"] is not None:
        differs = sa.or_(differs, c.inquiry_id.is_(None))
    refused = (c.delivery_id == row["delivery_id"], c.state == ReportState.REFUSED, differs)
    query = sa.select(c.id, c.received_file_id).where(*refused).with_for_update()
    earlier = tx.execute(query).one_or_none()
    if earlier is None:
        return None
    _complete(tx, earlier.id, {**row, "reply_file_id": None})
    name = tx.scalar(sa.select(incoming_file.c.name).where(incoming_file.c.id == earlier.received_file_id))
    close_alarms(tx, codes=[FILE_REFUSED], subject=name or "", now=row["settled_at"])
    return int(earlier.id)


def _lock_inquiry(tx: Connection, inquiry_delivery: DeliveryId) -> int | None:
    """Find the answered inquiry, and let no other report of it be settled at the same time."""
    query = (
        sa.select(inquiry.c.id)
        .where(inquiry.c.delivery_id == inquiry_delivery, inquiry.c.state == InquiryState.ANSWERED)
        .with_for_update()
    )
    return tx.scalar(query)


def _settle(tx: Connection, work: Work, report: Report, *, inquiry_id: int, report_id: int) -> Outcome:
    marks = expectations_of(tx, inquiry_id, value_date=report.key.value_date)
    elsewhere = known_elsewhere(tx, unexpected(report.lines, marks.expected), report.key.municipality)
    judgement = judge(report.lines, marks.expected, elsewhere)
    booked = book(tx, report, marks, judgement, inquiry_id=inquiry_id, report_id=report_id)
    state = ReportState.SETTLED_WITH_REFUSALS if booked.refused else ReportState.SETTLED
    totals = {"refused_lines": booked.refused, "withheld_ore": booked.withheld_ore}
    _complete(tx, report_id, {"state": state, **totals})
    if booked.refused:
        _raise_lines_refused(tx, work, report, booked)
    _log.info("report-settled", report=report.delivery_id, accepted=booked.accepted, refused=booked.refused)
    return Outcome.SETTLED_WITH_REFUSALS if booked.refused else Outcome.SETTLED


def _row(received: Received, key: RunKey, inquiry_id: int | None) -> dict[str, Any]:
    return {
        "delivery_id": delivery_id(FileKind.REPORT, key),
        "inquiry_id": inquiry_id,
        "municipality": key.municipality,
        "value_date": key.value_date,
        "state": ReportState.REFUSED,
        "lines": received.decoded.report.records,
        "refused_lines": 0,
        "withheld_ore": 0,
        "content_sha256": received.work.file.sha256,
        "received_file_id": received.work.file.id,
        "received_at": received.work.file.received_at,
        "settled_at": received.work.now,
    }


def _complete(tx: Connection, report_id: int, values: dict[str, Any]) -> None:
    tx.execute(sa.update(withholding_report).where(withholding_report.c.id == report_id).values(**values))


def _raise_lines_refused(tx: Connection, work: Work, report: Report, booked: Booked) -> None:
    text = ngettext(
        "%(count)d line of report %(report)s was refused; the other lines were settled",
        "%(count)d lines of report %(report)s were refused; the other lines were settled",
        booked.refused,
    )
    raise_alarm(
        tx,
        code="report-lines-refused",
        subject=report.delivery_id,
        text=text % {"count": booked.refused, "report": report.delivery_id},
        remedy=_("See them with `sf2530 debitor show %(report)s`, and clear them up with the municipality.")
        % {"report": report.delivery_id},
        now=work.now,
    )
