"""`sf2530 init`: what it lays out can be served at once, and is closed to others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import asyncssh
import pytest

from sf2530.configuration import read_settings
from sf2530.debitor.settings import DebitorSettings
from sf2530.hub.settings import HubSettings
from sf2530.ky.settings import KySettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Outcome

    Sf2530 = Callable[..., Outcome]

HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBO8LzCEoU1WTgJ0hGJBwmbIvkW9ejUNyflE5MvsVYGq"


def test_all_parties_are_laid_out_to_work_together(sf2530: Sf2530, tmp_path: Path) -> None:
    outcome = sf2530("init", tmp_path / "all")

    assert outcome.status == 0
    hub = read_settings(tmp_path / "all/hub/hub.toml", HubSettings)
    ky = read_settings(tmp_path / "all/ky/ky.toml", KySettings)
    debitor = read_settings(tmp_path / "all/debitor/debitor.toml", DebitorSettings)
    for mailbox in (ky.exchange.mailbox, debitor.exchange.mailbox):
        assert mailbox.port == hub.port
        assert mailbox.host_keys == [public_key(hub.host_keys[0])]
        assert public_key(mailbox.key_file) in outcome.out
    listed = sf2530("hub", "route", "list", "--json", "--config", tmp_path / "all/hub/hub.toml").json
    assert {(route["sender"], route["recipient"]) for route in listed} == {("KY", "UDKDEB"), ("UDKDEB", "KY")}


def test_one_party_is_laid_out_towards_another_hub(sf2530: Sf2530, tmp_path: Path) -> None:
    words = ("--party", "ky", "--hub-host", "sftp.example.dk", "--hub-key", HOST_KEY)
    outcome = sf2530("init", tmp_path / "one", *words)

    assert outcome.status == 0
    settings = read_settings(tmp_path / "one/ky/ky.toml", KySettings)
    assert (settings.exchange.mailbox.host, settings.exchange.mailbox.port) == ("sftp.example.dk", 22)
    assert settings.exchange.mailbox.host_keys == [HOST_KEY]
    assert not (tmp_path / "one/hub").exists()
    assert sf2530("ky", "run", "status", "--config", tmp_path / "one/ky/ky.toml").status == 0


def test_without_a_hub_its_address_must_be_given(sf2530: Sf2530, tmp_path: Path) -> None:
    outcome = sf2530("init", tmp_path / "one", "--party", "ky")

    assert outcome.status == 2
    assert "--hub-host" in outcome.err


def test_a_folder_with_something_in_it_is_left_alone(sf2530: Sf2530, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear reader")

    outcome = sf2530("init", tmp_path)

    assert outcome.status == 2
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize("party", ["hub", "ky", "debitor"])
def test_keys_and_folders_are_closed_to_others(sf2530: Sf2530, tmp_path: Path, party: str) -> None:
    sf2530("init", tmp_path / "all")

    assert (tmp_path / "all" / party).stat().st_mode & 0o077 == 0
    assert (tmp_path / "all" / party / "key").stat().st_mode & 0o077 == 0


def public_key(path: Path) -> str:
    return asyncssh.read_private_key(path).export_public_key().decode().strip()
