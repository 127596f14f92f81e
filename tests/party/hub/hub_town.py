"""A small language for tests of the hub: systems, routes, and clients that send and fetch over SFTP."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh
import sqlalchemy as sa

from sf2530.database.engines import reading
from sf2530.denmark.business_time import utc_now
from sf2530.exchange.documents import FileDescriptor, MetadataRoot, TechnicalReceipt, Trigger
from sf2530.exchange.xml_reading import read_technical_receipt
from sf2530.exchange.xml_writing import write
from sf2530.hub import history, keys, routes, systems
from sf2530.hub.error_codes import ErrorCode
from sf2530.hub.history import Verified
from sf2530.hub.routes import NewRoute
from sf2530.hub.serving import RunningHub
from sf2530.hub.settings import HubSettings
from sf2530.hub.systems import NewSystem

PATIENCE = 10.0  # seconds a test waits for what should happen at once


def make_settings(folder: Path, database_url: str, **more: object) -> HubSettings:
    """Make the settings of a hub on a free port; its host key is made at the first call."""
    host_key = folder / "host_key"
    if not host_key.exists():
        asyncssh.generate_private_key("ssh-ed25519").write_private_key(host_key)
    values: dict[str, object] = {
        "port": 0,
        "database": database_url,
        "content_directory": folder / "content",
        "host_keys": [host_key],
        "trigger_wait_seconds": 0,
    }
    return HubSettings.model_validate(values | more)


def trigger_for(name: str, content: bytes, *, sender: str = "KY", to: str = "UDKDEB", **more: Any) -> bytes:
    """Write a correct trigger; `more` says otherwise."""
    facts: dict[str, Any] = {
        "file_name": name,
        "size_bytes": len(content),
        "sender": sender,
        "recipients": (to,),
        "senders_file_id": f"id-{name}",
    }
    return write(Trigger(descriptor=FileDescriptor(**facts | more)))


class Client:
    """One system's SFTP session."""

    def __init__(
        self, sftp: asyncssh.SFTPClient, connection: asyncssh.SSHClientConnection, name: str
    ) -> None:
        self.sftp = sftp
        self.connection = connection
        self.name = name

    async def puts(self, path: str, content: bytes) -> None:
        """Write a file in one go."""
        async with self.sftp.open(path, "wb") as file:
            await file.write(content)

    async def gets(self, path: str) -> bytes:
        """Read a file."""
        async with self.sftp.open(path, "rb") as file:
            content: Any = await file.read()  # asyncssh declares text, and gives bytes
            return bytes(content)

    async def sends(self, name: str, content: bytes, **trigger: Any) -> None:
        """Upload a file and its trigger."""
        await self.puts(f"OUT/{name}", content)
        await self.triggers(name, trigger_for(name, content, sender=self.name, **trigger))

    async def triggers(self, name: str, trigger: bytes) -> None:
        """Upload a trigger alone."""
        await self.puts(f"OUT/{name}.trigger", trigger)

    async def receipt(self, name: str) -> TechnicalReceipt:
        """Read the receipt for a file, and let it lie."""
        return read_technical_receipt(await self.gets(f"IN/{name}.sftpreceipt"))

    async def refusals(self, name: str) -> list[int]:
        """Read the error codes of a refusal."""
        return [error.code for error in (await self.receipt(name)).errors]

    async def lists(self, folder: str) -> list[str]:
        """List a folder, sorted."""
        return sorted(set(await self.sftp.listdir(folder)) - {".", ".."})


@dataclass
class HubTown:
    """A hub that runs, and the systems known to it."""

    hub: RunningHub
    keys: dict[str, asyncssh.SSHKey] = field(default_factory=dict)

    def has_system(
        self, name: str, *, key: asyncssh.SSHKey | None = None, root: str = "FileMetadata"
    ) -> None:
        """Add a system with a key."""
        self.keys[name] = key or asyncssh.generate_private_key("ssh-ed25519")
        new = NewSystem(name=name, metadata_root=MetadataRoot(root))
        with self.hub.engine.begin() as tx:
            systems.add(tx, new, now=utc_now())
            keys.add(tx, name, self.public_line(name), now=utc_now())

    def has_route(self, sender: str, recipient: str, *, pattern: str | None = None) -> int:
        """Open a route."""
        with self.hub.engine.begin() as tx:
            new = NewRoute(sender=sender, recipient=recipient, name_pattern=pattern)
            return routes.open_route(tx, new, now=utc_now())

    def public_line(self, name: str) -> str:
        """Give the public half of a system's key."""
        return self.keys[name].export_public_key().decode()

    @asynccontextmanager
    async def client(self, name: str) -> AsyncIterator[Client]:
        """Log in as a system."""
        async with self.connects(name) as connection, connection.start_sftp_client() as sftp:
            yield Client(sftp, connection, name)

    @asynccontextmanager
    async def connects(
        self, name: str, key: asyncssh.SSHKey | None = None
    ) -> AsyncIterator[asyncssh.SSHClientConnection]:
        """Connect, with a system's own key or with another."""
        known_hosts = asyncssh.import_known_hosts(f"* {self.hub.host_key}\n")
        async with asyncssh.connect(
            self.hub.host,
            self.hub.port,
            username=name,
            client_keys=[key or self.keys[name]],
            known_hosts=known_hosts,
            config=None,
            agent_path=None,
        ) as connection:
            yield connection

    def verified(self) -> Verified:
        """Verify ledger and content."""
        return verified(self.hub.engine, self.hub)

    def names_in_out(self, name: str) -> list[str]:
        """Give the names that a system's OUT has rows for."""
        statement = (
            "SELECT upload.name FROM upload JOIN system ON system.id = system_id WHERE system.name = :name"
        )
        with reading(self.hub.engine) as tx:
            return list(tx.execute(sa.text(statement), {"name": name}).scalars())

    def events(self) -> list[str]:
        """Give the kinds of all events, in order."""
        with reading(self.hub.engine) as tx:
            return list(tx.execute(sa.text("SELECT kind FROM event ORDER BY number")).scalars())


def verified(engine: sa.Engine, hub: RunningHub) -> Verified:
    """Verify a hub's ledger and content."""
    with reading(engine) as tx:
        return history.verify(tx, directory=hub.services.directory)


async def eventually(is_so: Callable[[], object]) -> None:
    """Wait for something that happens without us."""
    give_up = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < give_up, "it did not happen"
        await asyncio.sleep(0.01)


def codes(*errors: ErrorCode) -> list[int]:
    """Give error codes as a receipt has them."""
    return [int(error) for error in errors]
