"""A hub for the mailbox's tests: folders on disk behind asyncssh, and a platform that does as it is told.

It can be made to misbehave the way real servers do: to refuse renaming, to cut the connection in the
middle of an upload, to take files away the moment they are triggered, to stop altogether.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import asyncssh

from sf2530.exchange.documents import ErrorMessage, FileDescriptor, FileMetadata, TechnicalReceipt, Trigger
from sf2530.exchange.file_names import TRIGGER, metadata_name, receipt_name, trigger_name
from sf2530.exchange.settings import ExchangeSettings, MailboxSettings
from sf2530.exchange.xml_reading import read_trigger
from sf2530.exchange.xml_writing import write

OTHER = "OTHER"


@dataclass(slots=True)
class Manners:
    """How the hub behaves towards whoever is connected."""

    renaming: bool = True
    temporary_names: bool = True
    takes_at_once: bool = False
    cut_after_bytes: int | None = None
    write_at_most_bytes: int | None = None
    refused: set[str] = field(default_factory=set)  # "open IN/a.txt" and the like
    stalled: set[str] = field(default_factory=set)  # likewise: never answered
    cut_at: set[str] = field(default_factory=set)  # likewise: the connection is cut
    seen_by_name: dict[str, int] = field(default_factory=dict)  # not there, and shown to who asks for it
    requests: list[tuple[str, str]] = field(default_factory=list)


class FakeHub:
    """One user's area on a hub of its own, on a free port: `async with FakeHub(folder) as hub`."""

    def __init__(self, folder: Path, *, user: str = "KY") -> None:
        self.user = user
        self.area = folder / "area"
        self.host_key = asyncssh.generate_private_key("ssh-ed25519")
        self.manners = Manners()
        self.port = 0
        self.logins = 0
        self._stopped = asyncio.Event()
        self._folder = folder
        self._client_key = asyncssh.generate_private_key("ssh-ed25519")
        self._listener: asyncssh.SSHAcceptor
        self.open_files: list[Any] = []
        self._connections: list[asyncssh.SSHServerConnection] = []
        for box in ("IN", "OUT"):
            (self.area / box).mkdir(parents=True)
        self.key_file = folder / "client_key"
        self._client_key.write_private_key(self.key_file)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen, on the same port as before if there was one."""
        self._listener = await asyncssh.listen(
            "127.0.0.1",
            self.port,
            server_host_keys=[self.host_key],
            authorized_client_keys=asyncssh.import_authorized_keys(
                self._client_key.export_public_key().decode()
            ),
            sftp_factory=lambda channel: _Area(channel, self),
            acceptor=self._accept,
            allow_scp=False,
        )
        self.port = self._listener.get_port()

    async def stop(self) -> None:
        """Stop listening and break every connection."""
        self._stopped.set()
        self._listener.close()
        self.cut_connections()
        await self._listener.wait_closed()
        for file in self.open_files:  # of clients that were killed while they read
            file.close()

    def _accept(self, connection: asyncssh.SSHServerConnection) -> None:
        self.logins += 1
        self._connections.append(connection)

    async def stalls(self, request: str, path: bytes) -> None:
        """Answer no request that is to be left without an answer, until the hub stops."""
        asked = path.decode("utf-8", "replace")
        if any(asked.endswith(name) for kind, name in self._stalled() if kind == request):
            await self._stopped.wait()

    def _stalled(self) -> list[tuple[str, str]]:
        return [(kind, name) for kind, _space, name in (each.partition(" ") for each in self.manners.stalled)]

    def cut_connections(self) -> None:
        """Break every connection in the middle of whatever it does."""
        for connection in self._connections:
            connection.abort()
        self._connections.clear()

    def mailbox_settings(self, **values: Any) -> MailboxSettings:
        """Give what a well-behaved user of this hub has in its configuration."""
        mine = {
            "host": "127.0.0.1",
            "port": self.port,
            "user": self.user,
            "key_file": self.key_file,
            "host_keys": [public_line(self.host_key)],
            "operation_seconds": 10,
        }
        return MailboxSettings.model_validate(mine | values)

    def settings(self, **values: Any) -> ExchangeSettings:
        """Give a party's settings that make it quick at this hub."""
        quick = {
            "mailbox": self.mailbox_settings().model_dump(),
            "poll_seconds": 0.05,
            "first_retry_seconds": 0.05,
            "longest_retry_seconds": 1,
        }
        return ExchangeSettings.model_validate(quick | values)

    # what lies where

    def lies_in(self, box: str) -> dict[str, bytes]:
        """Give the files in IN or OUT with their bytes."""
        return {path.name: path.read_bytes() for path in sorted((self.area / box).iterdir())}

    def put(self, box: str, name: str, content: bytes) -> None:
        """Put a file into IN or OUT behind the protocol's back; it appears at once and whole."""
        hidden = self._folder / f"making-{uuid4()}"
        hidden.write_bytes(content)
        hidden.replace(self.area / box / name)

    def remove(self, box: str, name: str) -> None:
        """Remove a file from IN or OUT behind the protocol's back."""
        (self.area / box / name).unlink()

    # what the platform does

    def delivers(self, name: str, content: bytes, **metadata: Any) -> FileMetadata:
        """Place a file and its metadata in IN; keywords change what the metadata say."""
        document = announcement(name, content, recipient=self.user, **metadata)
        self.put("IN", name, content)
        self.put("IN", metadata_name(name), write(document))
        return document

    def takes(self) -> list[tuple[Trigger, bytes]]:
        """Take what is triggered out of OUT, as routing does."""
        return list(self._taken())

    def confirms(self, trigger: Trigger, *, refusing: str | None = None) -> bytes:
        """Place the technical receipt for a trigger in IN, and give its bytes."""
        content = write(receipt_for(trigger, refusing=refusing))
        self.put("IN", receipt_name(trigger.descriptor.file_name), content)
        return content

    def takes_and_confirms(self) -> list[str]:
        """Route everything that is triggered; give the names."""
        taken = self.takes()
        for trigger, _content in taken:
            self.confirms(trigger)
        return [trigger.descriptor.file_name for trigger, _content in taken]

    def _taken(self) -> Iterator[tuple[Trigger, bytes]]:
        for path in sorted((self.area / "OUT").glob(f"*{TRIGGER}")):
            data = path.with_name(path.name.removesuffix(TRIGGER))
            if data.exists():
                yield read_trigger(path.read_bytes()), data.read_bytes()
                data.unlink()
                path.unlink()


