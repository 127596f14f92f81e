"""What taking part in file exchange stores: files in, files out, receipts and alarms.

A party creates these beside its own tables, in its own database: that is what lets a business
effect and the file that tells of it stand in one transaction. Contents lie in the content archive,
by SHA-256.
"""

from __future__ import annotations

import sqlalchemy as sa

from sf2530.database.leases import lease_columns
from sf2530.database.types import RowId, UtcDateTime

metadata = sa.MetaData()

_NAME_LENGTH = 255  # FileName, SendersFileId and SFTP users in the protocol's schema
_SHA256_LENGTH = 64  # in hexadecimal

incoming_file = sa.Table(
    "incoming_file",
    metadata,
    sa.Column("id", RowId, primary_key=True),
    sa.Column("name", sa.String(_NAME_LENGTH), nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.String(_SHA256_LENGTH), nullable=False),
    sa.Column("metadata_sha256", sa.String(_SHA256_LENGTH), nullable=False),
    sa.Column("transfer_id", sa.String(_NAME_LENGTH), nullable=False),
    sa.Column("sender", sa.String(_NAME_LENGTH), nullable=False),
    sa.Column("senders_file_id", sa.String(_NAME_LENGTH)),
    sa.Column("received_at", UtcDateTime(), nullable=False),
    sa.Column("repeat_of", RowId, sa.ForeignKey("incoming_file.id")),
    sa.Column("conflict_with", RowId, sa.ForeignKey("incoming_file.id")),
    sa.Column("outcome", sa.String(200)),
    sa.Column("settled_at", UtcDateTime()),  # processed, noted as a repeat, or discarded
    sa.Column("deleted_at", UtcDateTime()),  # no longer in our IN
    *lease_columns(),
)

# Two keys against repeats. Workers that fetch the same file at once meet here: the first wins, the
# other reads again and finds a repeat. Repeats and conflicts stand outside, they point at the first.
_FIRST_OF_ITS_KEY = sa.and_(incoming_file.c.repeat_of.is_(None), incoming_file.c.conflict_with.is_(None))
sa.Index(
    "incoming_file_name_once",
    incoming_file.c.sender,
    incoming_file.c.name,
    unique=True,
    sqlite_where=_FIRST_OF_ITS_KEY,
    postgresql_where=_FIRST_OF_ITS_KEY,
)
sa.Index(
    "incoming_file_transfer_once",
    incoming_file.c.sender,
    incoming_file.c.transfer_id,
    unique=True,
    sqlite_where=_FIRST_OF_ITS_KEY,
    postgresql_where=_FIRST_OF_ITS_KEY,
)
sa.Index("ix_incoming_file_work", incoming_file.c.state, incoming_file.c.id)
_STILL_IN_OUR_IN = incoming_file.c.deleted_at.is_(None)
sa.Index(
    "incoming_file_still_in_our_in",
    incoming_file.c.id,
    sqlite_where=_STILL_IN_OUR_IN,
    postgresql_where=_STILL_IN_OUR_IN,
)

outgoing_file = sa.Table(
    "outgoing_file",
    metadata,
    sa.Column("id", RowId, primary_key=True),
    sa.Column("name", sa.String(_NAME_LENGTH), nullable=False, unique=True),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.String(_SHA256_LENGTH), nullable=False),
    sa.Column("recipient", sa.String(_NAME_LENGTH), nullable=False),
    sa.Column("senders_file_id", sa.String(_NAME_LENGTH), nullable=False, unique=True),
    sa.Column("routing", sa.Text),  # the dynamic routing block as JSON; none for fixed routes
    sa.Column("subject", sa.String(200), nullable=False),  # what it is about, for people and lists
    sa.Column("created_at", UtcDateTime(), nullable=False),
    sa.Column("sendings", sa.Integer, nullable=False, default=0),  # uploads that came through
    sa.Column("sent_at", UtcDateTime()),  # the latest of them; `next_try` is then the receipt's deadline
    sa.Column("transfer_id", sa.String(_NAME_LENGTH)),  # the platform's, from the receipt
    sa.Column("closed_at", UtcDateTime()),  # the receipt came
    *lease_columns(),
)
sa.Index("ix_outgoing_file_work", outgoing_file.c.state, outgoing_file.c.id)

receipt = sa.Table(
    "receipt",
    metadata,
    sa.Column("id", RowId, primary_key=True),
    sa.Column("name", sa.String(_NAME_LENGTH), nullable=False),
    sa.Column("sha256", sa.String(_SHA256_LENGTH), nullable=False),
    sa.Column("outgoing_file", RowId, sa.ForeignKey("outgoing_file.id")),  # none: nothing of ours
    sa.Column("received_at", UtcDateTime(), nullable=False),
    sa.UniqueConstraint("name", "sha256", name="receipt_once"),
)

alarm = sa.Table(
    "alarm",
    metadata,
    sa.Column("id", RowId, primary_key=True),
    sa.Column("code", sa.String(60), nullable=False),
    sa.Column("subject", sa.String(_NAME_LENGTH), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("remedy", sa.Text, nullable=False),
    sa.Column("raised_at", UtcDateTime(), nullable=False),
    sa.Column("closed_at", UtcDateTime()),
)
_OPEN = alarm.c.closed_at.is_(None)
sa.Index(
    "alarm_open_once",
    alarm.c.code,
    alarm.c.subject,
    unique=True,
    sqlite_where=_OPEN,
    postgresql_where=_OPEN,
)

disclosure = sa.Table(
    "disclosure",
    metadata,
    sa.Column("id", RowId, primary_key=True),
    sa.Column("at", UtcDateTime(), nullable=False),
    sa.Column("by", sa.String(100), nullable=False, doc="the machine's name for the user who asked"),
    sa.Column("what", sa.String(200), nullable=False, doc="the command, and what it is about"),
    sa.Column("numbers", sa.Integer, nullable=False, doc="how many CPR numbers"),
)
"""Every time someone was about to be shown CPR numbers in full, or took them out in a file."""
