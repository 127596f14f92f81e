"""Open a party's database for as long as it is needed, with its tables brought up to date."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from sf2530.database.engines import open_engine
from sf2530.database.migrating import party, upgrade


@contextmanager
def opened(url: str, migrations: str) -> Iterator[sa.Engine]:
    """Give the engine for `url`, migrated by the scripts in the package `migrations`; closed at the end.

    Raises DatabaseUrlWrong, DatabaseUnreachable or SchemaWrong.
    """
    engine = open_engine(url, application_name=f"sf2530 {party(migrations)}")
    try:
        upgrade(engine, migrations)
        yield engine
    finally:
        engine.dispose()
