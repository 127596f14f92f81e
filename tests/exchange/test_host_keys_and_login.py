"""Whom we believe, and who believes us: pinned host keys, our key, and errors that say what to do."""

from __future__ import annotations

import inspect
from pathlib import Path

import asyncssh
import pytest
from pydantic import ValidationError
from tests.exchange.fake_hub import FakeHub, public_line

from sf2530.configuration import ConfigurationError, read_settings
from sf2530.exchange.connecting import MailboxError, translated
from sf2530.exchange.mailbox import (
    HostKeyRefused,
    Mailbox,
    MailboxKeyWrong,
    MailboxRefused,
    MailboxSettings,
    MailboxUnreachable,
)
from sf2530.exchange.settings import ExchangeSettings


def other_key(kind: str = "ssh-ed25519") -> str:
    return public_line(asyncssh.generate_private_key(kind))


@pytest.mark.parametrize("pinned", ["ssh-ed25519", "ecdsa-sha2-nistp256"])
async def test_an_unknown_host_key_is_refused_with_its_fingerprint_and_what_to_do(
    hub: FakeHub, pinned: str
) -> None:
    settings = hub.mailbox_settings(host_keys=[other_key(pinned)])

    with pytest.raises(HostKeyRefused) as refused:
        async with Mailbox(settings):
            pass

    assert hub.host_key.get_fingerprint() in refused.value.what
    assert "host_keys" in refused.value.remedy
    assert refused.value.exit_status == 3


async def test_any_of_several_pinned_host_keys_is_accepted(hub: FakeHub) -> None:
    keys = [other_key(), public_line(hub.host_key), other_key("ecdsa-sha2-nistp256")]

    async with Mailbox(hub.mailbox_settings(host_keys=keys)) as mailbox:
        assert await mailbox.list_incoming() == {}


async def test_the_host_key_can_change_to_one_that_was_pinned_beforehand(hub: FakeHub) -> None:
    coming = asyncssh.generate_private_key("ssh-ed25519")
    settings = hub.mailbox_settings(host_keys=[public_line(hub.host_key), public_line(coming)])
    await hub.stop()
    hub.host_key = coming
    await hub.start()

    async with Mailbox(settings) as mailbox:
        assert await mailbox.list_incoming() == {}


async def test_a_server_that_does_not_know_our_key_refuses(hub: FakeHub, tmp_path: Path) -> None:
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(tmp_path / "stranger")

    with pytest.raises(MailboxRefused, match="refuses"):
        async with Mailbox(hub.mailbox_settings(key_file=tmp_path / "stranger")):
            pass


async def test_a_server_that_is_not_there_is_unreachable(hub: FakeHub) -> None:
    settings = hub.mailbox_settings()
    await hub.stop()

    with pytest.raises(MailboxUnreachable, match="no connection"):
        async with Mailbox(settings):
            pass

    await hub.start()


async def test_a_key_file_with_a_passphrase_is_opened_with_it(hub: FakeHub, tmp_path: Path) -> None:
    key = asyncssh.read_private_key(hub.key_file)
    key.write_private_key(tmp_path / "locked", passphrase="made up")
    settings = hub.mailbox_settings(key_file=tmp_path / "locked", key_passphrase="made up")

    async with Mailbox(settings) as mailbox:
        assert await mailbox.list_incoming() == {}


@pytest.mark.parametrize("content", [None, b"not a key"])
async def test_a_key_file_that_cannot_be_used_is_named(
    hub: FakeHub, tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "key").write_bytes(content)

    with pytest.raises(MailboxKeyWrong) as wrong:
        async with Mailbox(hub.mailbox_settings(key_file=tmp_path / "key")):
            pass

    assert str(tmp_path / "key") == wrong.value.where
    assert wrong.value.exit_status == 2


def test_a_relative_key_file_lies_beside_the_configuration(tmp_path: Path) -> None:
    configuration = tmp_path / "ky.toml"
    configuration.write_text(
        f'host = "localhost"\nuser = "KY"\nkey_file = "keys/ky"\nhost_keys = ["{other_key()}"]\n'
    )

    assert read_settings(configuration, MailboxSettings).key_file == tmp_path / "keys" / "ky"


def test_so_it_does_where_a_party_embeds_the_mailbox(tmp_path: Path) -> None:
    configuration = tmp_path / "ky.toml"
    configuration.write_text(
        f'[mailbox]\nhost = "h"\nuser = "KY"\nkey_file = "ky"\nhost_keys = ["{other_key()}"]\n'
    )

    assert read_settings(configuration, ExchangeSettings).mailbox.key_file == tmp_path / "ky"


def test_a_host_key_that_is_none_is_refused_when_the_configuration_is_read(tmp_path: Path) -> None:
    configuration = tmp_path / "ky.toml"
    configuration.write_text('host = "localhost"\nuser = "KY"\nkey_file = "k"\nhost_keys = ["rubbish"]\n')

    with pytest.raises(ConfigurationError, match=r"host_keys\.0"):
        read_settings(configuration, MailboxSettings)


def test_at_least_one_host_key_must_be_pinned(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="host_keys"):
        MailboxSettings(host="localhost", user="KY", key_file=tmp_path / "k", host_keys=[])


def test_every_error_of_asyncssh_and_the_network_becomes_one_of_ours() -> None:
    kinds = [
        kind
        for _name, kind in inspect.getmembers(asyncssh, inspect.isclass)
        if issubclass(kind, asyncssh.Error)
        and kind not in {asyncssh.Error, asyncssh.DisconnectError}
        and not issubclass(kind, asyncssh.ProcessError)  # we run nothing on the server
    ]
    errors = [_made(kind) for kind in kinds]
    errors += [TimeoutError(), ConnectionRefusedError(111, "refused"), OSError(113, "no route")]
    assert len(errors) > 40

    for error in errors:
        with pytest.raises(MailboxError) as ours, translated("here"):
            raise error
        assert ours.value.what
        assert ours.value.__cause__ is error


def _made(kind: type[Exception]) -> Exception:
    """Make an error, whatever else its kind asks for beside the reason."""
    wanted = [
        parameter
        for parameter in inspect.signature(kind).parameters.values()
        if parameter.default is parameter.empty and parameter.kind is parameter.POSITIONAL_OR_KEYWORD
    ]
    return kind(*(1 if parameter.name == "code" else "the reason" for parameter in wanted))
