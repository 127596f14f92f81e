"""Which agreements can be set off for an inquiry: the rules, and the SQL that says the same.

An agreement is set off when the asking municipality pays the person's benefit, the agreement is active, its
type is set off in cash benefit, and it is valid on at least one day of the benefit period. The answer is a
snapshot: what happens to an agreement afterwards shows in the next one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from sf2530.debitor.states import AgreementState, Obstacle
from sf2530.debitor.tables import agreement
from sf2530.denmark.municipalities import MunicipalityCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an inquiry asks for, as far as selection needs it."""

    municipality: MunicipalityCode
    period_from: date
    period_to: date
    """Last day of the benefit period, included."""
    set_off_types: frozenset[str]
    """The agreement types that are set off in cash benefit: 01, advance-paid child support, by default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An agreement, as far as selection needs it."""

    municipality: MunicipalityCode
    """The one that pays the person's benefit; not the one the person lives in."""
    state: AgreementState
    agreement_type: str
    valid_from: date
    valid_to: date | None
    """Last valid day, included; None while it is open."""


def obstacle(candidate: Candidate, asked: Asked) -> Obstacle | None:
    """Say why the agreement can't be set off for what is asked; None when it can."""
    if candidate.municipality != asked.municipality:
        return Obstacle.OTHER_MUNICIPALITY
    if candidate.state is not AgreementState.ACTIVE:
        return Obstacle.NOT_ACTIVE
    if candidate.agreement_type not in asked.set_off_types:
        return Obstacle.TYPE_NOT_SET_OFF
    if candidate.valid_from > asked.period_to:
        return Obstacle.NOT_BEGUN
    if candidate.valid_to is not None and candidate.valid_to < asked.period_from:
        return Obstacle.OVER
    return None


def can_be_set_off(asked: Asked) -> sa.ColumnElement[bool]:
    """Give the condition on `agreement` rows that is true exactly where `obstacle` gives None."""
    return sa.and_(
        agreement.c.municipality == asked.municipality,
        agreement.c.state == AgreementState.ACTIVE,
        agreement.c.agreement_type.in_(sorted(asked.set_off_types)),
        agreement.c.valid_from <= asked.period_to,
        sa.or_(agreement.c.valid_to.is_(None), agreement.c.valid_to >= asked.period_from),
    )


ANSWER_ORDER = (agreement.c.cpr, agreement.c.priority, agreement.c.agreement_number)
"""The order of an answer's lines: person, priority, agreement number."""
