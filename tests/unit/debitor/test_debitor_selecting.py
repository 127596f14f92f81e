"""Which agreements can be set off, as a table of cases; the SQL is tested against the same cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from sf2530.debitor.selecting import Asked, Candidate, obstacle
from sf2530.debitor.states import AgreementState, Obstacle
from sf2530.denmark.municipalities import MunicipalityCode

NOVEMBER = Asked(
    municipality=MunicipalityCode("0101"),
    period_from=date(2026, 11, 1),
    period_to=date(2026, 11, 30),
    set_off_types=frozenset({"01"}),
)
RUNNING = Candidate(
    municipality=MunicipalityCode("0101"),
    state=AgreementState.ACTIVE,
    agreement_type="01",
    valid_from=date(2026, 1, 1),
    valid_to=None,
)

CASES: dict[str, tuple[dict[str, object], Obstacle | None]] = {
    "active and open": ({}, None),
    "begins on the period's last day": ({"valid_from": date(2026, 11, 30)}, None),
    "begins the day after": ({"valid_from": date(2026, 12, 1)}, Obstacle.NOT_BEGUN),
    "ends on the period's first day": ({"valid_to": date(2026, 11, 1)}, None),
    "ended the day before": ({"valid_to": date(2026, 10, 31)}, Obstacle.OVER),
    "ends in the middle of the period": ({"valid_to": date(2026, 11, 15)}, None),
    "another municipality pays": ({"municipality": MunicipalityCode("0147")}, Obstacle.OTHER_MUNICIPALITY),
    "a draft": ({"state": AgreementState.DRAFT}, Obstacle.NOT_ACTIVE),
    "suspended": ({"state": AgreementState.SUSPENDED}, Obstacle.NOT_ACTIVE),
    "ended by a person": ({"state": AgreementState.ENDED}, Obstacle.NOT_ACTIVE),
    "a type that is not set off": ({"agreement_type": "02"}, Obstacle.TYPE_NOT_SET_OFF),
}


@pytest.mark.parametrize("case", CASES)
def test_an_agreement_is_set_off_only_without_an_obstacle(case: str) -> None:
    changes, expected = CASES[case]

    assert obstacle(replace(RUNNING, **changes), NOVEMBER) is expected  # type: ignore[arg-type]  # table of cases
