"""`INSERT … ON CONFLICT`, which both databases speak but SQLAlchemy spells once for each."""

from __future__ import annotations

from functools import cache

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

Insert = postgresql.Insert | sqlite.Insert


def insert_new(tx: sa.Connection, table: sa.Table, *, key: tuple[str, ...] = ()) -> Insert:
    """Give an insert that leaves a row that is there already as it is, and then returns nothing.

    There already: of the same `key`, whose columns are unique together; without it, by any unique key.
    Where another transaction has just inserted the row, it is waited for.
    """
    return _insert_new(tx.dialect.name, table, key)


def insert_or_replace(
    tx: sa.Connection, table: sa.Table, *, key: tuple[str, ...], replaced: tuple[str, ...]
) -> Insert:
    """Give an insert that, where the `key` is there already, puts the new values into `replaced`."""
    return _insert_or_replace(tx.dialect.name, table, key, replaced)


# Made once each: a statement is made more slowly than it is run, and some of these run for every file.


@cache
def _insert_new(dialect: str, table: sa.Table, key: tuple[str, ...]) -> Insert:
    return _insert(dialect, table).on_conflict_do_nothing(index_elements=key or None)


@cache
def _insert_or_replace(
    dialect: str, table: sa.Table, key: tuple[str, ...], replaced: tuple[str, ...]
) -> Insert:
    insert = _insert(dialect, table)
    new = {name: insert.excluded[name] for name in replaced}
    return insert.on_conflict_do_update(index_elements=key, set_=new)


def _insert(dialect: str, table: sa.Table) -> Insert:
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
