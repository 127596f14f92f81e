"""The parties' databases, opened beside them: the sandbox looks into all, which no party may."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import sqlalchemy as sa

from sf2530.database import opening
from sf2530.database.engines import drop_schema, ensure_schema
from sf2530.sandbox.premises import DEBITOR, HUB, KY, PARTIES, Premises


@dataclass(frozen=True, slots=True, kw_only=True)
class Databases:
    """One engine a party."""

    hub: sa.Engine
    debitor: sa.Engine
    ky: sa.Engine


@contextmanager
def opened(premises: Premises) -> Iterator[Databases]:
    """Open all databases, brought up to date; close them at the end."""
    with ExitStack() as stack:
        engines = {}
        for party in PARTIES:
            ensure_schema(premises.database_url(party))
            database = opening.opened(premises.database_url(party), f"sf2530.{party}.migrations")
            engines[party] = stack.enter_context(database)
        yield Databases(hub=engines[HUB], debitor=engines[DEBITOR], ky=engines[KY])


def remove(premises: Premises) -> None:
    """Remove the sandbox's schemas from the PostgreSQL that it used; its folder is the caller's."""
    for party in PARTIES:
        drop_schema(premises.database_url(party))
