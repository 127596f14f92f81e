"""Book what a report's lines came to: withholdings, settled expectations, refused lines. Set by set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy import Connection

from sf2530.debitor.expectations import Marks
from sf2530.debitor.judging import Judgement, outcome
from sf2530.debitor.reports import Report
from sf2530.debitor.states import ExpectationState
from sf2530.debitor.tables import expectation, refused_line, withholding


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """What booking came to, in lines and øre."""

    accepted: int
    refused: int
    withheld_ore: int


def book(
    tx: Connection, report: Report, marks: Marks, judgement: Judgement, *, inquiry_id: int, report_id: int
) -> Booked:
    """Store each line as a withholding or as refused, and bring the expectations to where the lines lead.

    Runs in the transaction that has locked the inquiry: nobody else settles it at the same time.
    """
    settled = _withholdings(report, marks, judgement)
    refused = _refused_lines(report, judgement)
    if settled:
        rows = [{"report_id": report_id, "inquiry_id": inquiry_id, **row} for row in settled]
        tx.execute(sa.insert(withholding), rows)
        _settle(tx, report_id, count=len(rows))
    if refused:
        tx.execute(sa.insert(refused_line), [{"report_id": report_id, **row} for row in refused])
        _mark_refused(tx, inquiry_id, _refused_agreements(marks, judgement))
    return Booked(
        accepted=len(settled),
        refused=len(refused),
        withheld_ore=int(report.lines.withheld_ore[judgement.accepted].sum()),
    )


def _settle(tx: Connection, report_id: int, *, count: int) -> None:
    """Bring every expectation that a stored withholding of the report names to its outcome."""
    settled = (
        sa.update(expectation)
        .where(
            withholding.c.report_id == report_id,
            expectation.c.inquiry_id == withholding.c.inquiry_id,
            expectation.c.agreement_id == withholding.c.agreement_id,
        )
        .values(
            state=withholding.c.state,
            withheld_ore=withholding.c.withheld_ore,
            reason=withholding.c.reason,
            report_id=withholding.c.report_id,
            report_line=withholding.c.line,
        )
    )
    changed = tx.execute(settled).rowcount
    if changed != count:
        message = f"{count} withholdings settled {changed} expectations"
        raise AssertionError(message)


def _mark_refused(tx: Connection, inquiry_id: int, agreements: list[int]) -> None:
    """Note on the expectations that are still open that a line for them was refused."""
    if not agreements:
        return
    statement = (
        sa.update(expectation)
        .where(
            expectation.c.inquiry_id == inquiry_id,
            expectation.c.agreement_id == sa.bindparam("refused_agreement"),
            expectation.c.state == ExpectationState.OPEN,
        )
        .values(state=ExpectationState.REFUSED)
    )
    tx.execute(statement, [{"refused_agreement": number} for number in agreements])


def _withholdings(report: Report, marks: Marks, judgement: Judgement) -> list[dict[str, Any]]:
    chosen = judgement.accepted
    position = judgement.position[chosen]
    withheld = report.lines.withheld_ore[chosen].tolist()
    agreed = marks.expected.agreed_ore[position].tolist()
    columns = {
        "line": report.numbering[chosen].tolist(),
        "agreement_id": marks.agreement_id[position].tolist(),
        "withheld_ore": withheld,
        "state": [outcome(*amounts) for amounts in zip(withheld, agreed, strict=True)],
        "reason": _texts(report.lines.reason[chosen]),
        "benefit_code": _texts(report.benefit_code[chosen]),
        "payment_reference": _texts(report.payment_reference[chosen]),
    }
    return _rows(columns)


def _refused_lines(report: Report, judgement: Judgement) -> list[dict[str, Any]]:
    chosen = ~judgement.accepted
    columns = {
        "line": report.numbering[chosen].tolist(),
        "refusal": [refusal for refusal in judgement.refusals if refusal is not None],
        "agreement_number": _texts(report.lines.agreement_number[chosen]),
        "cpr": _texts(report.lines.cpr[chosen]),
        "agreed_ore": report.lines.agreed_ore[chosen].tolist(),
        "withheld_ore": report.lines.withheld_ore[chosen].tolist(),
        "reason": _texts(report.lines.reason[chosen]),
    }
    return _rows(columns)


def _refused_agreements(marks: Marks, judgement: Judgement) -> list[int]:
    refused = ~judgement.accepted & judgement.expected
    numbers: list[int] = marks.agreement_id[judgement.position[refused]].tolist()
    return numbers


def _rows(columns: dict[str, list[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _texts(column: NDArray[np.bytes_]) -> list[str]:
    texts: list[str] = np.char.decode(column, "ascii").tolist()
    return texts
