"""What a received file says about itself, and whether that holds: from whom, for whom, of which run. Pure.

The record checks (`records`) have looked at whether the file agrees with itself. Here it is held against
the transfer it came by, its own name, and the terms we have with the counterpart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sf2530.debitor.naming import municipality_named
from sf2530.language import _
from sf2530.records.findings import Finding, Place, Severity
from sf2530.records.layout import FileKind, Layout
from sf2530.records.naming import LETTERS, DeliveryId, RunKey, run_of_delivery


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
    findings = (*_sender_findings(envelope, terms), *_run_findings(envelope, claimed, kind))
    if claimed is None or envelope.delivery_id is None or findings:
        return Identity(key=None, delivery_id=None, findings=findings)
    return Identity(key=claimed, delivery_id=DeliveryId(envelope.delivery_id), findings=())


def _sender_findings(envelope: Envelope, terms: Terms) -> Iterator[Finding]:
    if envelope.transferred_by != terms.counterpart:
        yield refusal(
            "sender-not-agreed",
            _("The file was sent by someone we have no agreement with"),
            Place(file=envelope.file_name),
            rule=_("files come from %(counterpart)s") % {"counterpart": terms.counterpart},
            remedy=_("Send it from the agreed address, or agree on a new one with us."),
        )
    if envelope.sender not in (None, terms.counterpart):
        yield refusal(
            "sender-differs",
            _("The start record names another sender than the transfer"),
            Place(file=envelope.file_name, line=1, field="AFSENDER"),
            rule=_("the sender is %(counterpart)s") % {"counterpart": terms.counterpart},
            remedy=_("Correct the start record and send the file under a new delivery id."),
        )
    if envelope.recipient not in (None, terms.own_name):
        yield refusal(
            "recipient-differs",
            _("The file is for someone else"),
            Place(file=envelope.file_name, line=1, field="MODTAGER"),
            rule=_("the recipient is %(own)s") % {"own": terms.own_name},
            remedy=_("Send the file to whom it is for."),
        )


def _run_findings(envelope: Envelope, claimed: RunKey | None, kind: FileKind) -> Iterator[Finding]:
    if claimed is None:
        yield refusal(
            "delivery-id-names-no-run",
            _("The delivery id does not name a run"),
            Place(file=envelope.file_name, field="LEVERANCEID"),
            rule=_("%(letter)s, municipality, value date, MD or SU, running number: %(example)s")
            % {"letter": LETTERS[kind], "example": f"{LETTERS[kind]}010120261130MD01"},
            remedy=_("Send the file again under a delivery id of that form."),
        )
        return
    named = municipality_named(envelope.file_name)
    if envelope.municipality not in (None, claimed.municipality) or named not in (None, claimed.municipality):
        yield refusal(
            "municipality-differs",
            _("Name, delivery id and records speak of different municipalities"),
            Place(file=envelope.file_name, field="KOMMUNENR"),
            rule=_("one file is of one municipality"),
            remedy=_("Make the file anew for the municipality that it is meant for."),
        )
    if envelope.value_date not in (None, claimed.value_date):
        yield refusal(
            "value-date-differs",
            _("Delivery id and records speak of different value dates"),
            Place(file=envelope.file_name, field="DISPOSITIONSDATO"),
            rule=_("one file is of one value date"),
            remedy=_("Make the file anew under the delivery id of its run."),
        )


def refusal(code: str, what: str, where: Place, *, rule: str, remedy: str) -> Finding:
    """Give a finding that refuses a whole file."""
    return Finding(code=code, severity=Severity.ERROR, what=what, where=where, rule=rule, remedy=remedy)
