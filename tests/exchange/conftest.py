"""A hub, and a party with its database, for the tests of the exchange."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from tests.exchange.fake_hub import FakeHub
from tests.exchange.parties import Party, create_tables

from sf2530.database.engines import open_engine
from sf2530.exchange.mailbox import Mailbox


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[FakeHub]:
    """Give a hub that runs."""
    async with FakeHub(tmp_path / "hub") as running:
        yield running


@pytest.fixture
async def mailbox(hub: FakeHub) -> AsyncIterator[Mailbox]:
    """Give our mailbox at the hub."""
    async with Mailbox(hub.mailbox_settings()) as opened:
        yield opened


@pytest.fixture
def party_engine(database_url: str) -> Iterator[Engine]:
    """Give a party's database, on SQLite and on PostgreSQL."""
    engine = open_engine(database_url)
    create_tables(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def party(party_engine: Engine, hub: FakeHub) -> Party:
    """Give a party whose passes the test runs."""
    return Party(engine=party_engine, settings=hub.settings())
