"""What a party's configuration says about its mailbox and its patience."""

from __future__ import annotations

from typing import Annotated

import asyncssh
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from sf2530.configuration import ConfigPath

_Seconds = Annotated[float, Field(gt=0)]
_Count = Annotated[int, Field(ge=1)]


def _is_public_key(line: str) -> str:
    try:
        asyncssh.import_public_key(line)
    except asyncssh.KeyImportError as error:
        why = "not an OpenSSH public key line such as `ssh-ed25519 AAAA…`"
        raise ValueError(why) from error
    return line


HostKeyLine = Annotated[str, AfterValidator(_is_public_key)]
Address = Annotated[str, Field(pattern=r"^[A-Z0-9+-]{1,8}$")]
"""A party's user at the platform, which is also AFSENDER and MODTAGER in the files: eight bytes of code."""


class MailboxSettings(BaseModel):
    """How to reach our user at Serviceplatformen, and whom to believe there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str
    port: Annotated[int, Field(ge=1, le=65535)] = 22
    user: str
    """Our SFTP user: in this protocol, also our address."""
    key_file: ConfigPath
    key_passphrase: SecretStr | None = None
    host_keys: Annotated[list[HostKeyLine], Field(min_length=1)]
    """Every one of them is accepted: so a change of the server's key can be prepared."""
    incoming_folder: str = "IN"
    outgoing_folder: str = "OUT"
    temporary_names: bool = True
    """Upload under a temporary name first. Falls back by itself where the server refuses renaming."""
    connect_seconds: _Seconds = 20
    operation_seconds: _Seconds = 60
    """For one request; large files get more by their size."""
    slowest_bytes_per_second: _Count = 50_000
    keepalive_seconds: _Seconds = 15


class ExchangeSettings(BaseModel):
    """The mailbox, and how patiently and how much at once it is used. Embedded in a party's settings."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mailbox: MailboxSettings
    poll_seconds: _Seconds = 30
    """Between two looks into IN and the outbox when nothing tells us to look sooner."""
    files_at_once: _Count = 16
    handlers_at_once: _Count = 2
    largest_file_bytes: _Count = 512 * 1024 * 1024
    lease_seconds: _Seconds = 60
    """A dead process's work is taken over after this. A living one renews its leases."""
    receipt_seconds: _Seconds = 900
    """A file without its receipt after this is sent again; the wait doubles each time."""
    longest_receipt_seconds: _Seconds = 6 * 3600
    sendings_before_alarm: _Count = 3
    tries_before_quarantine: _Count = 5
    first_retry_seconds: _Seconds = 2
    longest_retry_seconds: _Seconds = 600
    incomplete_alarm_seconds: _Seconds = 900
    """How long a file in IN may lack its other half, or not be readable, before a person hears of it."""
    unreachable_alarm_seconds: _Seconds = 600
