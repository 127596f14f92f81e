"""Read an inquiry: which run asks, for which benefit period, and all that speaks against answering. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sf2530.debitor.envelopes import Envelope, Identity, Terms, identify
from sf2530.debitor.file_checks import FileCheck, file_finding
from sf2530.records.findings import Finding
from sf2530.records.layout import FileKind
from sf2530.records.naming import DeliveryId, RunKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """One inquiry that can be answered. The period's last day is included."""

    delivery_id: DeliveryId
    key: RunKey
    period_from: date
    period_to: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadInquiry:
    """What came out of reading: an inquiry, or findings that refuse it."""

    identity: Identity
    inquiry: Inquiry | None
    findings: tuple[Finding, ...]


def read_inquiry(
    envelope: Envelope, record: Mapping[str, Any] | None, terms: Terms, *, today: date
) -> ReadInquiry:
    """Judge an inquiry by its envelope and its one record, None where the record checks refused the file."""
    identity = identify(envelope, terms, FileKind.INQUIRY)
    findings = [*identity.findings, *_date_findings(envelope, terms, today)]
    if record is not None:
        findings.extend(_record_findings(envelope, identity, record))
    if record is None or identity.key is None or identity.delivery_id is None or findings:
        return ReadInquiry(identity=identity, inquiry=None, findings=tuple(findings))
    inquiry = Inquiry(
        delivery_id=identity.delivery_id,
        key=identity.key,
        period_from=record["PERIODE_FRA"],
        period_to=record["PERIODE_TIL"],
    )
    return ReadInquiry(identity=identity, inquiry=inquiry, findings=())


def _date_findings(envelope: Envelope, terms: Terms, today: date) -> Iterator[Finding]:
    if envelope.value_date is None:
        return
    if envelope.value_date < today - timedelta(days=terms.oldest_days):
        yield file_finding(FileCheck.VALUE_DATE_TOO_OLD, envelope.file_name)
    if envelope.value_date > today + timedelta(days=terms.farthest_days):
        yield file_finding(FileCheck.VALUE_DATE_TOO_FAR, envelope.file_name)


def _record_findings(envelope: Envelope, identity: Identity, record: Mapping[str, Any]) -> Iterator[Finding]:
    if identity.key is not None and record["KOERSELSTYPE"] != identity.key.run_type:
        yield file_finding(FileCheck.OTHER_RUN_TYPE, envelope.file_name)
    if record["PERIODE_TIL"] < record["PERIODE_FRA"]:
        yield file_finding(FileCheck.PERIOD_BACKWARDS, envelope.file_name)
