"""Set the marks of an inquiry, and read back what they hold for the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy import Connection

from sf2530.debitor.selecting import ANSWER_ORDER, Asked, can_be_set_off
from sf2530.debitor.states import ExpectationState
from sf2530.debitor.tables import agreement, expectation
from sf2530.records.columns import day_number

# Each field of the answer's records: where it comes from, and as what it stands in a column.
_ANSWERED: Mapping[str, tuple[sa.ColumnElement[Any], str]] = {
    "PNR": (agreement.c.cpr, "S10"),
    "AFTALENR": (agreement.c.agreement_number, "S12"),
    "AFTALETYPE": (agreement.c.agreement_type, "S2"),
    "PRIORITET": (agreement.c.priority, "i8"),
    "MDRBELOEB": (expectation.c.agreed_ore, "i8"),
    "GYLDIG_FRA": (agreement.c.valid_from, "day"),
    "GYLDIG_TIL": (agreement.c.valid_to, "day"),
    "FORFALDSDATO": (agreement.c.due_date, "day"),
    "ANTAL_BIDRAG": (agreement.c.contributions, "i8"),
    "KRAVREF": (agreement.c.claim_reference, "S20"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """The marks of one inquiry as the answer's columns, in the answer's order."""

    columns: Mapping[str, NDArray[Any]]
    agreements: int
    agreed_ore: int


def mark(tx: Connection, inquiry_id: int, asked: Asked) -> Marked:
    """Mark every agreement that can be set off, and give the marks back as they stand.

    Runs in the transaction that has claimed the inquiry: nobody else marks for it. The answer is read from
    the marks and not from the agreements, so that it holds exactly what was marked, with the marked amounts.
    """
    chosen = sa.select(
        sa.literal(inquiry_id),
        agreement.c.id,
        agreement.c.monthly_ore,
        sa.literal(0),
        sa.literal(ExpectationState.OPEN.value),
    ).where(can_be_set_off(asked))
    columns = ["inquiry_id", "agreement_id", "agreed_ore", "withheld_ore", "state"]
    tx.execute(sa.insert(expectation).from_select(columns, chosen))
    return _marked(tx, inquiry_id)


def _marked(tx: Connection, inquiry_id: int) -> Marked:
    query = (
        sa.select(*(source for source, _kind in _ANSWERED.values()))
        .join_from(expectation, agreement, expectation.c.agreement_id == agreement.c.id)
        .where(expectation.c.inquiry_id == inquiry_id)
        .order_by(*ANSWER_ORDER)
    )
    rows = tx.execute(query).all()
    values: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) or [()] * len(_ANSWERED)
    columns = {
        name: _column(cells, kind)
        for (name, (_source, kind)), cells in zip(_ANSWERED.items(), values, strict=True)
    }
    return Marked(columns=columns, agreements=len(rows), agreed_ore=int(columns["MDRBELOEB"].sum()))


def _column(cells: Sequence[Any], kind: str) -> NDArray[Any]:
    if kind != "day":
        return np.array(cells, dtype=kind)
    numbers = {day: day_number(day) for day in set(cells)}  # there are far fewer days than agreements
    return np.array([numbers[day] for day in cells], dtype=np.int64)
