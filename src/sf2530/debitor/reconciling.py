"""What became of the expectations: by inquiry, in counts and in øre, and which ones are missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from sf2530.debitor.states import ExpectationState, InquiryState
from sf2530.debitor.tables import expectation, inquiry, withholding_report
from sf2530.denmark.municipalities import MunicipalityCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """One answered inquiry. `expected` is always the sum of the five counts below it."""

    delivery_id: str
    municipality: MunicipalityCode
    value_date: date
    expected: int
    settled: int
    partly: int
    zero: int
    refused: int
    """Expectations whose line was refused: a person settles them with the municipality."""
    missing: int
    """Expectations that no report has said anything about."""
    expected_ore: int
    withheld_ore: int
    outstanding_ore: int
    """Agreed amounts of the refused and missing ones: nobody has accounted for them yet."""
    reports: int
    refused_lines: int
    """Refused lines, those of unexpected agreements included."""

    @property
    def is_closed(self) -> bool:
        """Whether every expectation is accounted for and no refused line waits for a person."""
        return not (self.refused or self.missing or self.refused_lines)


def reconcile(
    tx: Connection,
    *,
    municipality: MunicipalityCode | None = None,
    value_date: date | None = None,
    delivery_id: str | None = None,
) -> list[Reconciliation]:
    """Give the answered inquiries that are meant with what became of them, by value date and municipality."""
    wanted = {
        inquiry.c.municipality: municipality,
        inquiry.c.value_date: value_date,
        inquiry.c.delivery_id: delivery_id,
    }
    conditions = [inquiry.c.state == InquiryState.ANSWERED]
    conditions += [column == value for column, value in wanted.items() if value is not None]
    asked = sa.select(inquiry).where(*conditions).subquery("asked")
    marks = _marks_by_inquiry(asked)
    reports = _reports_by_inquiry(asked)
    query = (
        sa.select(asked, marks, reports)
        .select_from(asked)
        .outerjoin(marks, marks.c.inquiry_id == asked.c.id)
        .outerjoin(reports, reports.c.inquiry_id == asked.c.id)
        .order_by(asked.c.value_date, asked.c.municipality, asked.c.id)
    )
    return [_reconciliation(row) for row in tx.execute(query).mappings()]


def _marks_by_inquiry(asked: sa.Subquery) -> sa.Subquery:
    def count(state: ExpectationState) -> sa.ColumnElement[int]:
        return sa.func.count().filter(expectation.c.state == state)

    unsettled = expectation.c.state.in_([ExpectationState.OPEN, ExpectationState.REFUSED])
    return (
        sa.select(
            expectation.c.inquiry_id,
            sa.func.count().label("expected"),
            count(ExpectationState.SETTLED).label("settled"),
            count(ExpectationState.PARTLY).label("partly"),
            count(ExpectationState.ZERO).label("zero"),
            count(ExpectationState.REFUSED).label("refused"),
            count(ExpectationState.OPEN).label("missing"),
            sa.func.sum(expectation.c.agreed_ore).label("expected_ore"),
            sa.func.sum(expectation.c.withheld_ore).label("withheld_ore"),
            sa.func.sum(sa.case((unsettled, expectation.c.agreed_ore), else_=0)).label("outstanding_ore"),
        )
        .where(expectation.c.inquiry_id.in_(sa.select(asked.c.id)))
        .group_by(expectation.c.inquiry_id)
        .subquery("marks")
    )


def _reports_by_inquiry(asked: sa.Subquery) -> sa.Subquery:
    return (
        sa.select(
            withholding_report.c.inquiry_id,
            sa.func.count().label("reports"),
            sa.func.sum(withholding_report.c.refused_lines).label("refused_lines"),
        )
        .where(withholding_report.c.inquiry_id.in_(sa.select(asked.c.id)))
        .group_by(withholding_report.c.inquiry_id)
        .subquery("reports")
    )


_COUNTED = (
    "expected",
    "settled",
    "partly",
    "zero",
    "refused",
    "missing",
    "expected_ore",
    "withheld_ore",
    "outstanding_ore",
    "reports",
    "refused_lines",
)


def _reconciliation(row: sa.RowMapping) -> Reconciliation:
    counts: dict[str, Any] = {name: int(row[name] or 0) for name in _COUNTED}
    return Reconciliation(
        delivery_id=row["delivery_id"],
        municipality=row["municipality"],
        value_date=row["value_date"],
        **counts,
    )
