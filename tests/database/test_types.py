from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa

from sf2530.database.engines import open_engine, reading
from sf2530.database.types import RowId, UtcDateTime

metadata = sa.MetaData()
moment = sa.Table(
    "moment",
    metadata,
    sa.Column("id", RowId, primary_key=True),
    sa.Column("at", UtcDateTime()),
    sqlite_autoincrement=True,
)

NOON = datetime(2026, 1, 30, 12, tzinfo=UTC)


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    engine = open_engine(database_url)
    metadata.create_all(engine)
    yield engine
    engine.dispose()


def kept(engine: sa.Engine, *instants: datetime | None) -> list[datetime | None]:
    with engine.begin() as tx:
        tx.execute(sa.insert(moment), [{"at": instant} for instant in instants])
    with reading(engine) as tx:
        return list(tx.execute(sa.select(moment.c.at).order_by(moment.c.id)).scalars())


def test_an_instant_comes_back_in_utc_to_the_microsecond(engine: sa.Engine) -> None:
    precise = NOON + timedelta(microseconds=1)
    local = datetime(2026, 1, 30, 13, tzinfo=timezone(timedelta(hours=1)))
    back = kept(engine, precise, local, None)
    assert back == [precise, NOON, None]
    assert [instant.tzinfo for instant in back if instant] == [UTC, UTC]


def test_instants_compare_and_sort_in_sql_as_instants(engine: sa.Engine) -> None:
    later_but_smaller_on_the_wall = datetime(2026, 1, 30, 8, tzinfo=timezone(timedelta(hours=-6)))
    kept(engine, later_but_smaller_on_the_wall, NOON, NOON + timedelta(microseconds=1))
    with reading(engine) as tx:
        sorted_ids = tx.execute(sa.select(moment.c.id).order_by(moment.c.at)).scalars().all()
        until_noon = tx.execute(sa.select(moment.c.id).where(moment.c.at <= NOON)).scalars().all()
    assert sorted_ids == [2, 3, 1]
    assert until_noon == [2]


def test_an_instant_without_a_zone_is_refused(engine: sa.Engine) -> None:
    with pytest.raises(sa.exc.StatementError, match="needs a time zone"):
        kept(engine, datetime(2026, 1, 30, 12))  # noqa: DTZ001  that is the point


def test_ids_are_never_given_again(engine: sa.Engine) -> None:
    kept(engine, NOON, NOON)
    with engine.begin() as tx:
        tx.execute(sa.delete(moment).where(moment.c.id == 2))
    kept(engine, NOON)
    with reading(engine) as tx:
        assert tx.execute(sa.select(moment.c.id).order_by(moment.c.id)).scalars().all() == [1, 3]
