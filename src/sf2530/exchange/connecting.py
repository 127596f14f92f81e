"""The SSH connection to Serviceplatformen: our key, the pinned host keys, and asyncssh's errors as ours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import asyncssh
import structlog
from asyncssh.public_key import get_default_public_key_algs

from sf2530.errors import UnreachableError, UseError
from sf2530.exchange.settings import MailboxSettings
from sf2530.language import _

_log = structlog.get_logger()
# AES-GCM first: for many small packets it costs two thirds of what the usual first choice does. What
# a server without it has, comes after.
_CIPHERS: Final = [
    "aes128-gcm@openssh.com",
    "aes256-gcm@openssh.com",
    "chacha20-poly1305@openssh.com",
    "aes128-ctr",
    "aes256-ctr",
]
_KEEPALIVES_UNANSWERED: Final = 3


class MailboxError(UnreachableError):
    """Something stopped us at the mailbox."""

    code = "mailbox-error"


class MailboxUnreachable(MailboxError):
    """There is no connection, or it broke. Trying again later may help."""

    code = "mailbox-unreachable"


class NoAnswer(MailboxUnreachable):
    """The server did not answer in time about one file, or about whatever stood before it in its queue.

    The session is of no use any more. Unlike a connection that breaks, this may be the file's own trouble.
    """

    code = "mailbox-no-answer"


class HostKeyRefused(MailboxError):
    """The server showed a host key that is none of the pinned ones, and nothing was sent to it."""

    code = "host-key-refused"


class MailboxRefused(MailboxError):
    """The server is there and says no: to our key, to a file, to a folder."""

    code = "mailbox-refused"


class NotInMailbox(MailboxError):
    """The file is not (or no longer) there."""

    code = "not-in-mailbox"


class MailboxKeyWrong(UseError):
    """Our own key file can't be used."""

    code = "mailbox-key-wrong"


def address(settings: MailboxSettings) -> str:
    """Say which mailbox it is: `user@host:port`."""
    return f"{settings.user}@{settings.host}:{settings.port}"


async def connect(settings: MailboxSettings) -> asyncssh.SSHClientConnection:
    """Log in with our key, to a server that has one of the pinned host keys, and to no other.

    Reads nobody's `~/.ssh`, asks no agent, offers no password. Announcements of other host keys are
    logged and never believed. Raises HostKeyRefused, MailboxRefused, MailboxUnreachable, MailboxKeyWrong.
    """
    pinned = [asyncssh.import_public_key(line) for line in settings.host_keys]
    doorkeeper = _Doorkeeper()
    with translated(address(settings)):
        try:
            return await asyncssh.connect(
                settings.host,
                settings.port,
                username=settings.user,
                client_keys=[own_key(settings)],
                known_hosts=(pinned, [], []),
                server_host_key_algs=_algorithms(pinned),
                server_host_keys_handler=_log_announcement,
                x509_trusted_certs=None,
                preferred_auth="publickey",
                agent_path=None,
                config=None,
                encryption_algs=_CIPHERS,
                connect_timeout=settings.connect_seconds,
                login_timeout=settings.connect_seconds,
                keepalive_interval=settings.keepalive_seconds,
                keepalive_count_max=_KEEPALIVES_UNANSWERED,
                client_factory=lambda: doorkeeper,
            )
        except asyncssh.HostKeyNotVerifiable as error:
            raise _host_key_refused(settings, doorkeeper.refused) from error


def own_key(settings: MailboxSettings) -> asyncssh.SSHKey:
    """Read our private key. Raises MailboxKeyWrong."""
    passphrase = settings.key_passphrase.get_secret_value() if settings.key_passphrase else None
    try:
        return asyncssh.read_private_key(str(settings.key_file), passphrase)
    except (OSError, asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise MailboxKeyWrong(
            _("Our SSH key can't be used: %(why)s") % {"why": reason},
            where=str(settings.key_file),
            remedy=_("Name a private key in `key_file` that we may read, and its passphrase if it has one."),
        ) from error


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Turn whatever asyncssh and the network raise into a MailboxError about `where`.

    The one border: nothing above this module names an asyncssh error.
    """
    try:
        yield
    except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath) as error:
        raise NotInMailbox(_("The file is not there"), where=where) from error
    except (asyncssh.SFTPNoConnection, asyncssh.SFTPConnectionLost) as error:
        raise _unreachable(where, error) from error
    except (asyncssh.PermissionDenied, asyncssh.ChannelOpenError, asyncssh.SFTPError) as error:
        raise _refused(where, error) from error
    except (asyncssh.Error, OSError, TimeoutError) as error:
        raise _unreachable(where, error) from error


class _Doorkeeper(asyncssh.SSHClient):
    """Remembers the host key that was refused, so that a person can be told its fingerprint."""

    def __init__(self) -> None:
        self.refused: asyncssh.SSHKey | None = None

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:  # noqa: ARG002  asyncssh's signature
        self.refused = key
        return False


def _algorithms(pinned: Sequence[asyncssh.SSHKey]) -> list[str]:
    """Ask for a pinned key first; and for any other key too, so that a change can be told by name."""
    wanted = [algorithm for key in pinned for algorithm in key.sig_algorithms]
    others = [algorithm for algorithm in get_default_public_key_algs() if algorithm not in wanted]
    return [algorithm.decode("ascii") for algorithm in dict.fromkeys(wanted + others)]


def _log_announcement(
    added: list[asyncssh.SSHKey],
    _removed: list[asyncssh.SSHKey],
    _retained: list[asyncssh.SSHKey],
    _revoked: list[asyncssh.SSHKey],
) -> None:
    """Tell of keys the server says it will use (`hostkeys-00@openssh.com`). A person pins them, or not."""
    for key in added:
        _log.info("host-key-announced", fingerprint=key.get_fingerprint())


def _host_key_refused(settings: MailboxSettings, key: asyncssh.SSHKey | None) -> HostKeyRefused:
    return HostKeyRefused(
        _("The server shows a host key that is not pinned: %(fingerprint)s")
        % {"fingerprint": key.get_fingerprint() if key else _("unreadable")},
        where=address(settings),
        remedy=_(
            "Nothing was sent. Ask the platform's operator if this fingerprint is right; only then add the "
            "key to `host_keys` (several are accepted) and start again."
        ),
    )


def _refused(where: str, error: Exception) -> MailboxRefused:
    return MailboxRefused(
        _("The server refuses: %(why)s") % {"why": _reason(error)},
        where=where,
        remedy=_("Check that our user and key are registered there, and what its folders allow."),
    )


def _unreachable(where: str, error: Exception) -> MailboxUnreachable:
    return MailboxUnreachable(
        _("There is no connection to the server: %(why)s") % {"why": _reason(error)},
        where=where,
        remedy=_("It is tried again by itself. Check the network, the host name and the port if it lasts."),
    )


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return _("no answer in time")
    text = error.reason if isinstance(error, asyncssh.Error) else getattr(error, "strerror", "")
    return text or type(error).__name__
