"""The words for the states of files, in the chosen language; programs get the states' own values."""

from __future__ import annotations

from sf2530.exchange.attention import Direction
from sf2530.exchange.states import IncomingState, OutgoingState
from sf2530.language import _


def incoming_label(state: str) -> str:
    """Give the word for where a file for us is. Raises ValueError for what is no such state."""
    return {
        IncomingState.REGISTERED: _("registered"),
        IncomingState.PROCESSED: _("processed"),
        IncomingState.QUARANTINED: _("quarantined"),
        IncomingState.REPEAT: _("repeat"),
        IncomingState.CONFLICT: _("conflict"),
        IncomingState.DISCARDED: _("discarded"),
    }[IncomingState(state)]


def outgoing_label(state: str) -> str:
    """Give the word for where a file of ours is. Raises ValueError for what is no such state."""
    return {
        OutgoingState.WAITING: _("waiting"),
        OutgoingState.SENT: _("sent"),
        OutgoingState.DELIVERED: _("delivered"),
        OutgoingState.REFUSED: _("refused"),
        OutgoingState.QUARANTINED: _("quarantined"),
    }[OutgoingState(state)]


def direction_label(direction: Direction) -> str:
    """Give the word for which way a file goes."""
    return {Direction.INCOMING: _("in"), Direction.OUTGOING: _("out")}[direction]
