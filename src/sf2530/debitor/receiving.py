"""What answering and settling share: reading a file, claiming its delivery id, repeats, conflicts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from sf2530.database import leases
from sf2530.database.upserting import insert_new
from sf2530.debitor.envelopes import Envelope, Terms
from sf2530.debitor.states import Outcome
from sf2530.exchange import outgoing
from sf2530.exchange.alarms import raise_alarm
from sf2530.exchange.states import IncomingState
from sf2530.exchange.tables import incoming_file, outgoing_file
from sf2530.exchange.working import Work
from sf2530.language import _
from sf2530.records.layout import FileKind
from sf2530.records.reading import Decoded, decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One received file, read: its bytes as columns, and its outside."""

    work: Work
    kind: FileKind
    decoded: Decoded
    envelope: Envelope


def receive(work: Work, kind: FileKind, terms: Terms) -> Received:
    """Read a file as one of `kind`. What is wrong in it stands in `decoded.report`."""
    decoded = decode(work.content, terms.layouts[kind], name=work.file.name)
    report, start = decoded.report, decoded.start or {}
    envelope = Envelope(
        file_name=work.file.name,
        transferred_by=work.file.sender,
        # A profile without start record has no delivery id: there the transfer's id stands for it.
        delivery_id=report.delivery_id or work.file.senders_file_id,
        reference=report.reference,
        municipality=report.municipality,
        value_date=report.value_date,
        sender=_text(start.get("AFSENDER")),
        recipient=_text(start.get("MODTAGER")),
    )
    return Received(work=work, kind=kind, decoded=decoded, envelope=envelope)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def claim(tx: Connection, table: sa.Table, row: dict[str, Any]) -> int | None:
    """Insert the row of a delivery id, and give its number; None if the delivery id is known.

    Two workers with the same delivery id meet here: the second waits for the first one's commit, and gets
    None then.
    """
    new = insert_new(tx, table, key=("delivery_id",)).returning(table.c.id)
    number: int | None = tx.scalar(new, row)
    return number


def repeat_or_conflict(tx: Connection, work: Work, table: sa.Table, delivery_id: str) -> Outcome:
    """Deal with a file whose delivery id is known: reply again to the same bytes, set other bytes aside."""
    known = tx.execute(sa.select(table).where(table.c.delivery_id == delivery_id)).one()
    if known.content_sha256 != work.file.sha256:
        _set_aside(tx, work, known.received_file_id)
        return Outcome.CONFLICT
    if known.reply_file_id is not None:
        name = sa.select(outgoing_file.c.name).where(outgoing_file.c.id == known.reply_file_id)
        outgoing.send_again(tx, name=tx.execute(name).scalar_one(), now=work.now)
    return Outcome.REPEATED


def _set_aside(tx: Connection, work: Work, known_file: int) -> None:
    leases.move(
        tx,
        incoming_file,
        work.lease,
        to=IncomingState.CONFLICT,
        now=work.now,
        outcome=Outcome.CONFLICT,
        conflict_with=known_file,
    )
    # The exchange's own code: to discard the file closes this alarm too.
    raise_alarm(
        tx,
        code="incoming-conflict",
        subject=work.file.name,
        text=_("A file has come under a delivery id that stands for another file already"),
        # Released, it would meet the same conflict: its delivery id stands for the other file for good.
        remedy=_(
            "Nothing was done with it. If it counts, ask the sender for it under a new delivery id."
            " Put this one away with `%(command)s`."
        )
        % {"command": f"sf2530 debitor files discard {work.file.id} --reason TEXT"},
        now=work.now,
    )
