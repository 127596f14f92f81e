"""The states a file of ours and a file for us can be in."""

from __future__ import annotations

from enum import StrEnum


class OutgoingState(StrEnum):
    """Where one of our files is on its way. Only the technical receipt ends it.

    waiting ──delivered to OUT──► sent ──receipt: SUCCESS──► delivered
       │                           │ └──receipt: errors────► refused      (a person decides)
       │                           └──no receipt in time───► sent again, same name, same bytes
       └──server refuses it again and again──► quarantined                (a person decides)
    """

    WAITING = "waiting"
    SENT = "sent"
    DELIVERED = "delivered"
    REFUSED = "refused"
    QUARANTINED = "quarantined"


class IncomingState(StrEnum):
    """Where a file for us is. `REGISTERED` means: its bytes are ours, its work is not done.

    registered ──the party's handler──► processed
       └──the handler fails again and again──► quarantined ──a person──► registered or discarded
    repeat      the same name or transfer id with the same bytes: noted, no new work
    conflict    the same name or transfer id with other bytes ──a person──► registered or discarded
    """

    REGISTERED = "registered"
    PROCESSED = "processed"
    QUARANTINED = "quarantined"
    REPEAT = "repeat"
    CONFLICT = "conflict"
    DISCARDED = "discarded"
