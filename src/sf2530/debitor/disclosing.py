"""Keep a record of who was shown CPR numbers in full. The record itself holds none."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from sf2530.debitor.tables import disclosure


def record_disclosure(tx: Connection, *, by: str, what: str, numbers: int, now: datetime) -> None:
    """Record that `by` is shown so many CPR numbers. Committed before they are shown on a screen."""
    tx.execute(sa.insert(disclosure).values(at=now, by=by[:100], what=what[:200], numbers=numbers))
