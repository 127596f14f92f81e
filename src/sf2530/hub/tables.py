"""What the hub stores: systems and keys, routes, the files in `OUT` and `IN`, transfers, and the ledger."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from sf2530.database.types import RowId, UtcDateTime

metadata = MetaData()

_Name = String(255)
_Sha256 = String(64)

system = Table(
    "system",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("name", _Name, nullable=False, unique=True),  # the SFTP user name, which is the address
    Column("owner_cvr", String(8)),
    Column("it_system", String(36)),  # UUID, lower case
    Column("state", String(16), nullable=False),
    Column("metadata_root", String(16), nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
)

system_key = Table(
    "system_key",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("system_id", ForeignKey("system.id"), nullable=False),
    Column("fingerprint", String(64), nullable=False),  # as OpenSSH shows it: SHA256:…
    Column("public_key", Text, nullable=False),  # one OpenSSH line, without its comment
    Column("comment", _Name, nullable=False),
    Column("valid_from", UtcDateTime, nullable=False),
    Column("valid_to", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    UniqueConstraint("system_id", "fingerprint", name="system_key_once"),
)

route = Table(
    "route",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("sender_id", ForeignKey("system.id"), nullable=False),
    Column("recipient_id", ForeignKey("system.id"), nullable=False),
    Column("file_service", _Name),  # the catalogue's name, for people
    Column("name_pattern", _Name),  # a glob the file's name must match; null: any name
    Column("opened_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
)
Index("route_between", route.c.sender_id, route.c.recipient_id)

upload = Table(
    "upload",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("system_id", ForeignKey("system.id"), nullable=False),
    Column("name", _Name, nullable=False),
    Column("state", String(16), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", _Sha256, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("wait_until", UtcDateTime),  # of a trigger that waits for its data file
    UniqueConstraint("system_id", "name", name="upload_name"),
)
Index("upload_waiting", upload.c.wait_until, sqlite_where=text("wait_until IS NOT NULL"),
      postgresql_where=text("wait_until IS NOT NULL"))  # fmt: skip

transfer = Table(
    "transfer",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("uuid", String(36), nullable=False, unique=True),  # FileTransferUUID
    Column("sender_id", ForeignKey("system.id"), nullable=False),
    Column("file_name", _Name, nullable=False),
    Column("senders_file_id", _Name),
    Column("recipients", Text, nullable=False),  # JSON list, sorted
    Column("size", BigInteger),  # null where the data file was never seen
    Column("sha256", _Sha256),
    Column("trigger_sha256", _Sha256, nullable=False),
    Column("receipt_sha256", _Sha256, nullable=False),
    Column("state", String(16), nullable=False),
    Column("errors", Text, nullable=False),  # JSON list of error codes
    Column("decided_at", UtcDateTime, nullable=False),
)
Index("transfer_repeats", transfer.c.sender_id, transfer.c.file_name)
Index("transfer_latest", transfer.c.decided_at)

delivery = Table(
    "delivery",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("system_id", ForeignKey("system.id"), nullable=False),
    Column("name", _Name, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("transfer_id", ForeignKey("transfer.id"), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", _Sha256, nullable=False),
    Column("appeared_at", UtcDateTime, nullable=False),
    Column("read_at", UtcDateTime),
    Column("deleted_at", UtcDateTime),
)
# What stands in an `IN` now: one entry a name. What was deleted stays as a row outside this index,
# so a listing costs the same after a million files.
Index("delivery_present", delivery.c.system_id, delivery.c.name, unique=True,
      sqlite_where=text("deleted_at IS NULL"), postgresql_where=text("deleted_at IS NULL"))  # fmt: skip
Index("delivery_of_transfer", delivery.c.transfer_id)

event = Table(
    "event",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),  # 1, 2, 3 … without gaps
    Column("at", UtcDateTime, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("transfer", String(36)),
    Column("system", _Name),
    Column("address", String(64)),
    Column("details", Text, nullable=False),  # JSON object with sorted keys
    Column("previous", _Sha256, nullable=False),
    Column("hash", _Sha256, nullable=False),
)
Index("event_of_transfer", event.c.transfer)

# One row: the ledger's last event. Whoever writes to the hub's tables locks it first, so the hub's
# processes write one after another and can't deadlock.
ledger_head = Table(
    "ledger_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),
    Column("hash", _Sha256, nullable=False),
)
