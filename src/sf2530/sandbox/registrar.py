"""Make up persons one by one: their agreements with UDK Debitor and their benefit payments."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from itertools import count, cycle

from sf2530.debitor.states import AgreementState
from sf2530.denmark.cpr import CprNumber
from sf2530.denmark.municipalities import MunicipalityCode
from sf2530.sandbox.dice import Dice
from sf2530.sandbox.persons import Agreement, Idle, Payment, Payout, Person

NORMAL_CONTRIBUTION_ORE = 1_603_00
"""The normalbidrag for one child and month in 2025. Later rates are not public enough to rely on."""

CHILD_SUPPORT = "01"
CASH_BENEFIT = "KTH"

# How often what happens: figures of our own, chosen so that each case is met in a small sandbox too.
_TWO_CHILDREN = 0.25
_OTHER_AMOUNT = 0.12
_SAME_PRIORITY = 0.15
_WITH_LAST_DAY = 0.3
_EXACT_NET = 0.03
_TWO_PAYMENTS = 0.08


class Registrar:
    """Makes up persons of one municipality, and numbers their agreements and payments as it goes.

    No agreement begins or ends near the value date: those that can be set off hold from the first day of
    the month two before it to the last day of the month two after it at least, and those that are over or
    have not begun hold on none of these days. So nothing hangs on which day or period is asked about.
    """

    def __init__(
        self,
        dice: Dice,
        *,
        agreements_in: MunicipalityCode,
        paid_by: MunicipalityCode,
        value_date: date,
        first_serial: int,
    ) -> None:
        self._dice = dice
        self._municipality = agreements_in
        self._value_date = value_date
        self._payment_prefix = f"K{paid_by}{value_date:%Y%m%d}"
        self._agreement_serials = count(first_serial)
        self._payment_serials = count(first_serial)
        self._idle_kinds = cycle(Idle)

    def person(self, cpr: CprNumber, *, active: int, idle: int, payout: Payout) -> Person:
        """Make up a person with `active` agreements that can be set off and `idle` ones that can't."""
        can_be_set_off = self._active_agreements(cpr, active)
        agreements = can_be_set_off + tuple(self._idle_agreement(cpr) for _each in range(idle))
        owed_ore = sum(one.monthly_ore for one in can_be_set_off)
        return Person(agreements=agreements, payments=self._payments(cpr, owed_ore, payout))

    def _active_agreements(self, cpr: CprNumber, number: int) -> tuple[Agreement, ...]:
        """Give several agreements an order of priority, but now and then leave it to the next rules."""
        if number == 1:
            contributions = 2 if self._dice.chance(_TWO_CHILDREN) else 1
            return (self._active(cpr, priority=1, contributions=contributions),)
        step = 0 if self._dice.chance(_SAME_PRIORITY) else 1
        return tuple(self._active(cpr, priority=1 + step * n, contributions=1) for n in range(number))

    def _active(self, cpr: CprNumber, *, priority: int, contributions: int) -> Agreement:
        months = self._dice.between(2, 36) if self._dice.chance(_WITH_LAST_DAY) else None
        return self._agreement(
            cpr,
            priority=priority,
            contributions=contributions,
            valid_from=first_day(self._value_date, -self._dice.between(2, 60)),
            valid_to=None if months is None else last_day(self._value_date, months),
            state=AgreementState.ACTIVE,
        )

    def _idle_agreement(self, cpr: CprNumber) -> Agreement:
        """Take the kinds in turn, so that four of them are one of each."""
        match next(self._idle_kinds):
            case Idle.OVER:
                return self._past(cpr, state=AgreementState.ACTIVE)
            case Idle.ENDED:
                return self._past(cpr, state=AgreementState.ENDED)
            case Idle.SUSPENDED:
                return self._open(cpr, from_month=-self._dice.between(2, 60), state=AgreementState.SUSPENDED)
            case Idle.NOT_BEGUN:
                return self._open(cpr, from_month=self._dice.between(3, 12), state=AgreementState.ACTIVE)

    def _past(self, cpr: CprNumber, *, state: AgreementState) -> Agreement:
        return self._agreement(
            cpr,
            valid_from=first_day(self._value_date, -self._dice.between(30, 60)),
            valid_to=last_day(self._value_date, -self._dice.between(3, 24)),
            state=state,
        )

    def _open(self, cpr: CprNumber, *, from_month: int, state: AgreementState) -> Agreement:
        return self._agreement(
            cpr, valid_from=first_day(self._value_date, from_month), valid_to=None, state=state
        )

    def _agreement(
        self,
        cpr: CprNumber,
        *,
        valid_from: date,
        valid_to: date | None,
        state: AgreementState,
        priority: int = 1,
        contributions: int = 1,
    ) -> Agreement:
        number = f"{self._municipality}{next(self._agreement_serials):08d}"
        return Agreement(
            agreement_number=number,
            cpr=cpr,
            municipality=self._municipality,
            agreement_type=CHILD_SUPPORT,
            priority=priority,
            monthly_ore=self._monthly_ore(contributions),
            contributions=contributions,
            valid_from=valid_from,
            valid_to=valid_to,
            due_date=first_day(self._value_date, 1),
            claim_reference=f"UHFOSKU{number}",
            state=state,
        )

    def _monthly_ore(self, contributions: int) -> int:
        """Give the normal contribution for each child, and now and then a lower amount with øre."""
        if self._dice.chance(_OTHER_AMOUNT):
            return contributions * self._dice.between(400_00, NORMAL_CONTRIBUTION_ORE - 1)
        return contributions * NORMAL_CONTRIBUTION_ORE

    def _payments(self, cpr: CprNumber, owed_ore: int, payout: Payout) -> tuple[Payment, ...]:
        if payout is Payout.NOT_PAID:
            return ()
        net_ore = self._net_ore(owed_ore, payout)
        month_from, month_to = first_day(self._value_date, 0), last_day(self._value_date, 0)
        if net_ore > 1 and self._dice.chance(_TWO_PAYMENTS):
            first_half_ore = self._dice.between(1, net_ore - 1)
            return (
                self._payment(cpr, month_from, month_from.replace(day=15), first_half_ore),
                self._payment(cpr, month_from.replace(day=16), month_to, net_ore - first_half_ore),
            )
        return (self._payment(cpr, month_from, month_to, net_ore),)

    def _net_ore(self, owed_ore: int, payout: Payout) -> int:
        if payout is Payout.NOTHING_NET:
            return 0
        if payout is Payout.FALLS_SHORT and owed_ore > 1:
            return self._dice.between(1, owed_ore - 1)
        if owed_ore and self._dice.chance(_EXACT_NET):
            return owed_ore
        return owed_ore + self._dice.between(2_000_00, 9_000_00)

    def _payment(self, cpr: CprNumber, period_from: date, period_to: date, net_ore: int) -> Payment:
        """Add tax and ATP on top of the net amount; where nothing is left, the deductions took it all."""
        if net_ore:
            deductions_ore = net_ore * self._dice.between(20, 45) // 100
        else:
            deductions_ore = self._dice.between(500_00, 3_000_00)
        return Payment(
            payment_reference=f"{self._payment_prefix}{next(self._payment_serials):07d}",
            cpr=cpr,
            benefit_code=CASH_BENEFIT,
            period_from=period_from,
            period_to=period_to,
            gross_ore=net_ore + deductions_ore,
            deductions_ore=deductions_ore,
            net_ore=net_ore,
        )


@cache
def first_day(value_date: date, months: int) -> date:
    """Give the first day of the month `months` after that of `value_date`; before it if negative."""
    month_number = value_date.year * 12 + value_date.month - 1 + months
    year, month = divmod(month_number, 12)
    return date(year, month + 1, 1)


@cache
def last_day(value_date: date, months: int) -> date:
    """Give the last day of the month `months` after that of `value_date`; before it if negative."""
    return first_day(value_date, months + 1) - timedelta(days=1)
