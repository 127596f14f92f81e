"""Insert many rows at once, as tuples straight to the driver: for the tables with a row per person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

_ROWS_AT_ONCE = 10_000


def insert_rows(
    tx: Connection, table: sa.Table, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> int:
    """Insert rows whose values stand in the order of `columns`, and say how many.

    Half the time of SQLAlchemy's own, which looks at every value. So values go as the drivers take them:
    text, int or None, and dates as ISO 8601 text, which both databases read as dates.
    """
    mark = "%s" if tx.dialect.name == "postgresql" else "?"
    statement = (
        f"INSERT INTO {table.name} ({', '.join(columns)}) "  # noqa: S608  names out of our own tables
        f"VALUES ({', '.join(mark for _column in columns)})"
    )
    count = 0
    source = iter(rows)
    while batch := list(islice(source, _ROWS_AT_ONCE)):
        tx.exec_driver_sql(statement, batch)
        count += len(batch)
    return count
