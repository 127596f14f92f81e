"""What is withheld from whom: pure, whole øre, one person at a time.

The rules: a person's net payout of the run is shared between that person's agreements, filled one by one
by priority, then the oldest valid-from date, then the agreement number. Never pro rata, never more than
agreed, never more than the net, and never carried forward: what the net can't carry stays UDK's claim.
Every agreement gets exactly one withholding, zero included, because every one must be reported.

Several payments of one person are one net amount: a negative one lowers it, and the shares are then taken
from the positive ones in the order of benefit period, then payment reference. Nothing public states these
rules (assumption: our reading of aktivloven § 96 a and of KY's order of calculation).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from sf2530.denmark.cpr import CprNumber
from sf2530.records.reasons import WithholdingReason


# The three values below are tuples, not dataclasses: a run of a big city makes some 100,000 of each.
class Payment(NamedTuple):
    """One payment of the run, as far as allocation needs it. `net_ore` may be zero or negative."""

    cpr: CprNumber
    period_from: date
    reference: str
    net_ore: int


class Agreement(NamedTuple):
    """One agreement of the accepted answer, as far as allocation needs it."""

    cpr: CprNumber
    priority: int
    """1 is filled first."""
    valid_from: date
    number: str
    agreed_ore: int


class Share(NamedTuple):
    """The part of a withholding that is taken from one payment; never zero."""

    payment_reference: str
    withheld_ore: int


class Withholding(NamedTuple):
    """What is withheld for one agreement; `withheld_ore` is the sum of its shares."""

    agreement_number: str
    withheld_ore: int
    reason: WithholdingReason
    payment_reference: str | None
    """The payment the report names: the first one taken from, else the person's first; None without any."""
    shares: tuple[Share, ...]


_person = itemgetter(0)


def allocate(payments: Iterable[Payment], agreements: Iterable[Agreement]) -> Iterator[Withholding]:
    """Give one withholding per agreement, ordered by person and then by order of filling.

    The order of the input doesn't matter. Payments of persons without an agreement are left alone.
    Raises ValueError for a negative agreed amount: the answer's checks have to refuse it.
    """
    # Tuples of text and numbers sort by person first and then in the documented orders of filling and taking.
    paid = groupby(sorted(payments), _person)
    paid_person, persons_payments = next(paid, _NOBODY)
    for person, persons_agreements in groupby(sorted(agreements), _person):
        while paid_person is not None and paid_person < person:
            paid_person, persons_payments = next(paid, _NOBODY)
        own = list(persons_payments) if paid_person == person else []
        yield from share_out(own, persons_agreements)


_NOBODY: tuple[None, Iterator[Payment]] = (None, iter(()))


def share_out(payments: Sequence[Payment], agreements: Iterable[Agreement]) -> Iterator[Withholding]:
    """Share one person's net amount between that person's agreements, both already in order.

    >>> june = Payment(CprNumber("6101901234"), date(2026, 6, 1), "P1", 150_00)
    >>> first = Agreement(june.cpr, 1, date(2024, 1, 1), "A1", 100_00)
    >>> second = Agreement(june.cpr, 2, date(2023, 1, 1), "A2", 100_00)
    >>> [(one.withheld_ore, one.reason.name) for one in share_out([june], [first, second])]
    [(10000, 'FULL'), (5000, 'NET_TOO_SMALL')]
    """
    left_ore = max(0, sum(payment.net_ore for payment in payments))
    purse = [
        Share(payment.reference, payment.net_ore) for payment in reversed(payments) if payment.net_ore > 0
    ]
    first_reference = payments[0].reference if payments else None
    for _cpr, _priority, _valid_from, number, agreed_ore in agreements:
        if agreed_ore < 0:
            message = "agreed_ore must be 0 or more"
            raise ValueError(message)
        withheld_ore = min(agreed_ore, left_ore)
        left_ore -= withheld_ore
        shares = _take(purse, withheld_ore)
        named = shares[0].payment_reference if shares else first_reference
        reason = _reason(agreed_ore, withheld_ore, paid=bool(payments))
        yield Withholding(number, withheld_ore, reason, named, shares)


def _reason(agreed_ore: int, withheld_ore: int, *, paid: bool) -> WithholdingReason:
    if not paid:
        return WithholdingReason.NO_PAYOUT
    return WithholdingReason.FULL if withheld_ore == agreed_ore else WithholdingReason.NET_TOO_SMALL


def _take(purse: list[Share], amount_ore: int) -> tuple[Share, ...]:
    """Take `amount_ore` out of the purse, which holds that much, from its end."""
    shares = []
    while amount_ore:
        reference, holds_ore = purse.pop()
        part_ore = min(amount_ore, holds_ore)
        shares.append(Share(reference, part_ore))
        amount_ore -= part_ore
        if part_ore < holds_ore:
            purse.append(Share(reference, holds_ore - part_ore))
    return tuple(shares)
