"""Gather what a decision on a trigger rests on, in the transaction that carries it out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Final

import sqlalchemy as sa

from sf2530.exchange.documents import MetadataRoot
from sf2530.exchange.file_names import metadata_name
from sf2530.hub import uploads
from sf2530.hub.routing import DataFile, Earlier, Facts, Recipient
from sf2530.hub.states import EntryKind, SystemState, TransferState, UploadState
from sf2530.hub.tables import delivery, route, system, transfer
from sf2530.hub.triggers import ReadTrigger

_REMEMBERED: Final = 50  # deliveries of one name looked at for a repeat, the latest first

# Built once: a statement is made more slowly than it is run, and these run for every trigger.
_WAYS = (
    sa.select(
        system.c.id,
        system.c.name,
        system.c.state,
        system.c.metadata_root,
        route.c.id.label("route_id"),
        route.c.name_pattern,
    )
    .outerjoin(
        route,
        sa.and_(
            route.c.recipient_id == system.c.id,
            route.c.sender_id == sa.bindparam("of_sender"),
            route.c.closed_at.is_(None),
        ),
    )
    .where(system.c.name.in_(sa.bindparam("names", expanding=True)))
)
_HAVE_UNREAD = sa.select(delivery.c.system_id).where(
    delivery.c.system_id.in_(sa.bindparam("systems", expanding=True)),
    delivery.c.name.in_(sa.bindparam("of_names", expanding=True)),
    delivery.c.deleted_at.is_(None),
)
_IS_UNREAD = sa.exists().where(
    delivery.c.transfer_id == transfer.c.id,
    delivery.c.kind == EntryKind.DATA.value,
    delivery.c.deleted_at.is_(None),
)
_EARLIER = (
    sa.select(
        transfer.c.id,
        transfer.c.senders_file_id,
        transfer.c.recipients,
        transfer.c.size,
        transfer.c.sha256,
        _IS_UNREAD.label("unread"),
    )
    .where(
        transfer.c.sender_id == sa.bindparam("of_sender"),
        transfer.c.file_name == sa.bindparam("of_name"),
        transfer.c.state == TransferState.DELIVERED.value,
    )
    .order_by(transfer.c.id.desc())
    .limit(_REMEMBERED)
)


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


def _recipients(tx: sa.Connection, trigger: ReadTrigger, sender_id: int) -> dict[str, Recipient]:
    if not trigger.recipients:
        return {}
    ways = tx.execute(_WAYS, {"of_sender": sender_id, "names": trigger.recipients}).all()
    systems = {way.id for way in ways}
    unread: set[int] = set()
    if systems:
        # Data or metadata: as long as one of them is there, its reader may be about to delete the other,
        # and would delete the next delivery's.
        names = [trigger.data_name, metadata_name(trigger.data_name)]
        asked = {"systems": list(systems), "of_names": names}
        unread = set(tx.execute(_HAVE_UNREAD, asked).scalars())
    open_to = {way.id for way in ways if _may_go(way.route_id, way.name_pattern, trigger.data_name)}
    return {
        way.name: Recipient(
            system_id=way.id,
            metadata_root=MetadataRoot(way.metadata_root),
            active=way.state == SystemState.ACTIVE,
            has_route=way.id in open_to,
            has_unread=way.id in unread,
        )
        for way in ways
    }


def _may_go(route_id: int | None, pattern: str | None, name: str) -> bool:
    return route_id is not None and (pattern is None or fnmatchcase(name, pattern))


def _earlier(tx: sa.Connection, name: str, sender_id: int) -> Sequence[Earlier]:
    return [
        Earlier(
            transfer_id=row.id,
            senders_file_id=row.senders_file_id,
            recipients=tuple(json.loads(row.recipients)),
            size=row.size,
            sha256=row.sha256,
            unread=bool(row.unread),
        )
        for row in tx.execute(_EARLIER, {"of_sender": sender_id, "of_name": name})
    ]
