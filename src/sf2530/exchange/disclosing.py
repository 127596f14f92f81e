"""Keep a record of who was shown CPR numbers in full. The record itself holds none."""

from __future__ import annotations

import getpass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Engine

from sf2530.exchange.tables import disclosure
from sf2530.logs import mask_cpr_numbers

_LONGEST_NAME = 100
_LONGEST_WHAT = 200


def record_disclosure(engine: Engine, *, what: str, numbers: int, now: datetime) -> None:
    """Record, in a transaction of its own, that this machine's user is about to see so many CPR numbers.

    Call it before they are shown or written: what can't be recorded is not disclosed, and a disclosure that
    fails half-way is in the record. `what` is the command, and what it is about.
    """
    row = {
        "at": now,
        "by": getpass.getuser()[:_LONGEST_NAME],
        "what": mask_cpr_numbers(what)[:_LONGEST_WHAT],
        "numbers": numbers,
    }
    with engine.begin() as tx:
        tx.execute(sa.insert(disclosure).values(**row))
