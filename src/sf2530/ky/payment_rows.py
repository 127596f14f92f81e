"""One payment of a payments list: its fields, and what is checked in each. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import NamedTuple

from sf2530.denmark import cpr
from sf2530.denmark.cpr import CprError, CprNumber
from sf2530.language import _
from sf2530.records.findings import Finding, Place, Severity

_REFERENCE = re.compile(r"[A-Z0-9+-]{1,20}", re.ASCII)  # what BETALINGSREF of the report can carry
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_ORE = re.compile(r"-?\d{1,15}", re.ASCII)
_AMOUNTS = ("gross_ore", "deductions_ore", "net_ore")


class PaymentRow(NamedTuple):
    """One payment that is going to be made. Amounts are whole øre, and net is gross less deductions."""

    payment_reference: str
    cpr: CprNumber
    benefit_code: str
    period_from: date
    period_to: date
    gross_ore: int
    deductions_ore: int
    """Everything that goes before child support: tax, ATP, other debts."""
    net_ore: int


FIELDS = PaymentRow._fields


def check_row(
    row: Mapping[str, object], where: Place, *, benefits: Collection[str]
) -> PaymentRow | list[Finding]:
    """Make a payment out of texts (or JSON numbers) by field name; or say everything that is wrong with it.

    Every value is taken as text, so that `1.0`, `1_0` and `+5` are refused and leading zeros kept.
    """
    texts = {name: str(row[name]) for name in FIELDS}
    wrong = [_finding(name, texts[name], where) for name in FIELDS if not _is_right(name, texts[name])]
    if texts["benefit_code"] not in benefits:
        wrong.append(_unknown_benefit(texts["benefit_code"], where, benefits))
    if wrong:
        return wrong
    payment = PaymentRow(
        texts["payment_reference"],
        CprNumber(texts["cpr"]),
        texts["benefit_code"],
        date.fromisoformat(texts["period_from"]),
        date.fromisoformat(texts["period_to"]),
        *(int(texts[name]) for name in _AMOUNTS),
    )
    return _contradictions(payment, where) or payment


def repeated_reference(where: Place, first_line: int) -> Finding:
    """Say that an earlier line holds the same payment reference."""
    return Finding(
        code="payment-reference-repeated",
        severity=Severity.ERROR,
        what=_("The payment reference stands in line %(line)d already.") % {"line": first_line},
        where=where,
        rule=_("every payment of a run has a reference of its own"),
        remedy=_("Give each payment its own reference."),
    )


def _is_cpr(text: str) -> bool:
    try:
        cpr.parse(text)
    except CprError:
        return False
    return True


def _is_day(text: str) -> bool:
    if not _DAY.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.fullmatch(text) is not None


_CHECKS: Mapping[str, Callable[[str], bool]] = {
    "payment_reference": _matches(_REFERENCE),
    "cpr": _is_cpr,
    "period_from": _is_day,
    "period_to": _is_day,
} | dict.fromkeys(_AMOUNTS, _matches(_ORE))


def _is_right(name: str, text: str) -> bool:
    check = _CHECKS.get(name)
    return check is None or check(text)


def _rule(name: str) -> str:
    if name in _AMOUNTS:
        return _("whole øre, digits only, with a minus in front if negative")
    return {
        "payment_reference": _("1 to 20 of the characters A-Z, 0-9, + and -"),
        "cpr": _("ten digits that begin with a date of birth"),
        "period_from": _("a date as YYYY-MM-DD"),
        "period_to": _("a date as YYYY-MM-DD"),
    }[name]


def _finding(name: str, text: str, where: Place) -> Finding:
    return Finding(
        code="payment-field-wrong",
        severity=Severity.ERROR,
        what=_("%(field)s can't be used.") % {"field": name},
        where=Place(file=where.file, line=where.line, field=name),
        shown=cpr.mask(text),
        rule=_rule(name),
        remedy=_("Correct the line and import the whole list again."),
    )


def _unknown_benefit(code: str, where: Place, benefits: Collection[str]) -> Finding:
    return Finding(
        code="payment-benefit-unknown",
        severity=Severity.ERROR,
        what=_("There is no such benefit code."),
        where=Place(file=where.file, line=where.line, field="benefit_code"),
        shown=cpr.mask(code),
        rule=_("one of %(codes)s") % {"codes": ", ".join(sorted(benefits))},
        remedy=_("Correct the code, or add the benefit to the table of benefits."),
    )


def _contradictions(payment: PaymentRow, where: Place) -> list[Finding]:
    found = []
    if payment.period_from > payment.period_to:
        found.append(
            Finding(
                code="payment-period-reversed",
                severity=Severity.ERROR,
                what=_("The benefit period ends before it begins."),
                where=where,
                rule=_("period_from is not after period_to"),
                remedy=_("Correct the line and import the whole list again."),
            )
        )
    if payment.net_ore != payment.gross_ore - payment.deductions_ore:
        found.append(
            Finding(
                code="payment-net-wrong",
                severity=Severity.ERROR,
                what=_("The net amount is not the gross amount less the deductions."),
                where=where,
                rule=_("net_ore = gross_ore - deductions_ore"),
                remedy=_("Correct the line and import the whole list again."),
            )
        )
    return found
