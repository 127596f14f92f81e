"""Why a withholding is what it is: the code table that both parties read and write."""

from __future__ import annotations

from enum import StrEnum


class WithholdingReason(StrEnum):
    """Why a withholding is what it is (AARSAGSKODE, two digits)."""

    FULL = "00"
    """The whole agreed amount was withheld."""
    NET_TOO_SMALL = "01"
    """There was a payment, but its net amount could not carry all of it."""
    NO_PAYOUT = "02"
    """The person has no payment in the run."""
    DEAD = "03"
    """The person is dead."""
    PAID_ELSEWHERE = "04"
    """The person has moved, and another municipality pays."""
    EXCEPTION = "05"
    """One of the exceptions of aktivloven § 96 a holds."""
    STOPPED = "06"
    """A caseworker stopped it."""
    REVERSAL = "90"
    """An earlier withholding is taken back."""
