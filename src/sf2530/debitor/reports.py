"""Read a withholding report (SF2520): which run it is of, its lines, and what refuses it as a whole. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sf2530.debitor.envelopes import Envelope, Identity, Terms, identify
from sf2530.debitor.file_checks import FileCheck, file_finding
from sf2530.debitor.judging import Lines
from sf2530.records.findings import Finding
from sf2530.records.layout import FileKind
from sf2530.records.naming import DeliveryId, RunKey, delivery_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report whose lines can be judged."""

    delivery_id: DeliveryId
    key: RunKey
    lines: Lines
    numbering: NDArray[np.int64]
    """The running number of each line in the file."""
    benefit_code: NDArray[np.bytes_]
    payment_reference: NDArray[np.bytes_]

    @property
    def inquiry_id(self) -> DeliveryId:
        """The delivery id of the inquiry that the report answers for."""
        return delivery_id(FileKind.INQUIRY, self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadReport:
    """What came out of reading: a report, or findings that refuse it as a whole."""

    identity: Identity
    report: Report | None
    findings: tuple[Finding, ...]


def read_report(envelope: Envelope, columns: Mapping[str, NDArray[Any]] | None, terms: Terms) -> ReadReport:
    """Judge a report by its envelope and take its lines, None where the record checks refused the file."""
    identity = identify(envelope, terms, FileKind.REPORT)
    findings = identity.findings
    if identity.key is not None and envelope.reference not in (
        None,
        delivery_id(FileKind.INQUIRY, identity.key),
    ):
        findings = (*findings, file_finding(FileCheck.OTHER_REFERENCE, envelope.file_name))
    if columns is None or identity.key is None or identity.delivery_id is None or findings:
        return ReadReport(identity=identity, report=None, findings=findings)
    report = Report(
        delivery_id=identity.delivery_id,
        key=identity.key,
        lines=_lines(columns),
        numbering=columns["LBNR"],
        benefit_code=columns["YDELSESKODE"],
        payment_reference=columns["BETALINGSREF"],
    )
    return ReadReport(identity=identity, report=report, findings=())


def _lines(columns: Mapping[str, NDArray[Any]]) -> Lines:
    return Lines(
        agreement_number=columns["AFTALENR"],
        cpr=columns["PNR"],
        agreed_ore=columns["AFTALT_BELOEB"],
        withheld_ore=columns["TILBAGEHOLDT_BELOEB"],
        value_date=columns["DISPOSITIONSDATO"],
        reason=columns["AARSAGSKODE"],
    )
