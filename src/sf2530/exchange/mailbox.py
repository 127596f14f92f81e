"""Our mailbox at Serviceplatformen: list and read `IN`, put a file and its trigger into `OUT`.

What a delivery does, and what is left behind if the process or the connection dies:

1. data to a temporary name      half a file under a name nobody looks at; overwritten next time
2. size checked, renamed         (crash point `between-data-and-trigger`) a whole file without a trigger
                                 just lies there; next time it is found whole and not sent again
3. trigger, in the same way      the platform may act before we know that it was written; next time
                                 either both still lie there (done) or the platform has taken them and
                                 gets the same name and bytes again, which its receipt answers

Where the server refuses temporary names or renaming, files are written under their own name: then the
trigger alone says that the data file is whole, and it is written only after the size was checked. A data
file that is found there may have its size and still not have been closed: it is written anew.
Several calls may run at the same time over the one connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from stat import S_ISDIR
from types import TracebackType
from typing import Self

import asyncssh
import structlog

from sf2530 import crashing
from sf2530.exchange.connecting import (
    HostKeyRefused,
    MailboxError,
    MailboxKeyWrong,
    MailboxRefused,
    MailboxUnreachable,
    NoAnswer,
    NotInMailbox,
    address,
    connect,
    translated,
)
from sf2530.exchange.documents import LONGEST_TEXT
from sf2530.exchange.file_names import LONGEST_NAME_BYTES, temporary_name, trigger_name
from sf2530.exchange.settings import MailboxSettings
from sf2530.language import _

__all__ = [
    "HostKeyRefused",
    "Mailbox",
    "MailboxError",
    "MailboxKeyWrong",
    "MailboxRefused",
    "MailboxSettings",
    "MailboxUnreachable",
    "NoAnswer",
    "NotInMailbox",
]

_log = structlog.get_logger()
_CLOSING_SECONDS = 5


class Mailbox:
    """One SFTP session in our user's area: `async with Mailbox(settings) as mailbox`.

    Every method raises MailboxUnreachable when the connection is gone, and MailboxRefused when the
    server says no; NoAnswer, a kind of the former, when the server is silent for too long.
    """

    def __init__(self, settings: MailboxSettings) -> None:
        self._settings = settings
        self._connection: asyncssh.SSHClientConnection
        self._sftp: asyncssh.SFTPClient
        self._renaming = settings.temporary_names

    async def __aenter__(self) -> Self:
        self._connection = await connect(self._settings)
        try:
            async with self._request(address(self._settings)):
                self._sftp = await self._connection.start_sftp_client()
        except BaseException:
            self._connection.abort()
            raise
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        if error is not None:
            self._connection.abort()
            return
        self._sftp.exit()
        self._connection.close()
        try:
            async with asyncio.timeout(_CLOSING_SECONDS):
                await self._connection.wait_closed()
        except TimeoutError:  # a courtesy to the server, and nothing hangs on it
            self._connection.abort()

    def abort(self) -> None:
        """Break the connection: whatever is under way over it raises MailboxUnreachable."""
        self._connection.abort()

    async def list_incoming(self) -> dict[str, int]:
        """Give the files in `IN`: name to size in bytes. Sub-folders and undecodable names are left out."""
        return await self._list(self._settings.incoming_folder)

    async def read(self, name: str, *, limit: int) -> bytes:
        """Give the bytes of a file in `IN`, at most `limit` of them and one more.

        A result longer than `limit` therefore means that the file is. Raises NotInMailbox.
        """
        path = self._incoming(name)
        async with self._request(path, size=limit), self._opened(path, "rb") as file:
            return await file.read(limit + 1)

    async def delete(self, name: str) -> None:
        """Delete a file in `IN`. It is no error if it is gone already."""
        path = self._incoming(name)
        try:
            async with self._request(path):
                await self._sftp.remove(path)
        except NotInMailbox:
            return

    async def deliver(self, name: str, content: bytes, trigger: bytes) -> None:
        """Put a data file and then its trigger into `OUT`, whole, and any number of times.

        A leftover of an earlier try is used if it was renamed and has the right size, and replaced
        otherwise. Files that vanish once they are whole were taken by the platform: that is success, only
        the receipt tells more. Raises MailboxRefused if another file of this name is just being handled
        there.
        """
        data_path, trigger_path = self._outgoing(name), self._outgoing(trigger_name(name))
        there = await self._in_out(name, trigger_name(name))
        data_size = there.get(name)
        triggered = there.get(trigger_name(name)) == len(trigger)
        if data_size == len(content) and triggered:
            return
        if data_size is not None and data_size != len(content) and triggered:
            raise MailboxRefused(
                _("Another file of the same name is waiting to be handled there"),
                where=data_path,
                remedy=_("It is tried again by itself; look into the folder if it lasts."),
            )
        if data_size != len(content) or not self._renaming:
            await self._upload(data_path, content)
        crashing.reached("between-data-and-trigger")
        await self._upload(trigger_path, trigger)

    async def _upload(self, path: str, content: bytes) -> None:
        if not self._renaming or len(temporary_name(path).encode()) > LONGEST_NAME_BYTES:
            await self._write(path, content)
            return
        try:
            await self._upload_by_renaming(path, content)
        except MailboxRefused as refusal:
            await self._write(path, content)
            self._renaming = False  # this works and that doesn't: no need to ask again for each file
            _log.info("temporary-names-refused", why=refusal.what)

    async def _upload_by_renaming(self, path: str, content: bytes) -> None:
        temporary = temporary_name(path)
        try:
            await self._write(temporary, content)
            await self._rename(temporary, path)
        except MailboxRefused:
            await self._remove_leftover(temporary)
            raise

    async def _write(self, path: str, content: bytes) -> None:
        async with self._request(path, size=len(content)), self._opened(path, "wb") as file:
            await file.write(content)
        size = await self._size(path)
        if size not in {None, len(content)}:
            raise MailboxRefused(
                _("The server holds %(held)s bytes of %(sent)s") % {"held": size, "sent": len(content)},
                where=path,
                remedy=_("It is sent again by itself."),
            )

    async def _rename(self, temporary: str, path: str) -> None:
        """Rename without overwriting: plain `rename`, never `posix-rename@openssh.com`.

        What stands in the way is a leftover of ours that has the wrong size: it is removed first.
        """
        try:
            async with self._request(path):
                await self._sftp.rename(temporary, path)
        except MailboxRefused:
            if not await self._remove_leftover(path):
                raise
            async with self._request(path):
                await self._sftp.rename(temporary, path)

    async def _remove_leftover(self, path: str) -> bool:
        """Remove a file in `OUT` if there is one and we may; tell if it was removed."""
        try:
            async with self._request(path):
                await self._sftp.remove(path)
        except (MailboxRefused, NotInMailbox):
            return False
        return True

    async def _in_out(self, *names: str) -> dict[str, int]:
        """Give the sizes of those of these files that lie in `OUT`.

        Each is asked for by itself, which costs little. What is found is looked up in a listing: a server
        may go on showing a file for a moment to those who ask for it by name, when it has taken it already.
        """
        sizes = await asyncio.gather(*(self._size(self._outgoing(name)) for name in names))
        found = {name: size for name, size in zip(names, sizes, strict=True) if size is not None}
        if not found:
            return {}
        try:
            listing = await self._list(self._settings.outgoing_folder)
        except MailboxRefused:  # a server that lets nobody list OUT: then the answers by name have to do
            return found
        return {name: listing[name] for name in names if name in listing}

    async def _list(self, folder: str) -> dict[str, int]:
        async with self._request(folder):
            entries = await self._sftp.readdir(folder.encode())  # bytes: one odd name must not hide the rest
        return {
            name: entry.attrs.size or 0
            for entry in entries
            if (name := _readable(entry)) and not S_ISDIR(entry.attrs.permissions or 0)
        }

    async def _size(self, path: str) -> int | None:
        try:
            async with self._request(path):
                return (await self._sftp.stat(path)).size
        except NotInMailbox:
            return None

    @asynccontextmanager
    async def _opened(self, path: str, mode: str) -> AsyncIterator[asyncssh.SFTPClientFile]:
        """Open a file, and close it; after a failure the closing may fail too, and is not waited for long.

        Out of time, it is not closed at all: the session is of no use any more, and takes its handles along.
        """
        file = await self._sftp.open(path, mode)
        try:
            yield file
        except asyncio.CancelledError:
            raise
        except BaseException:
            with suppress(MailboxError), translated(path):
                async with asyncio.timeout(_CLOSING_SECONDS):
                    await file.close()
            raise
        await file.close()

    @asynccontextmanager
    async def _request(self, where: str, *, size: int = 0) -> AsyncIterator[None]:
        """Bound one request in time (larger ones may take longer) and translate what it raises."""
        seconds = self._settings.operation_seconds + size / self._settings.slowest_bytes_per_second
        try:
            with translated(where):
                async with asyncio.timeout(seconds):
                    yield
        except MailboxUnreachable as error:
            if isinstance(error.__cause__, TimeoutError):
                raise NoAnswer(error.what, where=error.where, remedy=error.remedy) from error
            raise

    def _incoming(self, name: str) -> str:
        return f"{self._settings.incoming_folder}/{name}"

    def _outgoing(self, name: str) -> str:
        return f"{self._settings.outgoing_folder}/{name}"


def _readable(entry: asyncssh.SFTPName) -> str | None:
    """Give the name of a directory entry, or None for one that no file of this protocol can have."""
    raw = entry.filename
    try:
        name = raw if isinstance(raw, str) else raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
    usable = len(name) <= LONGEST_TEXT and "/" not in name and name.isprintable()
    return name if usable and name not in {".", ".."} else None
