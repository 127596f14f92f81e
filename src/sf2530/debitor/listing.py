"""Agreements as people and files see them: filtered, in order, masked unless asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection

from sf2530.debitor.selecting import ANSWER_ORDER
from sf2530.debitor.states import AgreementState
from sf2530.debitor.tables import agreement
from sf2530.denmark import cpr
from sf2530.denmark.municipalities import MunicipalityCode

_FETCHED_AT_ONCE = 5_000
_NOT_SHOWN = {"id", "created_at", "changed_at"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementFilter:
    """Which agreements are meant; None leaves a field open."""

    municipality: MunicipalityCode | None = None
    state: AgreementState | None = None
    agreement_number: str | None = None

    def described(self) -> str:
        """Say what is meant, for the record of disclosures."""
        chosen = (self.municipality, self.state, self.agreement_number)
        return " ".join(value for value in chosen if value is not None) or "all"


def agreements(
    tx: Connection, chosen: AgreementFilter, *, reveal: bool, limit: int | None = None
) -> Iterator[dict[str, object]]:
    """Give agreements by the fields of an import, in the order of municipality and then of an answer.

    CPR numbers are masked unless `reveal`; who calls with it has to have recorded that. Streams: needs no
    more memory for a million.
    """
    columns = [column for column in agreement.c if column.name not in _NOT_SHOWN]
    query = (
        sa.select(*columns)
        .where(*_conditions(chosen))
        .order_by(agreement.c.municipality, *ANSWER_ORDER)
        .limit(limit)
        .execution_options(yield_per=_FETCHED_AT_ONCE)
    )
    for row in tx.execute(query).mappings():
        shown = dict(row)
        if not reveal:
            shown["cpr"] = cpr.mask(str(shown["cpr"]))
        yield {str(name): value for name, value in shown.items()}


def count_agreements(tx: Connection, chosen: AgreementFilter) -> int:
    """Say how many agreements there are of that kind."""
    query = sa.select(sa.func.count()).select_from(agreement).where(*_conditions(chosen))
    return int(tx.scalar(query) or 0)


def _conditions(chosen: AgreementFilter) -> list[sa.ColumnElement[bool]]:
    wanted = {
        agreement.c.municipality: chosen.municipality,
        agreement.c.state: chosen.state,
        agreement.c.agreement_number: chosen.agreement_number,
    }
    return [column == value for column, value in wanted.items() if value is not None]
