"""The words for the hub's states and kinds, in the chosen language; programs get the codes."""

from __future__ import annotations

from sf2530.hub.states import EntryKind, EventKind, SystemState, TransferState
from sf2530.language import _


def system_label(value: str) -> str:
    """Give the word for whether a system may log in. Raises ValueError for what is none."""
    return {
        SystemState.ACTIVE: _("active"),
        SystemState.DISABLED: _("disabled"),
    }[SystemState(value)]


def transfer_label(value: str) -> str:
    """Give the word for what became of a trigger. Raises ValueError for what is none."""
    return {
        TransferState.DELIVERED: _("delivered"),
        TransferState.REFUSED: _("refused"),
    }[TransferState(value)]


def entry_label(value: str) -> str:
    """Give the word for what an entry of an `IN` is. Raises ValueError for what is none."""
    return {
        EntryKind.DATA: _("data file"),
        EntryKind.METADATA: _("metadata file"),
        EntryKind.RECEIPT: _("technical receipt"),
    }[EntryKind(value)]


def event_label(value: str) -> str:
    """Give the word for what the ledger tells of an event. Raises ValueError for what is none."""
    return {
        EventKind.RECEIVED: _("received"),
        EventKind.WITHDRAWN: _("withdrawn"),
        EventKind.WAITING: _("waiting"),
        EventKind.ROUTED: _("routed"),
        EventKind.DELIVERED: _("delivered"),
        EventKind.REFUSED: _("refused"),
        EventKind.REPEATED: _("repeated"),
        EventKind.READ: _("read"),
        EventKind.DELETED: _("deleted"),
        EventKind.REPLACED: _("replaced"),
        EventKind.SYSTEM_ADDED: _("system added"),
        EventKind.SYSTEM_DISABLED: _("system disabled"),
        EventKind.SYSTEM_ENABLED: _("system enabled"),
        EventKind.KEY_ADDED: _("key added"),
        EventKind.KEY_REVOKED: _("key revoked"),
        EventKind.ROUTE_OPENED: _("route opened"),
        EventKind.ROUTE_CLOSED: _("route closed"),
    }[EventKind(value)]
