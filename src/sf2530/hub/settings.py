"""The hub's settings, as they stand in its configuration file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from sf2530.exchange.documents import SUCCESS

_SQLITE = "sqlite:///"


class Limits(BaseModel):
    """What one system may do. A limit that is reached is a clear refusal to that client alone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file_bytes: Annotated[int, Field(ge=1)] = 2_000_000_000
    """Bytes in one file (assumption 20)."""
    open_files: Annotated[int, Field(ge=1)] = 64
    """Files that one session holds open."""
    sessions: Annotated[int, Field(ge=1)] = 64
    """Connections of one system at a time."""


class HubSettings(BaseModel):
    """How one hub process runs. Relative paths count from the configuration file's folder."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = "127.0.0.1"
    """The address to listen on."""
    port: Annotated[int, Field(ge=0, le=65_535)] = 2222
    """The port to listen on; 0 takes any free one."""
    database: str = "sqlite:///hub.db"
    """Where the ledger is: `sqlite:///path` or `postgresql://…`."""
    content_directory: Path | None = None
    """A folder for files over 64 KiB, for a hub on one machine. None: they go into the database."""
    host_keys: Annotated[list[Path], Field(min_length=1)]
    """Private key files that the hub proves itself with."""
    trigger_wait_seconds: Annotated[float, Field(ge=0)] = 30.0
    """How long a trigger waits for its data file (assumption 18); 0 refuses at once."""
    success_message: Annotated[str, Field(min_length=1)] = SUCCESS
    """The message of a receipt for a delivered file."""
    limits: Limits = Field(default_factory=Limits)
    """What one system may do."""

    @field_validator("content_directory")
    @classmethod
    def _from_its_folder(cls, path: Path | None, info: ValidationInfo) -> Path | None:
        return None if path is None else _folder(info) / path

    @field_validator("host_keys")
    @classmethod
    def _all_from_its_folder(cls, paths: list[Path], info: ValidationInfo) -> list[Path]:
        return [_folder(info) / path for path in paths]

    @field_validator("database")
    @classmethod
    def _database_from_its_folder(cls, url: str, info: ValidationInfo) -> str:
        return _SQLITE + str(_folder(info) / url.removeprefix(_SQLITE)) if url.startswith(_SQLITE) else url


def _folder(info: ValidationInfo) -> Path:
    context: dict[str, Any] = info.context or {}
    return Path(context.get("directory", "."))
