"""Where the runs stand, for people and programs: one line per run, and the files that were refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from sf2530.ky.runs import Run, RunFilter
from sf2530.ky.states import NEEDS_A_PERSON, RunState
from sf2530.ky.tables import payout_run, refused_file
from sf2530.language import _


class Light(StrEnum):
    """The traffic light of a run."""

    GREEN = "green"
    """Closed, or waiting for nothing but time."""
    YELLOW = "yellow"
    """On its way, and it waits for somebody."""
    RED = "red"
    """A person has to look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedFile:
    """One incoming file that had no effect; `findings` are masked texts."""

    name: str
    reason: str
    findings: tuple[str, ...]
    findings_total: int
    refused_at: datetime


def light(run: Run, *, today: date) -> Light:
    """Give the run's traffic light on a business date."""
    if run.state in NEEDS_A_PERSON or run.problem:
        return Light.RED
    if run.state is RunState.CLOSED:
        return Light.GREEN
    if run.state is RunState.PLANNED and today < run.ask_on:
        return Light.GREEN
    return Light.RED if today > run.key.value_date else Light.YELLOW


def light_label(value: Light) -> str:
    """Give the word for a traffic light, in the chosen language."""
    return {Light.GREEN: _("green"), Light.YELLOW: _("yellow"), Light.RED: _("red")}[value]


def waits_for(run: Run) -> str:
    """Say whom or what the run waits for."""
    if run.state is RunState.ANSWERED and not run.payments_complete:
        return _("the payments list")
    return {
        RunState.PLANNED: _("to be asked for, on %(day)s") % {"day": run.ask_on.isoformat()},
        RunState.ASKED: _("the platform's receipt for the inquiry"),
        RunState.DELIVERED: _("UDK Debitor's answer"),
        RunState.ANSWERED: _("us"),
        RunState.ALLOCATED: _("us"),
        RunState.REPORTED: _("the platform's receipt for the report"),
        RunState.CLOSED: _("nothing"),
        RunState.REJECTED: _("a person"),
        RunState.HELD: _("a person"),
    }[run.state]


def as_json(run: Run, *, today: date) -> dict[str, Any]:
    """Give a run's status for machine output."""
    return {
        "municipality": run.key.municipality,
        "value_date": run.key.value_date,
        "run_type": run.key.run_type,
        "sequence": run.key.sequence,
        "state": run.state,
        "light": light(run, today=today),
        "waits_for": waits_for(run),
        "problem": run.problem,
        "agreements": run.agreements,
        "agreed_ore": run.agreed_ore,
        "payments": run.payments,
        "net_ore": run.net_ore,
        "withheld_ore": run.withheld_ore,
        "reported": run.reported,
        "reported_ore": run.reported_ore,
    }


def refused_files(tx: Connection, which: RunFilter) -> list[RefusedFile]:
    """Give the refused files of the runs meant, oldest first; of all runs, also those of no run."""
    query = sa.select(refused_file).order_by(refused_file.c.incoming_file_id)
    if terms := which.terms():
        query = query.join(payout_run, payout_run.c.id == refused_file.c.run_id).where(*terms)
    return [
        RefusedFile(
            name=row.name,
            reason=row.reason,
            findings=tuple(row.findings),
            findings_total=row.findings_total,
            refused_at=row.refused_at,
        )
        for row in tx.execute(query)
    ]