def public_line(key: asyncssh.SSHKey) -> str:
    """Give a key's public half as a line for `host_keys`."""
    return key.export_public_key().decode().strip()


def announcement(
    name: str, content: bytes, *, recipient: str, transfer_id: str | None = None, **descriptor: Any
) -> FileMetadata:
    """Make the metadata that tell of a file."""
    told = FileDescriptor(
        file_name=name, size_bytes=len(content), sender=OTHER, recipients=(recipient,), senders_file_id=name
    )
    return FileMetadata(transfer_id=transfer_id or str(uuid4()), descriptor=replace(told, **descriptor))


def receipt_for(trigger: Trigger, *, refusing: str | None = None) -> TechnicalReceipt:
    """Make the receipt for a trigger: SUCCESS, or one error that says `refusing`."""
    errors = (ErrorMessage(code=12, description="REFUSED", detail=refusing),) if refusing else ()
    return TechnicalReceipt(
        transfer_id=str(uuid4()),
        senders_file_id=trigger.descriptor.senders_file_id,
        message=None if refusing else "SUCCESS",
        errors=errors,
    )


class _Area(asyncssh.SFTPServer):
    """The user's area as SFTP shows it, with the hub's present manners."""

    def __init__(self, channel: asyncssh.SSHServerChannel[bytes], hub: FakeHub) -> None:
        super().__init__(channel, chroot=str(hub.area).encode())
        self._hub = hub
        self._written = 0

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        self._note("open", path)
        if not self._hub.manners.temporary_names and path.endswith(b".part"):
            raise asyncssh.SFTPPermissionDenied("no such names here")
        file = super().open(path, pflags, attrs)
        self._hub.open_files.append(file)
        return file

    async def read(self, file_obj: Any, offset: int, size: int) -> bytes:
        await self._hub.stalls("read", os.fsencode(file_obj.name))
        file_obj.seek(offset)
        return bytes(file_obj.read(size))

    async def stat(self, path: bytes) -> asyncssh.SFTPAttrs:
        await self._hub.stalls("stat", path)
        if (size := self._hub.manners.seen_by_name.get(path.decode())) is not None:
            return asyncssh.SFTPAttrs(size=size)
        return asyncssh.SFTPAttrs.from_local(os.stat(self.map_path(path)))  # noqa: PTH116  bytes, as SFTP gives it

    async def write(self, file_obj: Any, offset: int, data: bytes) -> int:
        await self._hub.stalls("write", os.fsencode(file_obj.name))
        manners = self._hub.manners
        self._written += len(data)
        if manners.cut_after_bytes is not None and self._written > manners.cut_after_bytes:
            self._hub.cut_connections()
            raise asyncssh.SFTPConnectionLost("cut")
        kept = data if manners.write_at_most_bytes is None else data[: manners.write_at_most_bytes]
        super().write(file_obj, offset, kept)
        return len(data)

    async def close(self, file_obj: Any) -> None:
        await self._hub.stalls("close", os.fsencode(file_obj.name))
        super().close(file_obj)
        if self._hub.manners.takes_at_once and os.fsencode(file_obj.name).endswith(TRIGGER.encode()):
            self._hub.takes_and_confirms()

    def rename(self, oldpath: bytes, newpath: bytes) -> None:
        self._note("rename", newpath)
        if not self._hub.manners.renaming:
            raise asyncssh.SFTPPermissionDenied("renaming is not allowed")
        super().rename(oldpath, newpath)
        if self._hub.manners.takes_at_once and newpath.endswith(TRIGGER.encode()):
            self._hub.takes_and_confirms()

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        self._note("posix_rename", newpath)
        super().posix_rename(oldpath, newpath)

    def remove(self, path: bytes) -> None:
        self._note("remove", path)
        super().remove(path)

    def _note(self, request: str, path: bytes) -> None:
        self._hub.manners.requests.append((request, path.decode()))
        if f"{request} {path.decode()}" in self._hub.manners.cut_at:
            self._hub.cut_connections()
        if f"{request} {path.decode()}" in self._hub.manners.refused:
            raise asyncssh.SFTPPermissionDenied("not for you")


def is_triggered(hub: FakeHub, name: str) -> bool:
    """Tell if a file lies in OUT with its trigger."""
    return {name, trigger_name(name)} <= hub.lies_in("OUT").keys()
