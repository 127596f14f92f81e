"""Carry out what a trigger leads to: everything that changes hands does so in the caller's transaction.

Data and metadata appear in every recipient's `IN`, the receipt in the sender's, and trigger and data
leave `OUT`: all of it or nothing. A refusal writes its receipt and takes only the trigger.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self, assert_never
from uuid import uuid4

import sqlalchemy as sa
import structlog

from sf2530.database import content
from sf2530.database.content import ContentDirectory
from sf2530.exchange.documents import SUCCESS, FileMetadata, TechnicalReceipt, Trigger
from sf2530.exchange.file_names import metadata_name, receipt_name, trigger_name
from sf2530.exchange.xml_parsing import LARGEST_DOCUMENT
from sf2530.exchange.xml_writing import UnwritableDocument, write, write_metadata
from sf2530.hub import entries, facts, ledger, triggers, uploads
from sf2530.hub.entries import NewEntry
from sf2530.hub.error_codes import ErrorCode, RoutingError
from sf2530.hub.ledger import Actor, Event
from sf2530.hub.routing import DataFile, Deliver, Refuse, Repeat, Wait, decide
from sf2530.hub.states import EntryKind, EventKind, TransferState, UploadState
from sf2530.hub.tables import transfer
from sf2530.hub.triggers import ReadTrigger
from sf2530.hub.uploads import NewUpload, Upload

# Built once: a statement is made more slowly than it is run.
_INSERT_TRANSFER = sa.insert(transfer).returning(transfer.c.id)

_log = structlog.get_logger()
_MOST_ERRORS_TOLD = 20  # a trigger may name thousands of recipients, and its receipt has to stay readable


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the operator has decided about routing. `directory` holds large content; none: the database."""

    wait: timedelta
    success_message: str = SUCCESS
    directory: ContentDirectory | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedTrigger:
    """A trigger that its sender has handed over, whole; `waits_until` is set if it waits already."""

    data_name: str
    size: int
    sha256: str
    waits_until: datetime | None = None

    @classmethod
    def waiting(cls, file: Upload) -> Self:
        """Take up a trigger that lies in `OUT` and waits."""
        data_name = file.name.removesuffix(trigger_name(""))
        return cls(data_name=data_name, size=file.size, sha256=file.sha256, waits_until=file.wait_until)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """One trigger being dealt with."""

    actor: Actor
    handed: HandedTrigger
    trigger: ReadTrigger
    rules: Rules

    @property
    def now(self) -> datetime:
        """Give the time at which it is dealt with."""
        return self.actor.now

    def event(self, kind: EventKind, transfer_uuid: str | None = None, **details: ledger.Detail) -> Event:
        """Make an event about the data file this is about."""
        return self.actor.event(kind, transfer_uuid, file=self.trigger.data_name, **details)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What is written down about a trigger that was decided on."""

    uuid: str
    state: TransferState
    receipt: bytes
    data: DataFile | None = None
    errors: tuple[RoutingError, ...] = ()


def act_on_trigger(tx: sa.Connection, actor: Actor, handed: HandedTrigger, *, rules: Rules) -> None:
    """Decide on a trigger of `actor`'s, and carry the decision out.

    One that waits already may wait on until its time is up; then it is decided.
    """
    # One byte beyond what can be read is enough to see that it is too large.
    stored = content.find(tx, handed.sha256)
    raw = content.read(tx, stored, offset=0, length=LARGEST_DOCUMENT + 1, directory=rules.directory)
    trigger = triggers.read(raw, data_name=handed.data_name, sender=actor.system)
    case = _Case(actor=actor, handed=handed, trigger=trigger, rules=rules)
    until = handed.waits_until or actor.now + rules.wait
    known = facts.gather(tx, trigger, sender_id=actor.system_id, may_wait=actor.now < until)
    decision = decide(trigger, known)
    _log.info("trigger-decided", system=actor.system, file=handed.data_name, decision=type(decision).__name__)
    match decision:
        case Wait():
            _wait(tx, case, until)
        case Repeat(transfer_id):
            _repeat(tx, case, transfer_id)
        case Refuse(errors):
            _refuse(tx, case, errors)
        case Deliver():
            _deliver(tx, case, decision)
        case other:
            assert_never(other)


def _wait(tx: sa.Connection, case: _Case, until: datetime) -> None:
    if case.handed.waits_until is not None:
        return
    waiting = NewUpload(
        system_id=case.actor.system_id,
        name=trigger_name(case.trigger.data_name),
        state=UploadState.WAITING,
        size=case.handed.size,
        sha256=case.handed.sha256,
        wait_until=until,
    )
    uploads.put(tx, waiting, now=case.now)
    ledger.append(tx, [case.event(EventKind.WAITING, until=until.isoformat())])


def _repeat(tx: sa.Connection, case: _Case, transfer_id: int) -> None:
    chosen = sa.select(transfer.c.uuid, transfer.c.receipt_sha256).where(transfer.c.id == transfer_id)
    earlier = tx.execute(chosen).one()
    size = content.size(tx, earlier.receipt_sha256)
    _leave_out(tx, case, with_data=True)
    receipt = _receipt(case, transfer_id, size=size, sha256=earlier.receipt_sha256)
    replaced = _appear(tx, case, [receipt])
    ledger.append(tx, [case.event(EventKind.REPEATED, earlier.uuid), *replaced])


def _refuse(tx: sa.Connection, case: _Case, errors: Sequence[RoutingError]) -> None:
    uuid = str(uuid4())
    told = tuple(errors[:_MOST_ERRORS_TOLD])
    receipt = write(
        TechnicalReceipt(
            transfer_id=uuid,
            senders_file_id=case.trigger.senders_file_id,
            errors=tuple(error.message() for error in told),
        )
    )
    outcome = _Outcome(
        uuid=uuid, state=TransferState.REFUSED, receipt=receipt, errors=tuple(errors[:_MOST_ERRORS_TOLD])
    )
    _leave_out(tx, case, with_data=False)
    replaced = _appear(tx, case, [_write_down(tx, case, outcome)])
    codes = [error.code.name for error in told]
    ledger.append(tx, [case.event(EventKind.REFUSED, uuid, errors=codes), *replaced])


def _deliver(tx: sa.Connection, case: _Case, decision: Deliver) -> None:
    trigger = case.trigger.trigger
    if trigger is None:
        raise ValueError("only a trigger that could be read is delivered")
    uuid = str(uuid4())
    try:
        metadata = _metadata_by_root(decision, uuid, trigger)
    except UnwritableDocument as error:
        _refuse(tx, case, [RoutingError(code=ErrorCode.TRIGGER_UNREADABLE, detail=f"{error.what}.")])
        return
    success = TechnicalReceipt(
        transfer_id=uuid,
        senders_file_id=case.trigger.senders_file_id,
        message=case.rules.success_message,
    )
    data = decision.data
    outcome = _Outcome(uuid=uuid, state=TransferState.DELIVERED, receipt=write(success), data=data)
    _leave_out(tx, case, with_data=True)
    receipt = _write_down(tx, case, outcome)
    delivered = _deliveries(tx, case, decision, receipt.transfer_id, metadata)
    replaced = _appear(tx, case, [receipt, *delivered])
    recipients = list(decision.recipients)
    routed = case.event(EventKind.ROUTED, uuid, recipients=recipients, size=data.size, sha256=data.sha256)
    arrived = [
        Event(
            kind=EventKind.DELIVERED,
            at=case.now,
            system=name,
            transfer=uuid,
            details={"file": case.trigger.data_name},
        )
        for name in recipients
    ]
    ledger.append(tx, [routed, *arrived, *replaced])


def _metadata_by_root(decision: Deliver, uuid: str, trigger: Trigger) -> dict[str, bytes]:
    """Write the metadata, once under each root that a recipient's client expects."""
    document = FileMetadata(transfer_id=uuid, descriptor=trigger.descriptor, foreign=trigger.foreign)
    roots = {recipient.metadata_root for recipient in decision.recipients.values()}
    return {root: write_metadata(document, root=root) for root in roots}


