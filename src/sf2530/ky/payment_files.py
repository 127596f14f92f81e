"""Read a payments list from a CSV or JSON lines file, in UTF-8, and find everything that is wrong in it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import BinaryIO

from sf2530.ky.payment_rows import FIELDS, PaymentRow, check_row, repeated_reference
from sf2530.language import _
from sf2530.records.findings import Finding, FindingLog, Place, Severity
from sf2530.records.row_files import CheckHeader, Numbered, Row, read_rows


def read_payments(
    file: BinaryIO, *, name: str, benefits: Collection[str], log: FindingLog
) -> list[PaymentRow]:
    """Give every payment of the list that is right; what is wrong goes into `log`, all of it.

    JSON lines are told from CSV by the first character. CSV has a header with the field names in any
    order, and commas or semicolons between the values. Use nothing of a list that left errors in the log.
    """
    rows = read_rows(file, name=name, check_header=_check_header(name))
    return list(_checked(rows, name, benefits, log))


def _checked(
    rows: Iterable[Numbered], name: str, benefits: Collection[str], log: FindingLog
) -> Iterator[PaymentRow]:
    line_of: dict[str, int] = {}
    for line, row in rows:
        where = Place(file=name, line=line)
        payment = row if isinstance(row, list) else _payment(row, where, benefits)
        if isinstance(payment, list):
            for finding in payment:
                log.add(finding)
            continue
        first_line = line_of.setdefault(payment.payment_reference, line)
        if first_line == line:
            yield payment
        else:
            log.add(repeated_reference(where, first_line))


def _payment(row: Row, where: Place, benefits: Collection[str]) -> PaymentRow | list[Finding]:
    if row.keys() == set(FIELDS):
        return check_row(row, where, benefits=benefits)
    return [_fields_wrong(where)]


def _check_header(name: str) -> CheckHeader:
    return lambda fields: [] if sorted(fields) == sorted(FIELDS) else [_header_wrong(name)]


def _header_wrong(name: str) -> Finding:
    return Finding(
        code="payment-header-wrong",
        severity=Severity.ERROR,
        what=_("The header doesn't hold the fields of a payments list."),
        where=Place(file=name, line=1),
        rule=_("these fields, in any order: %(fields)s") % {"fields": ", ".join(FIELDS)},
        remedy=_("Correct the header and import the whole list again."),
    )


def _fields_wrong(where: Place) -> Finding:
    return Finding(
        code="payment-line-wrong",
        severity=Severity.ERROR,
        what=_("The line doesn't hold the fields of a payment."),
        where=where,
        rule=_("one JSON object with the fields %(fields)s") % {"fields": ", ".join(FIELDS)},
        remedy=_("Correct the line and import the whole list again."),
    )
