"""Check one row of an agreement import, and say everything that is wrong in it. Pure.

A row is a mapping of field names to values; every value may be text, as a file gives it, or already of its
type. What is unknown, missing or impossible is a finding; nothing is guessed or repaired, except that numbers
that belong in a fixed number of digits get their leading zeros.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from sf2530.debitor.states import AgreementState
from sf2530.denmark import cpr
from sf2530.denmark.municipalities import municipality
from sf2530.errors import DataError
from sf2530.language import _
from sf2530.records.findings import Finding, Place, Severity

Row = Mapping[str, object]

LARGEST_ORE = 99_999_999_999
"""What MDRBELOEB, eleven digits of øre, can hold."""

_DIGITS = re.compile(r"[0-9]+")
_IDENTIFIER = re.compile(r"[a-z_]{1,40}")
_REFERENCE = re.compile(r"[A-Z0-9+-]{0,20}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRule:
    """One field of a row: how its value is read, what it must be, and whether it may be left out."""

    read: Callable[[object], object]
    rule: str
    default: object = None
    optional: bool = False
    personal: bool = False


def check_row(row: Row, *, file: str, line: int) -> tuple[dict[str, object], list[Finding]]:
    """Give the row's values as the agreement table takes them, and what is wrong in it.

    With findings the values are incomplete and must not be used.
    """
    values: dict[str, object] = {}
    findings = _unknown_fields(list(row), file, line)
    for name, rule in field_rules().items():
        value = row.get(name)
        if value is None or value == "":
            values[name] = rule.default
            if not rule.optional:
                findings.append(_missing(name, rule, file, line))
            continue
        try:
            values[name] = rule.read(value)
        except (ValueError, DataError):
            findings.append(_wrong(name, rule, value, Place(file=file, line=line, field=name)))
    if not findings:
        findings.extend(_contradictions(values, file, line))
    return values, findings


def check_fields(names: list[str], *, file: str) -> list[Finding]:
    """Say what is wrong in the header of a file: fields that are unknown, twice or missing."""
    rules = field_rules()
    findings = _unknown_fields(names, file, 1)
    findings += [
        _missing(name, rule, file, 1)
        for name, rule in rules.items()
        if name not in names and not rule.optional
    ]
    twice = [name for name in rules if names.count(name) > 1]
    return findings + [_field_twice(name, file) for name in twice]


@cache
def field_rules() -> Mapping[str, FieldRule]:
    """Give the fields of an agreement, in the order of a file."""
    return {
        "agreement_number": FieldRule(read=_zero_filled(12), rule=_("one to twelve digits")),
        "cpr": FieldRule(
            read=lambda value: cpr.parse(_text(value)),
            rule=_("ten digits that begin with a date of birth"),
            personal=True,
        ),
        "municipality": FieldRule(
            read=lambda value: _municipality(_text(value)), rule=_("the code of one of the 98 municipalities")
        ),
        "agreement_type": FieldRule(read=_zero_filled(2), rule=_("one or two digits")),
        "priority": FieldRule(read=_number(1, 99), rule=_("a whole number from 1 to 99")),
        "monthly_ore": FieldRule(
            read=_number(1, LARGEST_ORE), rule=_("whole øre, above zero, at most eleven digits")
        ),
        "contributions": FieldRule(read=_number(1, 99), rule=_("a whole number from 1 to 99")),
        "valid_from": FieldRule(read=_date, rule=_("a date as year-month-day, 2026-11-30")),
        "valid_to": FieldRule(read=_date, rule=_("a date as year-month-day, 2026-11-30"), optional=True),
        "due_date": FieldRule(read=_date, rule=_("a date as year-month-day, 2026-11-30"), optional=True),
        "claim_reference": FieldRule(
            read=_reference,
            rule=_("at most twenty of the characters A-Z, 0-9, + and -"),
            default="",
            optional=True,
        ),
        "state": FieldRule(
            read=lambda value: AgreementState(_text(value)).value,
            rule=", ".join(AgreementState),
            default=AgreementState.ACTIVE.value,
            optional=True,
        ),
    }


def _contradictions(values: Mapping[str, object], file: str, line: int) -> Iterator[Finding]:
    first, last = values["valid_from"], values["valid_to"]
    if isinstance(first, date) and isinstance(last, date) and last < first:
        yield Finding(
            code="agreement-ends-before-it-begins",
            severity=Severity.ERROR,
            what=_("The agreement ends before it begins"),
            where=Place(file=file, line=line, field="valid_to"),
            shown=f"{first.isoformat()} – {last.isoformat()}",
            rule=_("valid_to is the last valid day, and not before valid_from"),
            remedy=_("Correct one of the two dates."),
        )


def _unknown_fields(names: Sequence[str], file: str, line: int) -> list[Finding]:
    positions: dict[str, int] = {}
    for number, name in enumerate(names, start=1):
        positions.setdefault(name, number)
    return [
        _unknown_field(name, number, Place(file=file, line=line))
        for name, number in positions.items()
        if name not in field_rules()
    ]


def _unknown_field(name: str, number: int, where: Place) -> Finding:
    return Finding(
        code="agreement-field-unknown",
        severity=Severity.ERROR,
        what=_("There is no such field in an agreement"),
        where=where,
        # Without a header, what is read as names are values: those of a person among them.
        shown=name if _IDENTIFIER.fullmatch(name) else _("field %(number)d") % {"number": number},
        rule=", ".join(field_rules()),
        remedy=_("Rename the field, or leave it out."),
    )


def _missing(name: str, rule: FieldRule, file: str, line: int) -> Finding:
    return Finding(
        code="agreement-field-missing",
        severity=Severity.ERROR,
        what=_("A field that every agreement needs is missing or empty"),
        where=Place(file=file, line=line, field=name),
        rule=rule.rule,
        remedy=_("Fill the field in."),
    )


def _field_twice(name: str, file: str) -> Finding:
    return Finding(
        code="agreement-field-twice",
        severity=Severity.ERROR,
        what=_("The header names a field twice"),
        where=Place(file=file, line=1, field=name),
        rule=_("every field once"),
        remedy=_("Rename the field, or leave it out."),
    )


def _wrong(name: str, rule: FieldRule, value: object, where: Place) -> Finding:
    text = str(value)
    # Ten digits in any field may be a CPR number in the wrong column.
    looks_personal = rule.personal or len(re.sub(r"[^0-9]", "", text)) >= cpr.LENGTH
    return Finding(
        code="agreement-field-wrong",
        severity=Severity.ERROR,
        what=_("A field holds something it can't hold"),
        where=where,
        shown=cpr.mask(text) if looks_personal else text[:40],
        rule=rule.rule,
        remedy=_("Correct the value of %(field)s.") % {"field": name},
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        message = "not text"
        raise ValueError(message)  # noqa: TRY004  read as a wrong value, like any other
    return value


def _zero_filled(digits: int) -> Callable[[object], str]:
    def read(value: object) -> str:
        text = _text(value)
        if len(text) > digits or not _DIGITS.fullmatch(text):
            message = "not digits"
            raise ValueError(message)
        return text.zfill(digits)

    return read


def _number(smallest: int, largest: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        number = value if isinstance(value, int) and not isinstance(value, bool) else _whole(_text(value))
        if not smallest <= number <= largest:
            message = "out of range"
            raise ValueError(message)
        return number

    return read


def _whole(text: str) -> int:
    # int() alone would accept blanks, signs, underscores and other scripts' digits
    if not _DIGITS.fullmatch(text):
        message = "not a whole number"
        raise ValueError(message)
    return int(text)


def _date(value: object) -> date:
    if isinstance(value, date):
        return value
    text = _text(value)
    if len(text) != len("2026-11-30"):
        message = "not a date"
        raise ValueError(message)
    return date.fromisoformat(text)


def _reference(value: object) -> str:
    text = _text(value)
    if not _REFERENCE.fullmatch(text):
        message = "not a reference"
        raise ValueError(message)
    return text


@cache
def _municipality(code: str) -> str:
    return municipality(code).code
