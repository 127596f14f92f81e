"""The states and kinds of what the hub keeps."""

from __future__ import annotations

from enum import StrEnum


class SystemState(StrEnum):
    """Whether a system may log in and be written to."""

    ACTIVE = "active"
    DISABLED = "disabled"


class UploadState(StrEnum):
    """Where a file in a sender's `OUT` stands. Each may follow each: a sender may write anything anew."""

    UNFINISHED = "unfinished"
    """Being written, or left by a lost connection; may be resumed, can't be routed."""
    COMPLETE = "complete"
    """Closed by its sender; its bytes are on disk."""
    WAITING = "waiting"
    """A trigger whose data file is not complete yet."""


class TransferState(StrEnum):
    """What became of one trigger."""

    DELIVERED = "delivered"
    REFUSED = "refused"


class EntryKind(StrEnum):
    """What an entry of an `IN` is."""

    DATA = "data"
    METADATA = "metadata"
    RECEIPT = "receipt"


class EventKind(StrEnum):
    """What the ledger tells."""

    RECEIVED = "received"
    """A sender closed a data file in its `OUT`."""
    WITHDRAWN = "withdrawn"
    """A sender removed or renamed away a file in its `OUT`."""
    WAITING = "waiting"
    """A trigger came before its data file."""
    ROUTED = "routed"
    """A trigger was accepted."""
    DELIVERED = "delivered"
    """Data and metadata stand in a recipient's `IN`."""
    REFUSED = "refused"
    """A trigger was refused; the receipt says why."""
    REPEATED = "repeated"
    """A trigger for a file that was delivered before; the same receipt was given again."""
    READ = "read"
    """A system read an entry of its `IN` to the end for the first time."""
    DELETED = "deleted"
    """A system deleted an entry of its `IN`."""
    REPLACED = "replaced"
    """A newer receipt took the place of one that had not been deleted."""
    SYSTEM_ADDED = "system-added"
    SYSTEM_DISABLED = "system-disabled"
    SYSTEM_ENABLED = "system-enabled"
    KEY_ADDED = "key-added"
    KEY_REVOKED = "key-revoked"
    ROUTE_OPENED = "route-opened"
    ROUTE_CLOSED = "route-closed"
