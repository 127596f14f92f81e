"""What has come in and what was replied: as a list, and one file in full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy import Connection

from sf2530.debitor.reconciling import Reconciliation, reconcile
from sf2530.debitor.tables import inquiry, refused_file, refused_line, withholding_report
from sf2530.denmark import cpr
from sf2530.denmark.municipalities import MunicipalityCode
from sf2530.errors import UseError
from sf2530.exchange.tables import incoming_file, outgoing_file
from sf2530.language import _


class ExchangeUnknown(UseError):
    """Nothing has come in under an id that was asked for."""

    code: ClassVar[str] = "exchange-unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One file that has come in, and our reply to it."""

    number: int
    file_name: str
    sender: str
    received_at: datetime
    state: str
    """Where the file is: see `exchange.states.IncomingState`."""
    outcome: str | None
    delivery_id: str | None
    municipality: MunicipalityCode | None
    records: int | None
    """Agreements in the answer, or lines in the report."""
    reply: str | None
    reply_state: str | None
    """Where the reply is: see `exchange.states.OutgoingState`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeDetails:
    """One file in full: what was found wrong, what was refused, what became of the expectations."""

    exchange: Exchange
    findings: Sequence[dict[str, str]]
    refused_lines: Sequence[dict[str, object]]
    reconciliation: Reconciliation | None


def exchanges(
    tx: Connection, *, municipality: MunicipalityCode | None = None, limit: int | None = None
) -> list[Exchange]:
    """Give what has come in, the latest first."""
    query = _query().order_by(incoming_file.c.id.desc()).limit(limit)
    if municipality is not None:
        query = query.where(_municipality() == municipality)
    return [_exchange(row) for row in tx.execute(query).mappings()]


def exchange_details(tx: Connection, wanted: str, *, reveal: bool) -> ExchangeDetails:
    """Give one file in full, by its delivery id, its name or its number.

    Of several the one that stands for the delivery id, else the first that came.

    CPR numbers are masked unless `reveal`; the caller has recorded that. Raises ExchangeUnknown.
    """
    matches = [_delivery_id() == wanted, incoming_file.c.name == wanted]
    if wanted.isascii() and wanted.isdigit():
        matches.append(incoming_file.c.id == int(wanted))
    superseded = sa.and_(inquiry.c.id.is_(None), withholding_report.c.id.is_(None))
    query = _query().where(sa.or_(*matches)).order_by(sa.case((superseded, 1), else_=0), incoming_file.c.id)
    row = tx.execute(query).mappings().first()
    if row is None:
        raise ExchangeUnknown(
            _("Nothing has come in under this id."),
            where=cpr.mask(wanted),
            remedy=_("See what there is with `sf2530 debitor exchanges`."),
        )
    return ExchangeDetails(
        exchange=_exchange(row),
        findings=row["findings"] or [],
        refused_lines=_refused_lines(tx, row["report_id"], reveal=reveal),
        reconciliation=_reconciliation(tx, row["inquiry_id"]),
    )


def _query() -> sa.Select[Any]:
    file = incoming_file.c
    reply = sa.func.coalesce(
        inquiry.c.reply_file_id, withholding_report.c.reply_file_id, refused_file.c.reply_file_id
    )
    return (
        sa.select(
            file.id.label("number"),
            file.name.label("file_name"),
            file.sender,
            file.received_at,
            file.state,
            file.outcome,
            _delivery_id().label("delivery_id"),
            _municipality().label("municipality"),
            sa.func.coalesce(inquiry.c.agreements, withholding_report.c.lines).label("records"),
            outgoing_file.c.name.label("reply"),
            outgoing_file.c.state.label("reply_state"),
            refused_file.c.findings,
            withholding_report.c.id.label("report_id"),
            sa.func.coalesce(inquiry.c.id, withholding_report.c.inquiry_id).label("inquiry_id"),
        )
        .select_from(incoming_file)
        .outerjoin(inquiry, inquiry.c.received_file_id == file.id)
        .outerjoin(withholding_report, withholding_report.c.received_file_id == file.id)
        .outerjoin(refused_file, refused_file.c.received_file_id == file.id)
        .outerjoin(outgoing_file, outgoing_file.c.id == reply)
    )


def _delivery_id() -> sa.ColumnElement[str | None]:
    return sa.func.coalesce(
        inquiry.c.delivery_id, withholding_report.c.delivery_id, refused_file.c.delivery_id
    )


def _municipality() -> sa.ColumnElement[str | None]:
    return sa.func.coalesce(inquiry.c.municipality, withholding_report.c.municipality)


def _exchange(row: sa.RowMapping) -> Exchange:
    return Exchange(
        number=row["number"],
        file_name=row["file_name"],
        sender=row["sender"],
        received_at=row["received_at"],
        state=row["state"],
        outcome=row["outcome"],
        delivery_id=row["delivery_id"],
        municipality=row["municipality"],
        records=row["records"],
        reply=row["reply"],
        reply_state=row["reply_state"],
    )


def _refused_lines(tx: Connection, report_id: int | None, *, reveal: bool) -> list[dict[str, object]]:
    if report_id is None:
        return []
    c = refused_line.c
    query = (
        sa.select(c.line, c.refusal, c.agreement_number, c.cpr, c.agreed_ore, c.withheld_ore, c.reason)
        .where(c.report_id == report_id)
        .order_by(c.line)
    )
    return [
        {**row, "cpr": row["cpr"] if reveal else cpr.mask(row["cpr"])} for row in tx.execute(query).mappings()
    ]


def _reconciliation(tx: Connection, inquiry_id: int | None) -> Reconciliation | None:
    if inquiry_id is None:
        return None
    delivery = tx.scalar(sa.select(inquiry.c.delivery_id).where(inquiry.c.id == inquiry_id))
    return next(iter(reconcile(tx, delivery_id=delivery)), None)