def _deliveries(
    tx: sa.Connection, case: _Case, decision: Deliver, transfer_id: int, metadata: dict[str, bytes]
) -> list[NewEntry]:
    """Make the entries of data and metadata for every recipient."""
    made = []
    kept = {root: content.put(tx, told) for root, told in metadata.items()}
    name, data = case.trigger.data_name, decision.data
    for recipient in decision.recipients.values():
        root = recipient.metadata_root
        for kind, its_name, size, sha256 in (
            (EntryKind.DATA, name, data.size, data.sha256),
            (EntryKind.METADATA, metadata_name(name), len(metadata[root]), kept[root]),
        ):
            entry = NewEntry(
                system_id=recipient.system_id,
                name=its_name,
                kind=kind,
                transfer_id=transfer_id,
                size=size,
                sha256=sha256,
            )
            made.append(entry)
    return made


def _write_down(tx: sa.Connection, case: _Case, outcome: _Outcome) -> NewEntry:
    """Keep the transfer, and give the entry of its receipt."""
    receipt_sha256 = content.put(tx, outcome.receipt)
    values = {
        "uuid": outcome.uuid,
        "sender_id": case.actor.system_id,
        "file_name": case.trigger.data_name,
        "senders_file_id": case.trigger.senders_file_id,
        "recipients": json.dumps(case.trigger.recipients),
        "size": outcome.data.size if outcome.data else None,
        "sha256": outcome.data.sha256 if outcome.data else None,
        "trigger_sha256": case.handed.sha256,
        "receipt_sha256": receipt_sha256,
        "state": outcome.state.value,
        "errors": json.dumps([int(error.code) for error in outcome.errors]),
        "decided_at": case.now,
    }
    made = tx.execute(_INSERT_TRANSFER, values).scalar_one()
    return _receipt(case, made, size=len(outcome.receipt), sha256=receipt_sha256)


def _receipt(case: _Case, transfer_id: int, *, size: int, sha256: str) -> NewEntry:
    return NewEntry(
        system_id=case.actor.system_id,
        name=receipt_name(case.trigger.data_name),
        kind=EntryKind.RECEIPT,
        transfer_id=transfer_id,
        size=size,
        sha256=sha256,
    )


def _appear(tx: sa.Connection, case: _Case, new: Sequence[NewEntry]) -> list[Event]:
    """Let entries appear; gives the events of what they took the place of.

    The names of data and metadata are free, says the decision. A receipt that was left behind gives way:
    the newer one is what its reader needs to know.
    """
    may_be_taken = [(entry.system_id, entry.name) for entry in new if entry.kind is EntryKind.RECEIPT]
    displaced = entries.displace(tx, may_be_taken, now=case.now)
    entries.place(tx, new, now=case.now)
    return [case.event(EventKind.REPLACED, uuid) for uuid in displaced]


def _leave_out(tx: sa.Connection, case: _Case, *, with_data: bool) -> None:
    name = case.trigger.data_name
    uploads.remove(
        tx, case.actor.system_id, [trigger_name(name), name] if with_data else [trigger_name(name)]
    )
