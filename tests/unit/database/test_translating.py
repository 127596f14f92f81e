from __future__ import annotations

import sqlite3

import psycopg
import pytest
import sqlalchemy as sa

from sf2530.database.errors import TransactionUndone
from sf2530.database.translating import place, translated

FILE = sa.make_url("sqlite:////somewhere/a.db")
SERVER = sa.make_url("postgresql+psycopg://me:s3cret@host:5433/db?password=s3cret&sslmode=require")


def from_sqlite(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("said by SQLite")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (sqlite3.SQLITE_BUSY, "Another process has been writing"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "Another process has been writing"),
        (sqlite3.SQLITE_FULL, "Make room"),
        (sqlite3.SQLITE_CORRUPT, "backup"),
        (sqlite3.SQLITE_IOERR_FSYNC, "Create the folder /somewhere"),
    ],
)
def test_what_is_wrong_around_a_sqlite_file_comes_with_advice(code: int, advice: str) -> None:
    ours = translated(from_sqlite(code), FILE, disconnected=False)
    assert ours
    assert advice in ours.remedy
    assert "said by SQLite" in ours.what


@pytest.mark.parametrize("code", [sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT_UNIQUE])
def test_what_is_wrong_with_a_statement_stays_what_it_is(code: int) -> None:
    assert translated(from_sqlite(code), FILE, disconnected=False) is None
    assert translated(psycopg.errors.UndefinedTable("x"), SERVER, disconnected=False) is None


@pytest.mark.parametrize(
    "error",
    [
        psycopg.OperationalError("down"),
        psycopg.errors.AdminShutdown("down"),
        psycopg.errors.DiskFull("full"),
        psycopg.errors.TooManyConnections("many"),
        psycopg.errors.LockNotAvailable("locked"),
    ],
)
def test_what_is_wrong_around_a_server_may_be_tried_again(error: psycopg.Error) -> None:
    assert translated(error, SERVER, disconnected=False)


@pytest.mark.parametrize(
    "error",
    [psycopg.errors.DeadlockDetected("in the way"), psycopg.errors.SerializationFailure("in the way")],
)
def test_transactions_in_each_others_way_are_told_from_a_server_that_is_down(error: psycopg.Error) -> None:
    ours = translated(error, SERVER, disconnected=False)

    assert isinstance(ours, TransactionUndone)
    assert ours.code == "database-transaction-undone"
    assert "same rows" in ours.what


def test_a_lost_connection_counts_whatever_the_driver_calls_it() -> None:
    assert translated(psycopg.InterfaceError("the connection is closed"), SERVER, disconnected=True)


def test_a_place_never_holds_a_password() -> None:
    assert place(SERVER) == "postgresql://host:5433/db"
    assert place(sa.make_url("postgresql://me@/db?host=/a&host=/b")) == "postgresql:///a,/b/db"
