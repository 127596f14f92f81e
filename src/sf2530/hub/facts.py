"""Gather what a decision on a trigger rests on, in the transaction that carries it out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final

import sqlalchemy as sa

from sf2530.hub import routes, uploads
from sf2530.hub.routing import DataFile, Earlier, Facts, Recipient
from sf2530.hub.states import EntryKind, SystemState, TransferState, UploadState
from sf2530.hub.tables import delivery, system, transfer
from sf2530.hub.triggers import ReadTrigger

_REMEMBERED: Final = 50  # deliveries of one name looked at for a repeat, the latest first


def gather(tx: sa.Connection, trigger: ReadTrigger, *, sender_id: int, may_wait: bool) -> Facts:
    """Give the facts for `routing.decide`."""
    file = uploads.find(tx, sender_id, trigger.data_name)
    data = None
    if file is not None:
        complete = file.state is UploadState.COMPLETE
        data = DataFile(size=file.size, sha256=file.sha256, complete=complete)
    return Facts(
        data=data,
        recipients=_recipients(tx, trigger, sender_id),
        earlier=_earlier(tx, trigger.data_name, sender_id),
        may_wait=may_wait,
    )


def ids_of(tx: sa.Connection, names: Sequence[str]) -> Mapping[str, int]:
    """Give the rows of the systems with these names; unknown ones are left out."""
    rows = tx.execute(sa.select(system.c.name, system.c.id).where(system.c.name.in_(names)))
    return {row.name: row.id for row in rows}


def _recipients(tx: sa.Connection, trigger: ReadTrigger, sender_id: int) -> dict[str, Recipient]:
    chosen = sa.select(system.c.id, system.c.name, system.c.state)
    rows = tx.execute(chosen.where(system.c.name.in_(trigger.recipients))).all()
    ids = [row.id for row in rows]
    has_route = routes.open_to(tx, sender_id, ids, name=trigger.data_name)
    present = sa.select(delivery.c.system_id).where(
        delivery.c.system_id.in_(ids), delivery.c.name == trigger.data_name, delivery.c.deleted_at.is_(None)
    )
    unread = set(tx.execute(present).scalars())
    return {
        row.name: Recipient(
            active=row.state == SystemState.ACTIVE,
            has_route=has_route[row.id],
            has_unread=row.id in unread,
        )
        for row in rows
    }


def _earlier(tx: sa.Connection, name: str, sender_id: int) -> tuple[Earlier, ...]:
    unread = sa.exists().where(
        delivery.c.transfer_id == transfer.c.id,
        delivery.c.kind == EntryKind.DATA.value,
        delivery.c.deleted_at.is_(None),
    )
    chosen = (
        sa.select(transfer, unread.label("unread"))
        .where(
            transfer.c.sender_id == sender_id,
            transfer.c.file_name == name,
            transfer.c.state == TransferState.DELIVERED.value,
        )
        .order_by(transfer.c.id.desc())
        .limit(_REMEMBERED)
    )
    return tuple(
        Earlier(
            transfer_id=row.id,
            senders_file_id=row.senders_file_id,
            recipients=tuple(json.loads(row.recipients)),
            size=row.size,
            sha256=row.sha256,
            unread=bool(row.unread),
        )
        for row in tx.execute(chosen)
    )
