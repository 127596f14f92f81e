"""What can stop us in a database, in our own words."""

from __future__ import annotations

from sf2530.errors import DataError, UnreachableError, UseError


class DatabaseUnreachable(UnreachableError):
    """The database can't be reached or can't go on: server down, wrong password, disk full, folder missing.

    Whoever runs in a loop may wait and try again.
    """

    code = "database-unreachable"


class TransactionUndone(DatabaseUnreachable):
    """The database undid a transaction that got in another's way: a deadlock, or no serial order.

    Nothing was written, and the same transaction may succeed at once.
    """

    code = "database-transaction-undone"


class ArchiveUnreachable(UnreachableError):
    """The folder of large content can't be used: disk full, no permission, folder gone."""

    code = "archive-unreachable"


class DatabaseUrlWrong(UseError):
    """The URL of a database can't be used."""

    code = "database-url-wrong"


class SchemaWrong(UseError):
    """The database holds something else than this program expects: another party's, or a newer release's."""

    code = "database-schema-wrong"


class LeaseLost(UnreachableError):
    """The lease has ended, or another worker holds the row: nothing may be written under it any more."""

    code = "lease-lost"


class ContentMissing(DataError):
    """The archive doesn't hold these bytes."""

    code = "content-missing"


class ContentDamaged(DataError):
    """The archive holds other bytes than were put into it."""

    code = "content-damaged"
