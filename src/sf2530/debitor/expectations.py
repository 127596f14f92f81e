"""The expectations of one inquiry as columns, and where agreements belong that it doesn't expect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy import Connection

from sf2530.debitor.judging import Expected, KnownElsewhere
from sf2530.debitor.states import UNSETTLED
from sf2530.debitor.tables import agreement, expectation
from sf2530.denmark.municipalities import MunicipalityCode

_NUMBERS_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What `judging` compares with, and the agreements' ids in the same order."""

    expected: Expected
    agreement_id: NDArray[np.int64]


def expectations_of(tx: Connection, inquiry_id: int, *, value_date: date) -> Marks:
    """Give all expectations of the inquiry, sorted by agreement number."""
    query = (
        sa.select(
            agreement.c.agreement_number,
            agreement.c.cpr,
            expectation.c.agreed_ore,
            expectation.c.state,
            expectation.c.agreement_id,
        )
        .join_from(expectation, agreement, expectation.c.agreement_id == agreement.c.id)
        .where(expectation.c.inquiry_id == inquiry_id)
    )
    rows = tx.execute(query).all()
    number, cpr, agreed_ore, state, agreement_id = zip(*rows, strict=True) if rows else [()] * 5
    numbers = np.array(number, dtype="S12")
    order = np.argsort(numbers)
    expected = Expected(
        agreement_number=numbers[order],
        cpr=np.array(cpr, dtype="S10")[order],
        agreed_ore=np.array(agreed_ore, dtype=np.int64)[order],
        unsettled=np.isin(np.array(state, dtype="U10"), UNSETTLED)[order],
        value_date=int(f"{value_date:%Y%m%d}"),
    )
    return Marks(expected=expected, agreement_id=np.array(agreement_id, dtype=np.int64)[order])


def known_elsewhere(
    tx: Connection, numbers: Sequence[bytes], municipality: MunicipalityCode
) -> KnownElsewhere:
    """Say which of these agreement numbers are the municipality's own, and which another's."""
    own: list[bytes] = []
    others: list[bytes] = []
    for first in range(0, len(numbers), _NUMBERS_AT_ONCE):
        wanted = [number.decode("ascii") for number in numbers[first : first + _NUMBERS_AT_ONCE]]
        query = sa.select(agreement.c.agreement_number, agreement.c.municipality).where(
            agreement.c.agreement_number.in_(wanted)
        )
        for row in tx.execute(query):
            (own if row.municipality == municipality else others).append(row.agreement_number.encode("ascii"))
    return KnownElsewhere(own=own, others=others)
