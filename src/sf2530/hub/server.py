"""The SSH listener: who may come in, and by which keys. Nothing but SFTP is offered behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import asyncssh
import structlog
from asyncssh.stream import SSHServerStreamSession

from sf2530.errors import UnreachableError, UseError
from sf2530.hub import keys
from sf2530.hub.file_system import FileSystem
from sf2530.hub.keys import Entrance
from sf2530.hub.services import Services
from sf2530.hub.session import Session
from sf2530.hub.sftp_sessions import SftpSession
from sf2530.language import _

_LOGIN_SECONDS: Final = 30
_SILENT_SECONDS: Final = 30  # between two questions to a silent client; after three it is gone
_LONGEST_SHOWN: Final = 64
_CHANNELS: Final = 10  # that one connection may have open, as OpenSSH's server has it by default

Channel = asyncssh.SSHServerChannel[Any]

_log = structlog.get_logger()


class HostKeyWrong(UseError):
    """A file with a host key can't be used."""

    code = "host-key-wrong"


class PortTaken(UnreachableError):
    """The hub can't listen where it is told to."""

    code = "port-taken"


@dataclass(slots=True, kw_only=True, eq=False)
class Guest:
    """A connection that has logged in, the key it did so with, and the SFTP channels it has open."""

    connection: asyncssh.SSHServerConnection
    entrance: Entrance
    key_id: int
    address: str
    channels: set[SSHServerStreamSession[bytes]] = field(default_factory=set)

    def turn_out(self, why: str) -> None:
        """End the connection; what it has open stays unfinished."""
        self.connection.disconnect(asyncssh.DISC_BY_APPLICATION, why)


class Guests:
    """The connections that are logged in to this process; `answering` are the tasks of their sessions."""

    def __init__(self) -> None:
        self.answering: set[asyncio.Task[None]] = set()
        self._present: set[Guest] = set()

    def __iter__(self) -> Iterator[Guest]:
        return iter(tuple(self._present))

    def enter(self, guest: Guest) -> None:
        """Count a guest in."""
        self._present.add(guest)

    def leave(self, guest: Guest) -> None:
        """Count a guest out."""
        self._present.discard(guest)

    def of_system(self, system_id: int) -> int:
        """Give the number of a system's connections."""
        return sum(guest.entrance.system_id == system_id for guest in self._present)


class Gate(asyncssh.SSHServer):
    """Lets one connection in, or not: public keys only, checked against the database at that moment."""

    def __init__(self, services: Services, guests: Guests) -> None:
        self._services = services
        self._guests = guests
        self._connection: asyncssh.SSHServerConnection | None = None
        self._address = ""
        self._name = ""
        self._entrance: Entrance | None = None
        self._key_id = 0
        self._guest: Guest | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Take the connection."""
        self._connection = conn
        self._address = str((conn.get_extra_info("peername") or ("",))[0])

    def connection_lost(self, _exc: Exception | None) -> None:
        """Note who has left, and who never came in."""
        if self._guest is not None:
            self._guests.leave(self._guest)
            _log.info("left", system=self._guest.entrance.system, address=self._address)
        elif self._name:
            _log.warning("login-refused", name=self._name, address=self._address)

    async def begin_auth(self, username: str) -> bool:
        """Look up who wants to come in. Unknown names are asked for a key like all others."""
        self._name = username[:_LONGEST_SHOWN]
        if "\0" in username:  # PostgreSQL takes no such text
            return True
        lookup = partial(keys.entrance, name=username, now=self._services.clock())
        self._entrance = await self._services.reader.ask(lookup)
        return True

    def public_key_auth_supported(self) -> bool:
        """Accept keys; passwords are not offered."""
        return True

    def validate_public_key(self, _username: str, key: asyncssh.SSHKey) -> bool:
        """Tell if this key opens the door. asyncssh then has its owner prove that it has the private half."""
        if self._entrance is None or not keys.is_good_enough(key):
            return False
        key_id = self._entrance.keys.get(key.public_data)
        if key_id is None:
            return False
        self._key_id = key_id
        return True

    def auth_completed(self) -> None:
        """Let the guest in, unless its system has too many connections already."""
        if self._connection is None or self._entrance is None:
            return
        guest = Guest(
            connection=self._connection,
            entrance=self._entrance,
            key_id=self._key_id,
            address=self._address,
        )
        limit = self._services.settings.limits.sessions
        if self._guests.of_system(self._entrance.system_id) >= limit:
            _log.warning("too-many-sessions", system=self._entrance.system, address=self._address)
            guest.turn_out(
                _("This system has %(limit)s connections; no more are allowed.") % {"limit": limit}
            )
            return
        self._guest = guest
        self._guests.enter(guest)
        _log.info("came-in", system=self._entrance.system, address=self._address)

    def session_requested(self) -> bool | tuple[Channel, SftpSession]:
        """Open a channel for a guest, unless it has too many."""
        if self._connection is None or self._guest is None or len(self._guest.channels) >= _CHANNELS:
            return False
        session = Session(
            services=self._services,
            system_id=self._guest.entrance.system_id,
            system=self._guest.entrance.system,
            address=self._address,
        )
        channel: Channel = self._connection.create_server_channel(encoding=None)
        return channel, SftpSession(
            FileSystem(channel, session), self._guests.answering, self._guest.channels
        )


async def listen(
    services: Services, guests: Guests, host_keys: list[asyncssh.SSHKey]
) -> asyncssh.SSHAcceptor:
    """Listen for clients. Raises PortTaken."""
    settings = services.settings
    try:
        return await asyncssh.listen(
            settings.host,
            settings.port,
            server_factory=partial(Gate, services, guests),
            server_host_keys=host_keys,
            signature_algs=list(keys.SIGNATURES),
            compression_algs=None,
            agent_forwarding=False,
            allow_pty=False,
            line_editor=False,  # nobody types here, and it would look at every packet
            gss_host=None,
            login_timeout=_LOGIN_SECONDS,
            keepalive_interval=_SILENT_SECONDS,
            server_version="sf2530",
        )
    except OSError as error:
        raise PortTaken(
            _("The hub can't listen there: %(why)s") % {"why": error.strerror or error},
            where=f"{settings.host}:{settings.port}",
            remedy=_("Choose another host or port in the configuration, or stop what listens there."),
        ) from error


def read_host_keys(paths: list[Path]) -> list[asyncssh.SSHKey]:
    """Read the private keys the hub proves itself with. Raises HostKeyWrong."""
    return [_read_host_key(path) for path in paths]


def host_key_line(key: asyncssh.SSHKey) -> str:
    """Give the public half as clients pin it: type and key, as OpenSSH writes them."""
    return " ".join(key.export_public_key().decode().split()[:2])


def _read_host_key(path: Path) -> asyncssh.SSHKey:
    try:
        return asyncssh.read_private_key(path)
    except (OSError, asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
        raise HostKeyWrong(
            _("The host key can't be read: %(why)s") % {"why": error},
            where=str(path),
            remedy=_("Make one with `ssh-keygen -t ed25519 -N '' -f FILE`, and name it in host_keys."),
        ) from error
