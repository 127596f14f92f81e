"""The migrated database is the declared one, and the SQL of the rules is the rules."""

from __future__ import annotations

from datetime import date
from itertools import product
from typing import TYPE_CHECKING

import sqlalchemy as sa

from sf2530.database.engines import reading
from sf2530.database.migrating import differences
from sf2530.debitor.selecting import Asked, Candidate, can_be_set_off, obstacle
from sf2530.debitor.states import AgreementState
from sf2530.debitor.tables import agreement
from sf2530.denmark.municipalities import MunicipalityCode

if TYPE_CHECKING:
    from tests.party.debitor.conftest import DebitorTown


def test_the_migrated_database_is_the_declared_one(debitor: DebitorTown) -> None:
    assert differences(debitor.engine, "sf2530.debitor.migrations") == []


def test_the_sql_chooses_exactly_the_agreements_without_an_obstacle(debitor: DebitorTown) -> None:
    asked = Asked(
        municipality=MunicipalityCode("0101"),
        period_from=date(2026, 11, 1),
        period_to=date(2026, 11, 30),
        set_off_types=frozenset({"01", "03"}),
    )
    begins = [date(2026, 10, 31), date(2026, 11, 30), date(2026, 12, 1)]
    ends = [None, date(2026, 10, 31), date(2026, 11, 1), date(2027, 1, 1)]
    expected = set()
    for municipality, state, kind, valid_from, valid_to in product(
        ["0101", "0147"], AgreementState, ["01", "02", "03"], begins, ends
    ):
        if valid_to is not None and valid_to < valid_from:
            continue
        [number] = debitor.has_agreements(
            municipality, state=state.value, agreement_type=kind, valid_from=valid_from, valid_to=valid_to
        )
        candidate = Candidate(
            municipality=MunicipalityCode(municipality),
            state=state,
            agreement_type=kind,
            valid_from=valid_from,
            valid_to=valid_to,
        )
        if obstacle(candidate, asked) is None:
            expected.add(number)

    with reading(debitor.engine) as tx:
        chosen = set(tx.scalars(sa.select(agreement.c.agreement_number).where(can_be_set_off(asked))))

    assert chosen == expected
    assert len(expected) == 10
