"""Who may log in: known systems with good, valid keys, and nobody else; a revoked key is out at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import asyncssh
import pytest
from tests.party.hub.hub_town import Client, HubTown, eventually

from sf2530.denmark.business_time import utc_now
from sf2530.hub import keys, systems
from sf2530.hub.keys import KeyWrong
from sf2530.hub.states import SystemState
from sf2530.hub.systems import NewSystem, SystemWrong

GOOD = [("ssh-ed25519", {}), ("ecdsa-sha2-nistp256", {}), ("ssh-rsa", {"key_size": 3072})]
WEAK = [("ssh-rsa", {"key_size": 2048}), ("ssh-dss", {})]


@pytest.mark.parametrize(("kind", "options"), GOOD)
async def test_good_keys_open_the_door(town: HubTown, kind: str, options: dict[str, Any]) -> None:
    town.has_system("NEW", key=asyncssh.generate_private_key(kind, **options))
    async with town.client("NEW") as client:
        assert await client.lists("/") == ["IN", "OUT"]


@pytest.mark.parametrize(("kind", "options"), WEAK)
async def test_weak_keys_are_not_taken(town: HubTown, kind: str, options: dict[str, Any]) -> None:
    with pytest.raises(KeyWrong, match="not accepted"):
        town.has_system("NEW", key=asyncssh.generate_private_key(kind, **options))


async def refused(town: HubTown, name: str, key: asyncssh.SSHKey) -> None:
    with pytest.raises(asyncssh.PermissionDenied):
        async with town.connects(name, key):
            pytest.fail("the door was open")


async def test_strangers_and_wrong_keys_stay_out(town: HubTown) -> None:
    stranger = asyncssh.generate_private_key("ssh-ed25519")
    await refused(town, "KY", stranger)
    await refused(town, "NOBODY", stranger)
    await refused(town, "KY", town.keys["UDKDEB"])
    await refused(town, "ky", town.keys["KY"])


async def test_passwords_are_not_offered(town: HubTown) -> None:
    with pytest.raises(asyncssh.PermissionDenied):
        async with asyncssh.connect(
            town.hub.host,
            town.hub.port,
            username="KY",
            password="secret",
            client_keys=[],
            known_hosts=None,
            config=None,
            agent_path=None,
        ):
            pytest.fail("the door was open")


async def test_a_revoked_key_is_out_at_once_and_never_comes_back(town: HubTown) -> None:
    fingerprint = town.keys["KY"].get_fingerprint()
    async with town.connects("KY") as connection:
        with town.hub.engine.begin() as tx:
            keys.revoke(tx, "KY", fingerprint, now=utc_now())
        await eventually(connection.is_closed)
    await refused(town, "KY", town.keys["KY"])
    with pytest.raises(KeyWrong, match="revoked"), town.hub.engine.begin() as tx:
        keys.add(tx, "KY", town.public_line("KY"), now=utc_now())


async def test_a_disabled_system_is_out_until_it_is_enabled(town: HubTown) -> None:
    async with town.connects("KY") as connection:
        with town.hub.engine.begin() as tx:
            systems.set_state(tx, "KY", SystemState.DISABLED, now=utc_now())
        await eventually(connection.is_closed)
    await refused(town, "KY", town.keys["KY"])

    with town.hub.engine.begin() as tx:
        systems.set_state(tx, "KY", SystemState.ACTIVE, now=utc_now())
    async with town.client("KY") as client:
        assert await client.lists("IN") == []


async def test_a_key_ends_when_its_time_is_up(town: HubTown) -> None:
    day, now = timedelta(days=1), utc_now()
    good, ended = (asyncssh.generate_private_key("ssh-ed25519") for _key in range(2))
    with town.hub.engine.begin() as tx:
        for key, valid_to in ((good, now + day), (ended, now - day)):
            line = key.export_public_key().decode()
            keys.add(tx, "KY", line, now=now - 2 * day, valid_to=valid_to)
    async with town.connects("KY", good):
        await refused(town, "KY", ended)


async def test_a_second_key_works_beside_the_first(town: HubTown) -> None:
    second = asyncssh.generate_private_key("ssh-ed25519")
    with town.hub.engine.begin() as tx:
        keys.add(tx, "KY", second.export_public_key().decode(), now=utc_now())
    for key in (second, town.keys["KY"]):
        async with town.connects("KY", key) as connection, connection.start_sftp_client() as sftp:
            assert await Client(sftp, connection, "KY").lists("/") == ["IN", "OUT"]


async def test_only_sftp_is_behind_the_door(town: HubTown) -> None:
    async with town.connects("KY") as connection:
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.open_connection("127.0.0.1", town.hub.port)
        with pytest.raises(asyncssh.ChannelOpenError):
            await connection.run("ls", check=True)
        async with connection.start_sftp_client() as sftp:
            assert await Client(sftp, connection, "KY").lists("/") == ["IN", "OUT"]


def test_adding_the_same_again_changes_nothing_and_other_particulars_are_refused(town: HubTown) -> None:
    events = town.events()
    with town.hub.engine.begin() as tx:
        systems.add(tx, NewSystem(name="KY"), now=utc_now())
        keys.add(tx, "KY", town.public_line("KY"), now=utc_now())
    assert town.events() == events
    with pytest.raises(SystemWrong, match="already"), town.hub.engine.begin() as tx:
        systems.add(tx, NewSystem(name="KY", owner_cvr="12345678"), now=utc_now())


@pytest.mark.parametrize("name", ["", "a/b", "..", "ROUTING_V1_0_0", "æ", "x" * 65])
def test_an_unusable_name_for_a_system_is_refused(town: HubTown, name: str) -> None:
    with pytest.raises(SystemWrong), town.hub.engine.begin() as tx:
        systems.add(tx, NewSystem(name=name), now=utc_now())
