"""Compare, run by run, what was answered, withheld and reported, in counts and in whole øre. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from sf2530.ky import runs
from sf2530.ky.runs import Run, RunFilter, RunId
from sf2530.ky.tables import answered_agreement, payout_run, withholding, withholding_share
from sf2530.language import _


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many agreements, and how many øre."""

    count: int
    ore: int

    def __add__(self, other: Tally) -> Tally:
        return Tally(count=self.count + other.count, ore=self.ore + other.ore)


NOTHING = Tally(count=0, ore=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """One run's figures, counted from the rows themselves; `reported` is what the report was written with."""

    run: Run
    asked_at: datetime | None
    answered: Tally
    withheld: Tally
    shared_ore: int
    """What is taken out of payments, added up: the withheld amount seen from the other side."""
    reported: Tally

    @property
    def differences(self) -> list[str]:
        """Say what doesn't agree; empty when all does. A step not taken yet is no difference."""
        run = self.run
        claims = [
            (
                run.answered_at,
                (run.agreements, run.agreed_ore) == (self.answered.count, self.answered.ore),
                _("the stored agreements are not those of the accepted answer"),
            ),
            (
                run.allocated_at,
                self.withheld.count == self.answered.count,
                _("not every agreement in the answer has one withholding"),
            ),
            (
                run.allocated_at,
                run.withheld_ore == self.withheld.ore == self.shared_ore,
                _("the withheld amounts don't add up with what is taken out of the payments"),
            ),
            (
                run.reported_at,
                self.reported == self.withheld,
                _("the report doesn't hold what was withheld"),
            ),
        ]
        return [text for reached, holds, text in claims if reached is not None and not holds]


def reconcile(tx: Connection, which: RunFilter) -> list[Reconciled]:
    """Give every run's figures, by value date and municipality."""
    answered = _tallies(tx, answered_agreement.c.run_id, answered_agreement.c.agreed_ore, which)
    withheld = _tallies(tx, withholding.c.run_id, withholding.c.withheld_ore, which)
    shared = _tallies(tx, withholding_share.c.run_id, withholding_share.c.withheld_ore, which)
    return [
        Reconciled(
            run=run,
            asked_at=run.asked_at,
            answered=answered.get(run.id, NOTHING),
            withheld=withheld.get(run.id, NOTHING),
            shared_ore=shared.get(run.id, NOTHING).ore,
            reported=Tally(count=run.reported or 0, ore=run.reported_ore or 0),
        )
        for run in runs.chosen(tx, which)
    ]


def total(tallies: Iterable[Tally]) -> Tally:
    """Add up."""
    return sum(tallies, NOTHING)


def _tallies(
    tx: Connection, run_id: sa.Column[Any], ore: sa.Column[Any], which: RunFilter
) -> dict[RunId, Tally]:
    query = (
        sa.select(run_id, sa.func.count(), sa.func.sum(ore))
        .join(payout_run, payout_run.c.id == run_id)
        .where(*which.terms())
        .group_by(run_id)
    )
    # PostgreSQL gives the sum of BIGINTs as a Decimal
    return {RunId(found): Tally(count=count, ore=int(ore)) for found, count, ore in tx.execute(query)}
