"""Carry out what a trigger leads to: everything that changes hands does so in the caller's transaction.

Data and metadata appear in every recipient's `IN`, the receipt in the sender's, and trigger and data
leave `OUT`: all of it or nothing. A refusal writes its receipt and takes only the trigger.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never
from uuid import uuid4

import sqlalchemy as sa

from sf2530.database import content
from sf2530.database.content import ContentDirectory
from sf2530.exchange.documents import SUCCESS, FileMetadata, MetadataRoot, TechnicalReceipt, Trigger
from sf2530.exchange.file_names import metadata_name, receipt_name
from sf2530.exchange.xml_parsing import LARGEST_DOCUMENT
from sf2530.exchange.xml_writing import UnwritableDocument, write, write_metadata
from sf2530.hub import entries, facts, ledger, triggers, uploads
from sf2530.hub.entries import NewEntry
from sf2530.hub.error_codes import ErrorCode, RoutingError
from sf2530.hub.ledger import Actor, Event
from sf2530.hub.routing import DataFile, Deliver, Refuse, Repeat, Wait, decide
from sf2530.hub.states import EntryKind, EventKind, TransferState, UploadState
from sf2530.hub.tables import system, transfer
from sf2530.hub.triggers import ReadTrigger
from sf2530.hub.uploads import Upload


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the operator has decided about routing. `directory` holds large content; none: the database."""

    wait: timedelta
    success_message: str = SUCCESS
    directory: ContentDirectory | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """One trigger being dealt with."""

    actor: Actor
    file: Upload  # the trigger itself
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


def act_on_trigger(tx: sa.Connection, actor: Actor, file: Upload, *, data_name: str, rules: Rules) -> None:
    """Decide on a trigger that lies complete or waiting in `actor`'s `OUT`, and carry the decision out.

    A trigger that has waited before its time is up may wait on; one whose time is up is decided.
    """
    # One byte beyond what can be read is enough to see that it is too large.
    stored = content.find(tx, file.sha256)
    raw = content.read(tx, stored, offset=0, length=LARGEST_DOCUMENT + 1, directory=rules.directory)
    trigger = triggers.read(raw, data_name=data_name, sender=actor.system)
    case = _Case(actor=actor, file=file, trigger=trigger, rules=rules)
    until = file.wait_until or actor.now + rules.wait
    may_wait = actor.now < until
    match decide(trigger, facts.gather(tx, trigger, sender_id=actor.system_id, may_wait=may_wait)):
        case Wait():
            _wait(tx, case, until)
        case Repeat(transfer_id):
            _repeat(tx, case, transfer_id)
        case Refuse(errors):
            _refuse(tx, case, errors)
        case Deliver(data):
            _deliver(tx, case, data)
        case other:
            assert_never(other)


def _wait(tx: sa.Connection, case: _Case, until: datetime) -> None:
    if case.file.state is UploadState.WAITING:
        return
    uploads.move(tx, case.file, to=UploadState.WAITING, wait_until=until)
    ledger.append(tx, [case.event(EventKind.WAITING, until=until.isoformat())])


def _repeat(tx: sa.Connection, case: _Case, transfer_id: int) -> None:
    chosen = sa.select(transfer.c.uuid, transfer.c.receipt_sha256).where(transfer.c.id == transfer_id)
    earlier = tx.execute(chosen).one()
    size = content.size(tx, earlier.receipt_sha256)
    _leave_out(tx, case, with_data=True)
    replaced = _give_receipt(tx, case, transfer_id, size=size, sha256=earlier.receipt_sha256)
    ledger.append(tx, [case.event(EventKind.REPEATED, earlier.uuid), *replaced])


def _refuse(tx: sa.Connection, case: _Case, errors: Sequence[RoutingError]) -> None:
    uuid = str(uuid4())
    receipt = write(
        TechnicalReceipt(
            transfer_id=uuid,
            senders_file_id=case.trigger.senders_file_id,
            errors=tuple(error.message() for error in errors),
        )
    )
    outcome = _Outcome(uuid=uuid, state=TransferState.REFUSED, receipt=receipt, errors=tuple(errors))
    _leave_out(tx, case, with_data=False)
    _, replaced = _conclude(tx, case, outcome)
    codes = [error.code.name for error in errors]
    ledger.append(tx, [case.event(EventKind.REFUSED, uuid, errors=codes), *replaced])


