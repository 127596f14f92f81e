"""The one border where the errors of database drivers, and of the archive's disk, become ours."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import sqlalchemy as sa

from sf2530.database.errors import ArchiveUnreachable, DatabaseUnreachable, TransactionUndone
from sf2530.language import _

# What SQLite says when the file, the disk or another process is in the way. The rest (SQLITE_ERROR,
# SQLITE_CONSTRAINT …) is about the statement, and stays what it is.
_OUTSIDE_REASONS = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_READONLY,
    }
)


def translated(error: BaseException, url: sa.URL, *, disconnected: bool) -> DatabaseUnreachable | None:
    """Give the DatabaseUnreachable that a driver's error means; None if it means something else."""
    if isinstance(error, sqlite3.Error):
        return _from_sqlite(error, url)
    if isinstance(error, psycopg.errors.DeadlockDetected | psycopg.errors.SerializationFailure):
        return _undone(error, url)
    if isinstance(error, psycopg.OperationalError) or disconnected:
        return _from_postgresql(error, url)
    return None


def place(url: sa.URL) -> str:
    """Say where a database is, without user name and password."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    hosts = url.host or url.query.get("host", "")
    port = f":{url.port}" if url.port else ""
    return f"postgresql://{hosts if isinstance(hosts, str) else ','.join(hosts)}{port}/{url.database or ''}"


@contextmanager
def disk_trouble_translated(path: Path) -> Iterator[None]:
    """Raise ArchiveUnreachable where the disk under `path` fails."""
    try:
        yield
    except OSError as error:
        raise ArchiveUnreachable(
            _("The archive's folder can't be used: %(why)s") % {"why": error.strerror},
            where=str(path),
            remedy=_("Check that the disk has room and that this user may write there, then try again."),
        ) from error


def _from_sqlite(error: sqlite3.Error, url: sa.URL) -> DatabaseUnreachable | None:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF  # without the extended part
    if code not in _OUTSIDE_REASONS:
        return None
    what = _("The database file can't be used: %(why)s") % {"why": error}
    return DatabaseUnreachable(what, where=place(url), remedy=_sqlite_remedy(code, Path(str(url.database))))


def _sqlite_remedy(code: int, path: Path) -> str:
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return _("Another process has been writing for too long: find it, then try again.")
    if code == sqlite3.SQLITE_FULL:
        return _("Make room on the disk, then try again.")
    if code in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}:
        return _("This is not a sound SQLite database: restore it from a backup, or name another file.")
    return _what_is_wrong_at(path)


def _what_is_wrong_at(path: Path) -> str:
    if not path.parent.is_dir():
        return _("Create the folder %(folder)s, then try again.") % {"folder": path.parent}
    if path.is_dir():
        return _("Name a file: this is a folder.")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        return _("Give this user the right to write there, then try again.")
    return _("Check the disk and the rights on the file and its folder, then try again.")


def _undone(error: psycopg.Error, url: sa.URL) -> TransactionUndone:
    what = _("Another process was changing the same rows: %(why)s") % {"why": str(error).strip()}
    return TransactionUndone(what, where=place(url), remedy=_("Nothing was written. Try again."))


def _from_postgresql(error: BaseException, url: sa.URL) -> DatabaseUnreachable:
    what = _("The database server can't be used: %(why)s") % {"why": str(error).strip()}
    remedy = _("Check that it runs and can be reached, and the user, password and database in the URL.")
    return DatabaseUnreachable(what, where=place(url), remedy=remedy)
