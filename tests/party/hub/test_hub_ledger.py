"""The ledger is sealed: whatever is changed, left out or cut off afterwards, `verify` sees it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from tests.party.hub.hub_town import Client, HubTown

from sf2530.database.migrating import differences
from sf2530.hub.serving import MIGRATIONS
from sf2530.hub.tables import event

TAMPERINGS = {
    "a detail changed": "UPDATE event SET details = '{}' WHERE kind = 'routed'",
    "a time changed": "UPDATE event SET at = (SELECT max(at) FROM event) WHERE number = 5",
    "an event taken out": "DELETE FROM event WHERE number = 5",
    "the last event cut off": "DELETE FROM event WHERE number = (SELECT max(number) FROM event)",
    "an event claimed for another": "UPDATE event SET system = 'OTHER' WHERE kind = 'routed'",
    "all of it gone": "DELETE FROM event",
    "content changed": "UPDATE content SET inline = CAST('x' AS BYTEA) WHERE size = 1",
    "content gone": "DELETE FROM content WHERE size = 1",
}


@pytest.fixture
async def carried(town: HubTown, ky: Client) -> HubTown:
    """Give a hub that has carried a file."""
    await ky.sends("A.txt", b"1")
    return town


async def test_what_was_done_stands_in_the_ledger_and_holds(carried: HubTown) -> None:
    assert carried.events()[-3:] == ["received", "routed", "delivered"]
    verified = carried.verified()
    assert verified.faults == ()
    assert verified.events == len(carried.events())
    assert verified.contents == 4  # data, trigger, metadata, receipt


@pytest.mark.parametrize("tampering", TAMPERINGS)
async def test_tampering_is_seen(carried: HubTown, tampering: str, database_kind: str) -> None:
    statement = TAMPERINGS[tampering]
    if database_kind == "sqlite":
        statement = statement.replace("AS BYTEA", "AS BLOB")
    with carried.hub.engine.begin() as tx:
        assert tx.execute(sa.text(statement)).rowcount > 0

    assert carried.verified().faults


async def test_an_event_put_in_between_is_seen(carried: HubTown) -> None:
    with carried.hub.engine.begin() as tx:
        row = dict(tx.execute(sa.select(event).where(event.c.number == 3)).mappings().one())
        last = tx.execute(sa.select(sa.func.max(event.c.number))).scalar_one()
        tx.execute(sa.insert(event).values(**row | {"number": last + 1}))

    assert len(carried.verified().faults) == 3  # does not follow, has been changed, is not the last


def test_the_tables_are_those_that_the_migrations_make(town: HubTown) -> None:

    assert differences(town.hub.engine, MIGRATIONS) == []
