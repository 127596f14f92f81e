"""What the archive of bytes stores; part of every party's migrations."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()

content = sa.Table(
    "content",
    metadata,
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("size", sa.BigInteger, nullable=False),
    # where the bytes are: here, in a file of the content directory, or (both empty) in content_chunk
    sa.Column("inline", sa.LargeBinary),
    sa.Column("file_name", sa.String(100), unique=True),
)

content_chunk = sa.Table(
    "content_chunk",
    metadata,
    sa.Column("sha256", sa.ForeignKey(content.c.sha256, ondelete="CASCADE"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
)
