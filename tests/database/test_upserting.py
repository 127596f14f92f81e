"""Rows that are there already are left alone or replaced, the same way on both databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from sf2530.database.engines import open_engine
from sf2530.database.upserting import insert_new, insert_or_replace

metadata = sa.MetaData()
kept = sa.Table(
    "kept",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String, nullable=False, unique=True),
    sa.Column("number", sa.Integer, unique=True),
    sa.Column("text", sa.String),
)


@pytest.fixture
def tx(database_url: str) -> Iterator[sa.Connection]:
    """Give a transaction on a table with one row."""
    engine = open_engine(database_url)
    metadata.create_all(engine)
    with engine.begin() as tx:
        tx.execute(sa.insert(kept), {"name": "a", "number": 1, "text": "first"})
        yield tx
    engine.dispose()


def rows(tx: sa.Connection) -> list[tuple[object, ...]]:
    chosen = sa.select(kept.c.name, kept.c.number, kept.c.text).order_by(kept.c.name)
    return [tuple(row) for row in tx.execute(chosen)]


def test_what_is_there_is_left_as_it_is_and_only_the_new_is_returned(tx: sa.Connection) -> None:
    given = [{"name": "a", "text": "second"}, {"name": "b", "text": "new"}]
    returned = tx.execute(insert_new(tx, kept).returning(kept.c.name), given).scalars().all()

    assert returned == ["b"]
    assert rows(tx) == [("a", 1, "first"), ("b", None, "new")]


def test_a_conflict_of_another_key_is_no_repeat(tx: sa.Connection) -> None:
    other_name_same_number = {"name": "b", "number": 1}
    tx.execute(insert_new(tx, kept), other_name_same_number)
    assert rows(tx) == [("a", 1, "first")]

    with pytest.raises(sa.exc.IntegrityError), tx.begin_nested():
        tx.execute(insert_new(tx, kept, key=("name",)), other_name_same_number)


def test_of_a_row_that_is_there_only_the_named_columns_are_replaced(tx: sa.Connection) -> None:
    upsert = insert_or_replace(tx, kept, key=("name",), replaced=("text",))
    tx.execute(upsert, {"name": "a", "number": 2, "text": "second"})
    tx.execute(upsert, {"name": "b", "number": 2, "text": "new"})

    assert rows(tx) == [("a", 1, "second"), ("b", 2, "new")]
