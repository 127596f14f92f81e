"""The SFTP sessions behind the gate: asyncssh's own, but waiting for the disk holds up no other request.

asyncssh answers one request after another, so a client with many files under way would wait for one
commit after the other; here what a session closes, renames and removes goes into the next commit together.
The protocol allows answers in any order. This is the one place that reaches into asyncssh (its version is
pinned, and the tests of broken uploads and of many files at once tell if that changes).
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from asyncssh.packet import SSHPacket
from asyncssh.sftp import SFTPServerHandler
from asyncssh.stream import SSHReader, SSHServerStreamSession, SSHWriter

from sf2530.hub.file_system import FileSystem

_SFTP_VERSION: Final = 3
_WAIT_FOR_THE_DISK: Final = frozenset({4, 13, 18})  # SSH_FXP_CLOSE, REMOVE and RENAME


class SftpSession(SSHServerStreamSession[bytes]):
    """One channel of a client: SFTP, and nothing else. While it answers, its task is in `answering`.

    As long as it is open it is in `channels`, those of its connection.
    """

    def __init__(
        self,
        file_system: FileSystem,
        answering: set[asyncio.Task[None]],
        channels: set[SSHServerStreamSession[bytes]],
    ) -> None:
        super().__init__(None)
        self._file_system = file_system
        self._answering = answering
        self._channels = channels
        channels.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Count the channel out."""
        self._channels.discard(self)
        super().connection_lost(exc)

    def subsystem_requested(self, subsystem: str) -> bool:
        """Offer SFTP only; shells and commands are refused already."""
        return subsystem == "sftp"

    def session_started(self) -> None:
        """Begin to answer."""
        if self._chan is None or self._conn is None:
            return
        reader, writer = SSHReader[bytes](self, self._chan), SSHWriter[bytes](self, self._chan)
        requests = _Requests(self._file_system, reader, writer, _SFTP_VERSION)
        answering = self._conn.create_task(requests.run(), reader.logger)
        self._answering.add(answering)
        answering.add_done_callback(self._answering.discard)


class _Requests(SFTPServerHandler):
    """Answers the requests of one session."""

    def __init__(self, file_system: FileSystem, *rest: Any) -> None:
        super().__init__(file_system, *rest)
        self._file_system = file_system
        self._waiting: set[asyncio.Task[None]] = set()

    async def _process_packet(self, pkttype: int, pktid: int, packet: SSHPacket) -> None:
        answer = super()._process_packet(pkttype, pktid, packet)
        if pkttype not in _WAIT_FOR_THE_DISK:
            await answer
            return
        waiting = asyncio.create_task(answer)
        self._waiting.add(waiting)
        waiting.add_done_callback(self._waiting.discard)

    async def _cleanup(self, exc: Exception | None) -> None:
        # What the client has closed is finished first. What is still open then, it has not closed.
        await asyncio.gather(*self._waiting, return_exceptions=True)
        self._file_system.client_is_gone = True
        await super()._cleanup(exc)
