"""Read a payments list from a CSV or JSON lines file, in UTF-8, and find everything that is wrong in it."""

from __future__ import annotations

import csv
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain
from typing import BinaryIO

from sf2530.ky.payment_rows import FIELDS, PaymentRow, check_row, repeated_reference
from sf2530.language import _
from sf2530.records.findings import Finding, FindingLog, Place, Severity

_Numbered = tuple[int, Mapping[str, object]]
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_payments(
    file: BinaryIO, *, name: str, benefits: Collection[str], log: FindingLog
) -> list[PaymentRow]:
    """Give every payment of the list that is right; what is wrong goes into `log`, all of it.

    JSON lines are told from CSV by the first character. CSV has a header with the field names in any
    order, and commas or semicolons between the values. Use nothing of a list that left errors in the log.
    """
    lines = iter(file)
    first = next(lines, b"").removeprefix(_BYTE_ORDER_MARK)
    rows = (
        _json_rows(first, lines, name, log)
        if first.lstrip().startswith(b"{")
        else _csv_rows(first, lines, name, log)
    )
    return list(_checked(rows, name, benefits, log))


def _checked(
    rows: Iterable[_Numbered], name: str, benefits: Collection[str], log: FindingLog
) -> Iterator[PaymentRow]:
    line_of: dict[str, int] = {}
    for line, row in rows:
        where = Place(file=name, line=line)
        payment = check_row(row, where, benefits=benefits)
        if isinstance(payment, list):
            for finding in payment:
                log.add(finding)
            continue
        first_line = line_of.setdefault(payment.payment_reference, line)
        if first_line == line:
            yield payment
        else:
            log.add(repeated_reference(where, first_line))


def _csv_rows(header: bytes, lines: Iterable[bytes], name: str, log: FindingLog) -> Iterator[_Numbered]:
    first = _text(header)
    delimiter = ";" if ";" in first else ","  # Danish spreadsheets write semicolons
    fields = next(csv.reader([first], delimiter=delimiter), [])
    if sorted(fields) != sorted(FIELDS):
        log.add(_header_wrong(name))
        return
    # one reader for the whole file; a quoted value over several lines is no payment and is found wrong
    reader = csv.reader(map(_text, lines), delimiter=delimiter)
    for values in reader:
        line = reader.line_num + 1
        if len(values) == len(fields):
            yield line, dict(zip(fields, values, strict=True))
        elif values:
            log.add(_line_wrong(name, line, _("as many values as the header has fields")))


def _json_rows(first: bytes, lines: Iterable[bytes], name: str, log: FindingLog) -> Iterator[_Numbered]:
    for line, raw in enumerate(chain((first,), lines), start=1):
        if not raw.strip():
            continue
        row = _json_object(raw)
        if row is not None and sorted(row) == sorted(FIELDS):
            yield line, row
        else:
            rule = _("one JSON object with the fields %(fields)s") % {"fields": ", ".join(FIELDS)}
            log.add(_line_wrong(name, line, rule))


def _json_object(raw: bytes) -> dict[str, object] | None:
    try:
        row = json.loads(raw)
    except (ValueError, RecursionError):  # not JSON, not UTF-8, or nested without end
        return None
    return row if isinstance(row, dict) else None


def _text(line: bytes) -> str:
    # What is not UTF-8 becomes a character that no field accepts: found wrong, never repaired.
    return line.decode("utf-8", "replace")


def _header_wrong(name: str) -> Finding:
    return Finding(
        code="payment-header-wrong",
        severity=Severity.ERROR,
        what=_("The header doesn't hold the fields of a payments list."),
        where=Place(file=name, line=1),
        rule=_("these fields, in any order: %(fields)s") % {"fields": ", ".join(FIELDS)},
        remedy=_("Correct the header and import the whole list again."),
    )


def _line_wrong(name: str, line: int, rule: str) -> Finding:
    return Finding(
        code="payment-line-wrong",
        severity=Severity.ERROR,
        what=_("The line can't be read."),
        where=Place(file=name, line=line),
        rule=rule,
        remedy=_("Correct the line and import the whole list again."),
    )
