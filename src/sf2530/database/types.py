"""Column types that mean the same on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

RowId: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""The type of an `id` column: 64 bits on both (SQLite numbers only INTEGER keys by itself).

SQLite may give the number of the last row again once that row is deleted: say `sqlite_autoincrement=True`
in the Table where ids are written down elsewhere.
"""


class UtcDateTime(sa.TypeDecorator[datetime]):
    """An instant: aware datetimes in, UTC datetimes out, to the microsecond.

    SQLite holds it as text of fixed length without a zone, so that comparing and sorting work in SQL.
    A naive datetime is refused with ValueError: nobody can know which instant it means.
    """

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn the instant into what the database takes."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "an instant needs a time zone"
            raise ValueError(msg)
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn what the database gives into an instant in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)
