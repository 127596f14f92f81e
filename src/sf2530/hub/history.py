"""Look back: the transfers, one transfer's whole life, and the proof that nothing in it was altered."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sf2530.database import content
from sf2530.database.content import ContentDamaged, ContentDirectory, ContentMissing
from sf2530.errors import UseError
from sf2530.hub import ledger
from sf2530.hub.states import TransferState
from sf2530.hub.tables import delivery, system, transfer, upload
from sf2530.language import _


class NoSuchTransfer(UseError):
    """There is no transfer of that id."""

    code = "no-such-transfer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """One trigger and what became of it. `recipients` are names; `errors` are numbers of error codes."""

    uuid: str
    sender: str
    recipients: tuple[str, ...]
    file_name: str
    senders_file_id: str | None
    size: int | None
    state: TransferState
    errors: tuple[int, ...]
    decided_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """Everything about one transfer: itself, its entries in every `IN`, its events, its receipt's text."""

    transfer: Transfer
    entries: Sequence[dict[str, Any]]
    events: Sequence[dict[str, Any]]
    receipt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What `verify` looked at, and everything that was wrong with it, in words."""

    events: int
    contents: int
    faults: tuple[str, ...]


def latest(tx: sa.Connection, *, limit: int, state: TransferState | None = None) -> Sequence[Transfer]:
    """Give the transfers decided on last, the newest first."""
    chosen = _transfers().order_by(transfer.c.id.desc()).limit(limit)
    if state is not None:
        chosen = chosen.where(transfer.c.state == state.value)
    return [_transfer(row) for row in tx.execute(chosen).mappings()]


def life(tx: sa.Connection, uuid: str) -> Life:
    """Give everything about one transfer. Raises NoSuchTransfer."""
    row = tx.execute(_transfers().where(transfer.c.uuid == uuid)).mappings().one_or_none()
    if row is None:
        raise NoSuchTransfer(
            _("There is no transfer %(id)s.") % {"id": uuid},
            remedy=_(
                "Use the FileTransferUUID of the receipt or the metadata, or see `sf2530 hub transfers`."
            ),
        )
    return Life(
        transfer=_transfer(row),
        entries=_entries(tx, row["id"]),
        events=ledger.events_of(tx, uuid),
        receipt=content.get(tx, row["receipt_sha256"]).decode(),
    )


def verify(tx: sa.Connection, *, directory: ContentDirectory | None) -> Verified:
    """Prove the ledger's chain, and that all content is there and unaltered. Meant for a read transaction."""
    faults = [str(found) for found in ledger.verify(tx)]
    contents = 0
    for sha256 in _needed_content(tx):
        contents += 1
        try:
            content.verify(tx, sha256, directory=directory)
        except (ContentMissing, ContentDamaged) as error:
            faults.append(_("content %(sha256)s: %(why)s") % {"sha256": sha256, "why": error.what})
    return Verified(events=ledger.length(tx), contents=contents, faults=tuple(faults))


def _transfers() -> sa.Select[Any]:
    return sa.select(transfer, system.c.name.label("sender")).join(
        system, system.c.id == transfer.c.sender_id
    )


def _transfer(row: sa.RowMapping) -> Transfer:
    return Transfer(
        uuid=row["uuid"],
        sender=row["sender"],
        recipients=tuple(json.loads(row["recipients"])),
        file_name=row["file_name"],
        senders_file_id=row["senders_file_id"],
        size=row["size"],
        state=TransferState(row["state"]),
        errors=tuple(json.loads(row["errors"])),
        decided_at=row["decided_at"],
    )


def _entries(tx: sa.Connection, transfer_id: int) -> Sequence[dict[str, Any]]:
    columns = [
        delivery.c[name]
        for name in ("name", "kind", "size", "sha256", "appeared_at", "read_at", "deleted_at")
    ]
    chosen = (
        sa.select(system.c.name.label("system"), *columns)
        .join(system, system.c.id == delivery.c.system_id)
        .where(delivery.c.transfer_id == transfer_id)
        .order_by(delivery.c.id)
    )
    return [dict(row) for row in tx.execute(chosen).mappings()]


def _needed_content(tx: sa.Connection) -> Iterator[str]:
    """Give every piece of content that something still needs, once."""
    needed = sa.union(
        sa.select(upload.c.sha256),
        sa.select(delivery.c.sha256),
        sa.select(transfer.c.trigger_sha256),
        sa.select(transfer.c.receipt_sha256),
    )
    yield from tx.execute(needed).scalars()
