"""The state machine of a payout run: the states, and the only moves between them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar

from sf2530.errors import UseError
from sf2530.language import _


class RunState(StrEnum):
    """Where one exchange (municipality, value date, run type, sequence) stands."""

    PLANNED = "planned"
    """The run is in the calendar; nothing has been sent."""
    ASKED = "asked"
    """The inquiry's bytes are in the outbox."""
    DELIVERED = "delivered"
    """The platform has given its technical receipt for the inquiry."""
    ANSWERED = "answered"
    """An answer was accepted and its agreements stored; payments may still be missing."""
    ALLOCATED = "allocated"
    """Every answered agreement has its withholding; final."""
    REPORTED = "reported"
    """The withholding report's bytes are in the outbox."""
    CLOSED = "closed"
    """The platform has given its technical receipt for the report."""
    REJECTED = "rejected"
    """UDK Debitor has refused the inquiry, or the report, with a reject answer; a person decides."""
    HELD = "held"
    """The platform refused a file of this run, or a step kept failing; a person decides."""


MOVES: Mapping[RunState, frozenset[RunState]] = {
    RunState.PLANNED: frozenset({RunState.ASKED}),
    # The answer may overtake the receipt: they come from different senders.
    RunState.ASKED: frozenset({RunState.DELIVERED, RunState.ANSWERED, RunState.REJECTED, RunState.HELD}),
    RunState.DELIVERED: frozenset({RunState.ANSWERED, RunState.REJECTED}),
    RunState.ANSWERED: frozenset({RunState.ALLOCATED, RunState.HELD}),
    RunState.ALLOCATED: frozenset({RunState.REPORTED, RunState.HELD}),
    RunState.REPORTED: frozenset({RunState.CLOSED, RunState.REJECTED, RunState.HELD}),
    # A file that was refused and sent again comes through after all, or a person resumes the run.
    RunState.HELD: frozenset(
        {
            RunState.ASKED,
            RunState.DELIVERED,
            RunState.ANSWERED,
            RunState.ALLOCATED,
            RunState.REPORTED,
            RunState.CLOSED,
            RunState.REJECTED,
        }
    ),
    # UDK Debitor reads the report after the platform has taken it, and may refuse it then.
    RunState.CLOSED: frozenset({RunState.REJECTED}),
    RunState.REJECTED: frozenset(),
}
"""What may follow each state. Whatever is not here is refused, whoever asks."""

NEEDS_A_PERSON = frozenset({RunState.REJECTED, RunState.HELD})
"""The states that nothing but a person, or a file sent again, leads out of."""


def state_label(value: str) -> str:
    """Give the word for a run's state, in the chosen language. Raises ValueError for what is none."""
    return {
        RunState.PLANNED: _("planned"),
        RunState.ASKED: _("asked"),
        RunState.DELIVERED: _("delivered"),
        RunState.ANSWERED: _("answered"),
        RunState.ALLOCATED: _("allocated"),
        RunState.REPORTED: _("reported"),
        RunState.CLOSED: _("closed"),
        RunState.REJECTED: _("rejected"),
        RunState.HELD: _("held"),
    }[RunState(value)]


class MoveNotAllowed(UseError):
    """A payout run can't go from the state it is in to the one asked for."""

    code: ClassVar[str] = "run-move-not-allowed"


def check_move(run: str, present: RunState, to: RunState) -> None:
    """Refuse a move that `MOVES` doesn't hold; `run` names the run in the error."""
    if to in MOVES[present]:
        return
    raise MoveNotAllowed(
        _("The payout run is %(present)s and can't become %(to)s.")
        % {"present": state_label(present), "to": state_label(to)},
        where=run,
        remedy=_("See where it stands with `sf2530 ky run status`."),
    )
