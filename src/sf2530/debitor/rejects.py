"""The reject answer: which errors a refused file has, and the file that names every one of them. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sf2530.debitor.envelopes import Envelope, Identity, Terms
from sf2530.debitor.file_checks import FileCheck, file_checks
from sf2530.debitor.naming import municipality_named
from sf2530.denmark.business_time import copenhagen
from sf2530.denmark.municipalities import UnknownMunicipality, municipality
from sf2530.records.checks import Code, catalogue
from sf2530.records.checks import finding as make_finding
from sf2530.records.findings import Finding, Place, Report, Severity
from sf2530.records.layout import FileKind
from sf2530.records.naming import DeliveryId
from sf2530.records.writing import encode

# What the layout of the reject answer says where the refused file can't be told from.
_NO_MUNICIPALITY = "0000"
_NO_REFERENCE = ""
_UNKNOWN_ADDRESS = "UKENDT"
_LARGEST_POSITION = 9_999

_DELIVERY_ID = re.compile(r"[A-Z0-9+-]{1,20}")
_ADDRESS = re.compile(r"[A-Z0-9+-]{1,8}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """Everything that refuses a file: the findings that were kept, and how many there are of each code."""

    findings: tuple[Finding, ...]
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """How many errors there are, kept or not."""
        return sum(self.counts.values())


def errors_of(found: tuple[Finding, ...], report: Report) -> Errors:
    """Put what was found in the envelope and what the record checks found together; remarks stay out.

    Every code that was counted has a finding, so a file that the checks refuse never has none.
    """
    counts = Counter({code: count for code, count in report.counts.items() if _is_error(code)})
    kept = [finding for finding in report.findings if finding.severity is Severity.ERROR]
    findings = (*found, *kept, *_not_kept(counts, kept, report.name))
    counts.update(finding.code for finding in found)
    return Errors(findings=findings, counts=counts)


def _is_error(code: str) -> bool:
    return catalogue()[Code(code)].severity is Severity.ERROR


def _not_kept(counts: Mapping[str, int], kept: Sequence[Finding], name: str) -> Iterator[Finding]:
    """Give a finding without a line for each code that was counted after the check had kept its fill."""
    named = {finding.code for finding in kept}
    for code in counts:
        if code not in named:
            yield make_finding(Code(code), catalogue()[Code(code)].rule, Place(file=name))


def write_reject(
    envelope: Envelope,
    identity: Identity,
    errors: Errors,
    *,
    delivery_id: DeliveryId,
    terms: Terms,
    produced_at: datetime,
) -> bytes:
    """Write the reject answer to the file in `envelope`. What of it can't be trusted is left open."""
    local = copenhagen(produced_at)
    start = {
        "KOMMUNENR": _municipality(envelope, identity),
        "PRODDATO": local.date(),
        "PRODTID": f"{local:%H%M%S}",
        "LEVERANCEID": delivery_id,
        "REF_LEVERANCEID": _reference(envelope),
        "AFSENDER": terms.own_name,
        "MODTAGER": _address(envelope.transferred_by),
        "DISPOSITIONSDATO": _value_date(envelope, identity),
    }
    rows = {"910": [_record(finding, errors.counts[finding.code]) for finding in errors.findings]}
    return encode(terms.layouts[FileKind.REJECT], start=start, rows=rows)


def _record(finding: Finding, count: int) -> dict[str, object]:
    return {
        "FEJLKODE": finding.code.upper(),
        "FEJL_LINJE": finding.where.line or 0,
        "FEJL_FRA": min(finding.where.first_byte or 0, _LARGEST_POSITION),
        "FEJL_TIL": min(finding.where.last_byte or 0, _LARGEST_POSITION),
        "FEJL_FELT": finding.where.field or "",
        "FEJL_ANTAL": count,
        "FEJL_TEKST": _short(finding.code),
    }


def _short(code: str) -> str:
    if code in list(FileCheck):
        return file_checks()[FileCheck(code)].short
    return catalogue()[Code(code)].short


def _municipality(envelope: Envelope, identity: Identity) -> str:
    if identity.key is not None:
        return identity.key.municipality
    try:
        return municipality(envelope.municipality or "").code
    except UnknownMunicipality:
        return municipality_named(envelope.file_name) or _NO_MUNICIPALITY


def _reference(envelope: Envelope) -> str:
    claimed = envelope.delivery_id or _NO_REFERENCE
    return claimed if _DELIVERY_ID.fullmatch(claimed) else _NO_REFERENCE


def _value_date(envelope: Envelope, identity: Identity) -> date | None:
    return envelope.value_date if identity.key is None else identity.key.value_date


def _address(user: str) -> str:
    return user if _ADDRESS.fullmatch(user) else _UNKNOWN_ADDRESS
