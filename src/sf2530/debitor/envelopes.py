"""What a received file says about itself, and whether that holds: from whom, for whom, of which run. Pure.

The record checks (`records`) have looked at whether the file agrees with itself. Here it is held against
the transfer it came by, its own name, and the terms we have with the counterpart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sf2530.debitor.file_checks import FileCheck, file_finding
from sf2530.debitor.naming import municipality_named
from sf2530.records.findings import Finding
from sf2530.records.layout import FileKind, Layout
from sf2530.records.naming import DeliveryId, RunKey, run_of_delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What we have agreed with the counterpart, and which files we understand."""

    own_name: str
    counterpart: str
    """SFTP user and address of the benefit system; files of others are refused."""
    oldest_days: int
    """How many days a value date may lie behind us."""
    farthest_days: int
    """How many days a value date may lie ahead of us."""
    set_off_types: frozenset[str]
    layouts: Mapping[FileKind, Layout]


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """The outside of a received file. What the file doesn't say, or not readably, is None."""

    file_name: str
    transferred_by: str
    """The SFTP user who handed the file to the platform: the platform vouches for it."""
    delivery_id: str | None
    reference: str | None
    municipality: str | None
    value_date: date | None
    sender: str | None
    recipient: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Which run's file this is: certain, or None with the reasons.

    Only a certain identity binds: nobody uses up another's delivery id by a wrong file.
    """

    key: RunKey | None
    delivery_id: DeliveryId | None
    findings: tuple[Finding, ...]


def identify(envelope: Envelope, terms: Terms, kind: FileKind) -> Identity:
    """Say which run the file, an inquiry or a report, belongs to."""
    claimed = run_of_delivery(envelope.delivery_id, kind)
    findings = (*_sender_findings(envelope, terms), *_run_findings(envelope, claimed))
    if claimed is None or envelope.delivery_id is None or findings:
        return Identity(key=None, delivery_id=None, findings=findings)
    return Identity(key=claimed, delivery_id=DeliveryId(envelope.delivery_id), findings=())


def _sender_findings(envelope: Envelope, terms: Terms) -> Iterator[Finding]:
    if envelope.transferred_by != terms.counterpart:
        yield file_finding(FileCheck.SENDER_NOT_AGREED, envelope.file_name)
    if envelope.sender not in (None, terms.counterpart):
        yield file_finding(FileCheck.SENDER_DIFFERS, envelope.file_name)
    if envelope.recipient not in (None, terms.own_name):
        yield file_finding(FileCheck.RECIPIENT_DIFFERS, envelope.file_name)


def _run_findings(envelope: Envelope, claimed: RunKey | None) -> Iterator[Finding]:
    if claimed is None:
        yield file_finding(FileCheck.NO_RUN, envelope.file_name)
        return
    named = municipality_named(envelope.file_name)
    if envelope.municipality not in (None, claimed.municipality) or named not in (None, claimed.municipality):
        yield file_finding(FileCheck.OTHER_MUNICIPALITY, envelope.file_name)
    if envelope.value_date not in (None, claimed.value_date):
        yield file_finding(FileCheck.OTHER_VALUE_DATE, envelope.file_name)
