"""The hub's settings, as they stand in its configuration file."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from sf2530.configuration import ConfigPath, DatabaseUrl
from sf2530.exchange.documents import SUCCESS


class Limits(BaseModel):
    """What one system may do. A limit that is reached is a clear refusal to that client alone."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    file_bytes: Annotated[int, Field(ge=1)] = 2_000_000_000
    """Bytes in one file (assumption 20)."""
    open_files: Annotated[int, Field(ge=1)] = 64
    """Files that one session holds open."""
    sessions: Annotated[int, Field(ge=1)] = 64
    """Connections of one system at a time."""


class HubSettings(BaseModel):
    """How one hub process runs. Relative paths count from the configuration file's folder."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    host: str = "127.0.0.1"
    """The address to listen on."""
    port: Annotated[int, Field(ge=0, le=65_535)] = 2222
    """The port to listen on; 0 takes any free one."""
    database: DatabaseUrl = "sqlite:///hub.db"
    """Where the ledger is: `sqlite:///path` or `postgresql://…`."""
    content_directory: ConfigPath | None = None
    """A folder for files over 64 KiB, for a hub on one machine. None: they go into the database."""
    host_keys: Annotated[list[ConfigPath], Field(min_length=1)]
    """Private key files that the hub proves itself with."""
    trigger_wait_seconds: Annotated[float, Field(ge=0)] = 30.0
    """How long a trigger waits for its data file (assumption 18); 0 refuses at once."""
    success_message: Annotated[str, Field(min_length=1)] = SUCCESS
    """The message of a receipt for a delivered file."""
    limits: Limits = Field(default_factory=Limits)
    """What one system may do."""
