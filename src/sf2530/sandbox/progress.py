"""How far each municipality's exchange has come, as the demo shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum

from sf2530.denmark.municipalities import MunicipalityCode
from sf2530.language import _


class Step(StrEnum):
    """The steps of one municipality's exchange, in their order."""

    PLANNED = "planned"
    SENT = "sent"
    DELIVERED = "delivered"
    ANSWERED = "answered"
    WITHHELD = "withheld"
    REPORTED = "reported"
    SETTLED = "settled"


ORDER = tuple(Step)

Progress = Mapping[MunicipalityCode, Step]


def heading(step: Step) -> str:
    """Give the step's name in the chosen language."""
    return {
        Step.PLANNED: _("planned"),
        Step.SENT: _("sent"),
        Step.DELIVERED: _("delivered"),
        Step.ANSWERED: _("answered"),
        Step.WITHHELD: _("withheld"),
        Step.REPORTED: _("reported"),
        Step.SETTLED: _("settled"),
    }[step]


def reached(progress: Progress) -> dict[Step, int]:
    """Count the municipalities that have reached each step (or gone beyond it)."""
    at = Counter(ORDER.index(step) for step in progress.values())
    return {step: sum(at[later] for later in range(number, len(ORDER))) for number, step in enumerate(ORDER)}


def is_complete(progress: Progress) -> bool:
    """Tell whether every municipality is settled."""
    return all(step is Step.SETTLED for step in progress.values())