def _deliver(tx: sa.Connection, case: _Case, data: DataFile) -> None:
    trigger = case.trigger.trigger
    if trigger is None:
        raise ValueError("only a trigger that could be read is delivered")
    uuid = str(uuid4())
    try:
        metadata = _metadata_by_root(tx, uuid, trigger)
    except UnwritableDocument as error:
        unreadable = RoutingError(code=ErrorCode.TRIGGER_UNREADABLE, detail=f"{error.what}.")
        _refuse(tx, case, [unreadable])
        return
    message = TechnicalReceipt(
        transfer_id=uuid,
        senders_file_id=case.trigger.senders_file_id,
        message=case.rules.success_message,
    )
    outcome = _Outcome(uuid=uuid, state=TransferState.DELIVERED, receipt=write(message), data=data)
    _leave_out(tx, case, with_data=True)
    transfer_id, replaced = _conclude(tx, case, outcome)
    replaced += _fill_in(tx, case, transfer_id, data=data, metadata=metadata)
    routed = case.event(
        EventKind.ROUTED,
        uuid,
        recipients=list(case.trigger.recipients),
        size=data.size,
        sha256=data.sha256,
    )
    delivered = [
        dataclasses.replace(case.event(EventKind.DELIVERED, uuid), system=name, address=None)
        for name in case.trigger.recipients
    ]
    ledger.append(tx, [routed, *delivered, *replaced])


def _metadata_by_root(tx: sa.Connection, uuid: str, trigger: Trigger) -> dict[str, bytes]:
    """Write the metadata for each recipient (by name), under the root that its client expects."""
    document = FileMetadata(transfer_id=uuid, descriptor=trigger.descriptor, foreign=trigger.foreign)
    wanted = sa.select(system.c.name, system.c.metadata_root)
    rows = tx.execute(wanted.where(system.c.name.in_(trigger.descriptor.recipients))).all()
    written = {
        root: write_metadata(document, root=MetadataRoot(root))
        for root in {row.metadata_root for row in rows}
    }
    return {row.name: written[row.metadata_root] for row in rows}


def _fill_in(
    tx: sa.Connection, case: _Case, transfer_id: int, *, data: DataFile, metadata: dict[str, bytes]
) -> list[Event]:
    """Let data and metadata appear in every recipient's `IN`."""
    ids = facts.ids_of(tx, case.trigger.recipients)
    name = case.trigger.data_name
    # The data's name is free, says the decision; the metadata's may be taken by one that was left behind.
    displaced = entries.displace(
        tx, [(system_id, metadata_name(name)) for system_id in ids.values()], now=case.now
    )
    new = []
    for recipient, system_id in ids.items():
        told = metadata[recipient]
        file = NewEntry(
            system_id=system_id,
            name=name,
            kind=EntryKind.DATA,
            transfer_id=transfer_id,
            size=data.size,
            sha256=data.sha256,
        )
        about = dataclasses.replace(
            file,
            name=metadata_name(name),
            kind=EntryKind.METADATA,
            size=len(told),
            sha256=content.put(tx, told),
        )
        new += [file, about]
    entries.place(tx, new, now=case.now)
    return [case.event(EventKind.REPLACED, uuid) for uuid in displaced]


def _conclude(tx: sa.Connection, case: _Case, outcome: _Outcome) -> tuple[int, list[Event]]:
    """Write the transfer down and put its receipt into the sender's `IN`."""
    receipt_sha256 = content.put(tx, outcome.receipt)
    values = {
        "uuid": outcome.uuid,
        "sender_id": case.actor.system_id,
        "file_name": case.trigger.data_name,
        "senders_file_id": case.trigger.senders_file_id,
        "recipients": json.dumps(case.trigger.recipients),
        "size": outcome.data.size if outcome.data else None,
        "sha256": outcome.data.sha256 if outcome.data else None,
        "trigger_sha256": case.file.sha256,
        "receipt_sha256": receipt_sha256,
        "state": outcome.state.value,
        "errors": json.dumps([int(error.code) for error in outcome.errors]),
        "decided_at": case.now,
    }
    made = tx.execute(sa.insert(transfer).values(**values).returning(transfer.c.id)).scalar_one()
    replaced = _give_receipt(tx, case, made, size=len(outcome.receipt), sha256=receipt_sha256)
    return made, replaced


def _give_receipt(tx: sa.Connection, case: _Case, transfer_id: int, *, size: int, sha256: str) -> list[Event]:
    """Put a receipt into the sender's `IN`; a newer one takes the place of one that was left there."""
    name = receipt_name(case.trigger.data_name)
    displaced = entries.displace(tx, [(case.actor.system_id, name)], now=case.now)
    receipt = NewEntry(
        system_id=case.actor.system_id,
        name=name,
        kind=EntryKind.RECEIPT,
        transfer_id=transfer_id,
        size=size,
        sha256=sha256,
    )
    entries.place(tx, [receipt], now=case.now)
    return [case.event(EventKind.REPLACED, uuid) for uuid in displaced]


def _leave_out(tx: sa.Connection, case: _Case, *, with_data: bool) -> None:
    leaving = [case.file]
    if with_data and (data := uploads.find(tx, case.actor.system_id, case.trigger.data_name)) is not None:
        leaving.append(data)
    uploads.remove(tx, leaving)
