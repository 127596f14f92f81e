"""Alarms: what a person must hear of. Once per code and subject while it is open.

Each code has its own remedy, and each is closed by the thing it waits for (a receipt, a connection)
or by a person.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from sf2530.exchange.tables import alarm
from sf2530.logs import mask_cpr_numbers

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One open alarm. Texts are for people: masked, and in the language of the process that raised it."""

    id: int
    code: str
    subject: str
    text: str
    remedy: str
    raised_at: datetime


def raise_alarm(tx: Connection, *, code: str, subject: str, text: str, remedy: str, now: datetime) -> bool:
    """Raise the alarm `code` about `subject`, in the transaction that found the reason for it.

    Does nothing and returns False while one of the same code and subject is open. Any number of
    processes may raise the same at once: one row comes of it. Others' words may stand in an alarm (a file's
    name, a receipt's reasons); what looks like a CPR number is masked.
    """
    subject = mask_cpr_numbers(subject)
    if _is_open(tx, code=code, subject=subject):
        return False
    row = {
        "code": code,
        "subject": subject,
        "text": mask_cpr_numbers(text),
        "remedy": mask_cpr_numbers(remedy),
        "raised_at": now,
    }
    try:
        with tx.begin_nested():
            tx.execute(sa.insert(alarm).values(**row))
    except IntegrityError:  # another process was faster
        return False
    _log.warning("alarm", code=code, subject=subject)
    return True


def close_alarms(tx: Connection, *, codes: Sequence[str], subject: str, now: datetime) -> None:
    """Close the open alarms of these codes about `subject`: what they waited for has come."""
    tx.execute(sa.update(alarm).where(_is_about(subject), alarm.c.code.in_(codes)).values(closed_at=now))


def close_absent(tx: Connection, *, codes: Sequence[str], present: Collection[str], now: datetime) -> None:
    """Close the open alarms of these codes about any subject that is not `present` any more."""
    c = alarm.c
    masked = {mask_cpr_numbers(name) for name in present}
    rows = tx.execute(sa.select(c.id, c.subject).where(c.closed_at.is_(None), c.code.in_(codes)))
    for row in [row for row in rows if row.subject not in masked]:
        close_alarm(tx, row.id, now=now)


def close_alarm(tx: Connection, alarm_id: int, *, now: datetime) -> bool:
    """Close one alarm, as a person has decided. Tells if it was open."""
    c = alarm.c
    closed = tx.execute(
        sa.update(alarm).where(c.id == alarm_id, c.closed_at.is_(None)).values(closed_at=now).returning(c.id)
    )
    return closed.first() is not None


def open_alarms(tx: Connection) -> list[Alarm]:
    """Give every open alarm, oldest first."""
    rows = tx.execute(sa.select(alarm).where(alarm.c.closed_at.is_(None)).order_by(alarm.c.id))
    return [
        Alarm(
            id=row.id,
            code=row.code,
            subject=row.subject,
            text=row.text,
            remedy=row.remedy,
            raised_at=row.raised_at,
        )
        for row in rows
    ]


def _is_open(tx: Connection, *, code: str, subject: str) -> bool:
    found = tx.execute(sa.select(alarm.c.id).where(_is_about(subject), alarm.c.code == code))
    return found.first() is not None


def _is_about(subject: str) -> sa.ColumnElement[bool]:
    """Say that an alarm is open and about `subject`, in the masked form that its row has."""
    return sa.and_(alarm.c.subject == mask_cpr_numbers(subject), alarm.c.closed_at.is_(None))
