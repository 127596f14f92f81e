"""The words for states and reasons, in the chosen language; programs get the codes."""

from __future__ import annotations

from sf2530.debitor.states import AgreementState, LineRefusal, Outcome
from sf2530.language import _


def agreement_label(value: str) -> str:
    """Give the word for where an agreement stands. Raises ValueError for what is none."""
    return {
        AgreementState.DRAFT: _("draft"),
        AgreementState.ACTIVE: _("active"),
        AgreementState.SUSPENDED: _("suspended"),
        AgreementState.ENDED: _("ended"),
    }[AgreementState(value)]


def outcome_label(value: str | None) -> str | None:
    """Give the word for what came of a file; a person's reason for discarding one stays as it is."""
    if value not in set(Outcome):
        return value
    return {
        Outcome.ANSWERED: _("answered"),
        Outcome.SETTLED: _("settled"),
        Outcome.SETTLED_WITH_REFUSALS: _("settled, with lines refused"),
        Outcome.REFUSED: _("refused"),
        Outcome.REPEATED: _("repeated"),
        Outcome.CONFLICT: _("conflict"),
        Outcome.NOT_OURS: _("not ours"),
    }[Outcome(value)]


def refusal_label(value: str) -> str:
    """Say why a line of a report was refused. Raises ValueError for what is none."""
    return {
        LineRefusal.UNKNOWN_AGREEMENT: _("unknown agreement"),
        LineRefusal.OTHER_MUNICIPALITY: _("another municipality's agreement"),
        LineRefusal.NEVER_EXPECTED: _("never expected"),
        LineRefusal.TWICE: _("twice in the report"),
        LineRefusal.ALREADY_SETTLED: _("already settled"),
        LineRefusal.OTHER_PERSON: _("another person's agreement"),
        LineRefusal.OTHER_VALUE_DATE: _("another value date"),
        LineRefusal.AGREED_AMOUNT_DIFFERS: _("the agreed amount differs"),
        LineRefusal.REVERSAL: _("a reversal is booked by a person"),
        LineRefusal.MORE_THAN_AGREED: _("more than agreed"),
        LineRefusal.REASON_UNKNOWN: _("reason unknown"),
        LineRefusal.REASON_DOES_NOT_FIT: _("reason does not fit"),
    }[LineRefusal(value)]
