"""Set the marks of an inquiry, and read back what they hold for the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from sf2530.debitor.selecting import ANSWER_ORDER, Asked, can_be_set_off
from sf2530.debitor.states import ExpectationState
from sf2530.debitor.tables import agreement, expectation

_ANSWERED = {
    "PNR": agreement.c.cpr,
    "AFTALENR": agreement.c.agreement_number,
    "AFTALETYPE": agreement.c.agreement_type,
    "PRIORITET": agreement.c.priority,
    "MDRBELOEB": expectation.c.agreed_ore,
    "GYLDIG_FRA": agreement.c.valid_from,
    "GYLDIG_TIL": agreement.c.valid_to,
    "FORFALDSDATO": agreement.c.due_date,
    "ANTAL_BIDRAG": agreement.c.contributions,
    "KRAVREF": agreement.c.claim_reference,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """The marks of one inquiry as the answer's columns, in the answer's order."""

    columns: Mapping[str, Sequence[Any]]
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
        sa.select(*_ANSWERED.values())
        .join_from(expectation, agreement, expectation.c.agreement_id == agreement.c.id)
        .where(expectation.c.inquiry_id == inquiry_id)
        .order_by(*ANSWER_ORDER)
    )
    rows = tx.execute(query).all()
    values = list(zip(*rows, strict=True)) if rows else [()] * len(_ANSWERED)
    columns = dict(zip(_ANSWERED, values, strict=True))
    return Marked(columns=columns, agreements=len(rows), agreed_ore=sum(columns["MDRBELOEB"]))
