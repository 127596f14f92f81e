"""The values of the made-up population: agreements, payments, and why an agreement can't be set off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sf2530.debitor.states import AgreementState
from sf2530.denmark.cpr import CprNumber
from sf2530.denmark.municipalities import MunicipalityCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """One agreement as UDK Debitor keeps it; fields are named as the columns of its table."""

    agreement_number: str
    cpr: CprNumber
    municipality: MunicipalityCode
    agreement_type: str
    priority: int
    monthly_ore: int
    contributions: int
    valid_from: date
    valid_to: date | None
    due_date: date
    claim_reference: str
    state: AgreementState


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One payment of the coming run, as the paying municipality has it. Net is gross less deductions."""

    payment_reference: str
    cpr: CprNumber
    benefit_code: str
    period_from: date
    period_to: date
    gross_ore: int
    deductions_ore: int
    net_ore: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person as one municipality knows it: either part may be empty, but not both."""

    agreements: tuple[Agreement, ...]
    payments: tuple[Payment, ...]


class Payout(StrEnum):
    """How the benefit of the run stands to what a person's agreements ask for."""

    SUFFICES = "suffices"
    FALLS_SHORT = "falls-short"
    NOTHING_NET = "nothing-net"
    """There is a payment, but deductions take all of it."""
    NOT_PAID = "not-paid"


class Idle(StrEnum):
    """Why an agreement can't be set off in the run."""

    OVER = "over"
    """Still active, but its last day is past."""
    ENDED = "ended"
    SUSPENDED = "suspended"
    NOT_BEGUN = "not-begun"
