"""Answer an inquiry: in one transaction the marks, the answer in the outbox, and the work on the file done.

The same inquiry again gets the same bytes again, and no new mark. An inquiry that can't be answered gets a
reject answer that names every error, and no mark is set. If the process dies before the commit (crash point
`marked`), nothing has happened and another worker answers; after it, the answer waits in the outbox.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy import Connection

from sf2530 import crashing
from sf2530.database import leases
from sf2530.debitor.answers import write_answer
from sf2530.debitor.envelopes import Terms
from sf2530.debitor.inquiries import Inquiry, ReadInquiry, read_inquiry
from sf2530.debitor.marking import mark
from sf2530.debitor.receiving import Received, claim, receive, repeat_or_conflict
from sf2530.debitor.refusing import refuse
from sf2530.debitor.selecting import Asked
from sf2530.debitor.states import InquiryState, Outcome
from sf2530.debitor.tables import inquiry as inquiry_table
from sf2530.denmark.business_time import business_date
from sf2530.exchange import incoming, outgoing
from sf2530.exchange.tables import incoming_file
from sf2530.exchange.working import Work
from sf2530.language import _
from sf2530.records.layout import FileKind
from sf2530.records.naming import RunKey, delivery_id, file_name

_log = structlog.get_logger()


def answer(work: Work, terms: Terms) -> Outcome:
    """Answer the inquiry that has come in, or refuse it, and say which.

    Raises LeaseLost, with nothing written, if another worker has taken over.
    """
    received = receive(work, FileKind.INQUIRY, terms)
    read = read_inquiry(received.envelope, _record(received), terms, today=business_date(work.now))
    with work.engine.begin() as tx:
        leases.hold(tx, incoming_file, work.lease, now=work.now)
        outcome = _reply(tx, received, read, terms)
        if outcome is not Outcome.CONFLICT:
            incoming.processed(tx, work.lease, outcome=outcome, now=work.now)
        crashing.reached("marked")
    return outcome


def _record(received: Received) -> Mapping[str, Any] | None:
    if not received.decoded.report.accepted:
        return None
    return next(iter(received.decoded.rows("010")))


def _reply(tx: Connection, received: Received, read: ReadInquiry, terms: Terms) -> Outcome:
    key = read.identity.key
    if key is None:
        refuse(tx, received, read.identity, found=read.findings, terms=terms)
        return Outcome.REFUSED
    # Claimed before it is judged: a repeat gets its reply even when its value date has grown too old.
    inquiry_id = claim(tx, inquiry_table, _row(received, key, read))
    if inquiry_id is None:
        return repeat_or_conflict(tx, received.work, inquiry_table, delivery_id(FileKind.INQUIRY, key))
    if read.inquiry is None:
        reply = refuse(tx, received, read.identity, found=read.findings, terms=terms)
        _complete(tx, inquiry_id, {"reply_file_id": reply})
        return Outcome.REFUSED
    _answer(tx, received.work, inquiry_id, inquiry=read.inquiry, terms=terms)
    return Outcome.ANSWERED


def _answer(tx: Connection, work: Work, inquiry_id: int, *, inquiry: Inquiry, terms: Terms) -> None:
    asked = Asked(
        municipality=inquiry.key.municipality,
        period_from=inquiry.period_from,
        period_to=inquiry.period_to,
        set_off_types=terms.set_off_types,
    )
    marked = mark(tx, inquiry_id, asked)
    reply = outgoing.put(
        tx,
        name=file_name(FileKind.ANSWER, inquiry.key),
        content=write_answer(inquiry, marked.columns, terms, produced_at=work.now),
        recipient=terms.counterpart,
        senders_file_id=delivery_id(FileKind.ANSWER, inquiry.key),
        subject=_("Answer to inquiry %(inquiry)s") % {"inquiry": inquiry.delivery_id},
        now=work.now,
    )
    totals = {"agreements": marked.agreements, "agreed_ore": marked.agreed_ore}
    _complete(tx, inquiry_id, {"reply_file_id": reply, **totals})
    _log.info("inquiry-answered", inquiry=inquiry.delivery_id, agreements=marked.agreements)


def _row(received: Received, key: RunKey, read: ReadInquiry) -> dict[str, Any]:
    inquiry = read.inquiry
    return {
        "delivery_id": delivery_id(FileKind.INQUIRY, key),
        "municipality": key.municipality,
        "value_date": key.value_date,
        "run_type": key.run_type,
        "sequence": key.sequence,
        "period_from": inquiry.period_from if inquiry else None,
        "period_to": inquiry.period_to if inquiry else None,
        "state": InquiryState.ANSWERED if inquiry else InquiryState.REFUSED,
        "agreements": 0,
        "agreed_ore": 0,
        "content_sha256": received.work.file.sha256,
        "received_file_id": received.work.file.id,
        "received_at": received.work.file.received_at,
        "replied_at": received.work.now,
    }


def _complete(tx: Connection, inquiry_id: int, values: dict[str, int]) -> None:
    tx.execute(sa.update(inquiry_table).where(inquiry_table.c.id == inquiry_id).values(**values))
