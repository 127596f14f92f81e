"""The states of what UDK Debitor keeps, and the codes that say why."""

from __future__ import annotations

from enum import StrEnum


class AgreementState(StrEnum):
    """Where a payment administration agreement stands."""

    DRAFT = "draft"
    """Being made; the municipality has not decided yet."""
    ACTIVE = "active"
    """In force: it is in the answers of the periods it is valid in."""
    SUSPENDED = "suspended"
    """Paused by a person; it is in no answer until it is active again."""
    ENDED = "ended"
    """Over for good."""


class InquiryState(StrEnum):
    """The one outcome that an inquiry had."""

    ANSWERED = "answered"
    """Its agreements are marked and its answer is in the outbox."""
    REFUSED = "refused"
    """No agreement was marked; its reject answer is in the outbox."""


class Outcome(StrEnum):
    """What came of a received file; stands on its row in the exchange."""

    ANSWERED = "answered"
    """An inquiry: marked, and its answer put in the outbox."""
    SETTLED = "settled"
    """A report: every line settled its expectation."""
    SETTLED_WITH_REFUSALS = "settled-with-refusals"
    """A report: some lines were refused, the others settled theirs."""
    REFUSED = "refused"
    """Refused as a whole; a reject answer is in the outbox, and an alarm raised."""
    REPEATED = "repeated"
    """A delivery id and bytes that are known: the same reply goes out again, and nothing else happens."""
    CONFLICT = "conflict"
    """A known delivery id with other bytes: set aside for a person, and an alarm raised."""
    NOT_OURS = "not-ours"
    """A kind of file that has no business here: an alarm was raised."""


class ExpectationState(StrEnum):
    """Where one mark "payment expected" stands: one agreement, because of one inquiry."""

    OPEN = "open"
    """No report has said anything about it yet."""
    SETTLED = "settled"
    """The whole agreed amount was withheld."""
    PARTLY = "partly"
    """Less than agreed was withheld, with a reason; the rest stays our claim."""
    ZERO = "zero"
    """Nothing was withheld, with a reason; the amount stays our claim."""
    REFUSED = "refused"
    """A report's line for it was refused; a person settles it with the municipality.

    A run has one report that settles, and one delivery id for it, so no later line comes by itself.
    """


UNSETTLED = (ExpectationState.OPEN, ExpectationState.REFUSED)
"""The states in which nobody has accounted for the amount yet."""


class ReportState(StrEnum):
    """Where a run's withholding report stands."""

    SETTLED = "settled"
    """Every line settled its expectation."""
    SETTLED_WITH_REFUSALS = "settled-with-refusals"
    """Some lines were refused and are on the list; the others settled theirs."""
    REFUSED = "refused"
    """Its envelope was wrong; nothing was settled, and its reject answer is in the outbox.

    The one state that is not final: a corrected report under the same delivery id takes its place.
    """


class Obstacle(StrEnum):
    """Why an agreement can't be set off for an inquiry."""

    OTHER_MUNICIPALITY = "other-municipality"
    """Another municipality pays the person's benefit."""
    NOT_ACTIVE = "not-active"
    """It is a draft, suspended or ended."""
    TYPE_NOT_SET_OFF = "type-not-set-off"
    """Its type is not one that is set off in cash benefit."""
    NOT_BEGUN = "not-begun"
    """It begins after the benefit period."""
    OVER = "over"
    """Its last day is before the benefit period."""


class LineRefusal(StrEnum):
    """Why one line of a withholding report was refused."""

    UNKNOWN_AGREEMENT = "unknown-agreement"
    """There is no agreement with that number."""
    OTHER_MUNICIPALITY = "other-municipality"
    """The agreement is another municipality's."""
    NEVER_EXPECTED = "never-expected"
    """The agreement was not in the answer to this inquiry."""
    TWICE = "twice"
    """An earlier line of the same report holds the same agreement."""
    ALREADY_SETTLED = "already-settled"
    """It is settled already: a guard of ours, since only one report of a run settles anything."""
    OTHER_PERSON = "other-person"
    """The CPR number is not the one of the agreement."""
    OTHER_VALUE_DATE = "other-value-date"
    """The line's value date is not the inquiry's."""
    AGREED_AMOUNT_DIFFERS = "agreed-amount-differs"
    """The agreed amount is not the one that was answered."""
    REVERSAL = "reversal"
    """A reversal is booked by a person: it takes back money that was settled."""
    MORE_THAN_AGREED = "more-than-agreed"
    """More was withheld than agreed."""
    REASON_UNKNOWN = "reason-unknown"
    """The reason code is in no table."""
    REASON_DOES_NOT_FIT = "reason-does-not-fit"
    """The reason code and the amount say different things."""
