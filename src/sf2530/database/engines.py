"""Open a database by its URL: SQLite or PostgreSQL, set up the same way everywhere."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from sf2530.database.errors import DatabaseUrlWrong
from sf2530.database.translating import translated
from sf2530.language import _

SQLITE_BEGIN: Final = "sf2530_sqlite_begin"
"""The execution option that holds the statements that begin a transaction on SQLite."""

APPLICATION: Final = "sf2530_application"
"""The execution option that names whose database it is, as its commands begin: `sf2530 ky`."""

_BUSY_SECONDS = 30
_SCHEMA_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")


def open_engine(url: str, *, application_name: str = "sf2530") -> sa.Engine:
    """Give the engine for `sqlite:///path` or `postgresql://user@host/database`; connects at first use.

    `engine.begin()` is a writing transaction: on SQLite it waits for its turn to write right away (up to
    30 seconds), so that it never fails half-way; on PostgreSQL it is read-committed. For reading only, use
    `reading`. `postgresql://…?schema=name` keeps everything in that schema, so that parties can share a
    database; the schema must be there (`ensure_schema`). Connections carry `application_name` as the
    execution option `APPLICATION`.
    Raises DatabaseUrlWrong here, and DatabaseUnreachable from every later use that fails for outside reasons.
    """
    parsed = _parsed(url)
    engine = (
        _sqlite(parsed) if parsed.get_backend_name() == "sqlite" else _postgresql(parsed, application_name)
    )
    event.listen(engine, "handle_error", _translate)
    engine.update_execution_options(**{APPLICATION: application_name})
    return engine


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Give a transaction that only reads: one unchanging view of the database, and no writer waits for it."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            reader = connection.execution_options(**{SQLITE_BEGIN: ("BEGIN",)})
        else:
            reader = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with reader.begin():
            yield reader


def ensure_schema(url: str) -> None:
    """Create the schema that `url` names, if it isn't there; nothing to do where it names none."""
    _administer_schema(url, "CREATE SCHEMA IF NOT EXISTS {}")


def drop_schema(url: str) -> None:
    """Drop the schema that `url` names with all that is in it; nothing to do where it names none."""
    _administer_schema(url, "DROP SCHEMA IF EXISTS {} CASCADE")


def _administer_schema(url: str, statement: str) -> None:
    schema = _schema(_parsed(url))
    if schema is None:
        return
    engine = open_engine(url)
    try:
        with engine.begin() as tx:
            tx.exec_driver_sql(statement.format(schema))
    finally:
        engine.dispose()


def _parsed(url: str) -> sa.URL:
    try:
        parsed = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        # not "from" it: its text repeats the URL, with the password
        raise _wrong_url(_("This is not the URL of a database.")) from None
    backend = parsed.get_backend_name()
    if backend not in {"sqlite", "postgresql"}:
        raise _wrong_url(_("There is no support for databases of the kind “%(kind)s”.") % {"kind": backend})
    if backend == "sqlite" and parsed.database in {None, "", ":memory:"}:
        raise _wrong_url(_("The SQLite database needs a file."))
    return parsed


def _wrong_url(what: str, where: str = "") -> DatabaseUrlWrong:
    remedy = _("Write `sqlite:///path/to/file.db` or `postgresql://user@host/database`.")
    return DatabaseUrlWrong(what, where=where, remedy=remedy)


# SQLite ----------------------------------------------------------------------------------------------------


def _sqlite(url: sa.URL) -> sa.Engine:
    engine = sa.create_engine(
        url.set(drivername="sqlite+pysqlite"),
        connect_args={
            "timeout": _BUSY_SECONDS,
            "isolation_level": None,  # we say BEGIN ourselves, below
            "cached_statements": 256,
        },
        pool_size=8,
        max_overflow=24,
        hide_parameters=True,  # errors are logged, and parameters hold personal data
    )
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    try:
        _use_write_ahead_log(cursor)
        cursor.execute("PRAGMA synchronous=FULL")  # what is committed survives a power cut
        cursor.execute("PRAGMA foreign_keys=ON")
    finally:
        cursor.close()


def _use_write_ahead_log(cursor: Any) -> None:
    """Switch to WAL, waiting for others who do the same: here SQLite itself doesn't wait."""
    give_up = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > give_up:
                raise
            time.sleep(0.01)
        else:
            return


def _begin_sqlite(connection: sa.Connection) -> None:
    statements: tuple[str, ...] = connection.get_execution_options().get(SQLITE_BEGIN, ("BEGIN IMMEDIATE",))
    for statement in statements:
        connection.exec_driver_sql(statement)


# PostgreSQL ------------------------------------------------------------------------------------------------


def _postgresql(url: sa.URL, application_name: str) -> sa.Engine:
    # what the URL itself says goes before what is set here
    query: dict[str, Any] = {
        "application_name": application_name,
        "connect_timeout": "10",
        # a server that vanished without a word is noticed within a minute
        "keepalives_idle": "30",
        "keepalives_interval": "10",
        "keepalives_count": "3",
        **url.query,
    }
    schema = _schema(url)
    if schema is not None:
        del query["schema"]
        query["options"] = f"{query.get('options', '')} -csearch_path={schema}".strip()
    return sa.create_engine(
        url.set(drivername="postgresql+psycopg", query=query),
        pool_pre_ping=True,
        pool_size=8,
        max_overflow=24,
        isolation_level="READ COMMITTED",
        hide_parameters=True,  # errors are logged, and parameters hold personal data
    )


def _schema(url: sa.URL) -> str | None:
    schema = url.query.get("schema")
    if schema is None or url.get_backend_name() == "sqlite":
        return None
    if not isinstance(schema, str) or not _SCHEMA_NAME.fullmatch(schema):
        raise _wrong_url(_("A schema's name has small letters, digits and underscores only."), str(schema))
    return schema


def _translate(context: ExceptionContext) -> BaseException | None:
    if context.is_pre_ping or context.engine is None:
        return None  # the pool tries a new connection by itself
    return translated(context.original_exception, context.engine.url, disconnected=context.is_disconnect)
