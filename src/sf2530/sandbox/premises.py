"""Where a sandbox keeps its things: one folder, and in it one for each party."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

HUB: Final = "hub"
DEBITOR: Final = "debitor"
KY: Final = "ky"
PARTIES: Final = (HUB, DEBITOR, KY)

KY_SYSTEM: Final = "KY"
DEBITOR_SYSTEM: Final = "UDKDEB"
"""The SFTP users, which are the parties' addresses on the hub."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Premises:
    """A sandbox's folder and databases. `database` is None for SQLite files in the folder.

    `name` tells this sandbox from others that use the same PostgreSQL: its schemas begin with it.
    """

    directory: Path
    name: str
    database: str | None = None

    def folder(self, party: str) -> Path:
        """Give the party's own folder."""
        return self.directory / party

    def configuration(self, party: str) -> Path:
        """Give the party's configuration file."""
        return self.folder(party) / f"{party}.toml"

    def private_key(self, party: str) -> Path:
        """Give the key with which the party logs in; the hub's own is its host key."""
        return self.folder(party) / "key"

    def log(self, party: str) -> Path:
        """Say where the party's process writes what it has to say."""
        return self.directory / "logs" / f"{party}.log"

    def database_url(self, party: str) -> str:
        """Give the party's own database: a SQLite file, or a schema of its own in the one PostgreSQL."""
        if self.database is None:
            return f"sqlite:///{self.folder(party).resolve() / party}.db"
        separator = "&" if "?" in self.database else "?"
        return f"{self.database}{separator}schema={self.name}_{party}"
