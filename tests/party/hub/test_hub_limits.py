"""A limit that is reached is a clear refusal to that client, and to nobody else."""

from __future__ import annotations

import asyncssh
import pytest
from tests.party.hub.hub_town import Client, HubTown


@pytest.fixture
def hub_settings() -> dict[str, object]:
    """Give small limits."""
    return {"limits": {"file_bytes": 1_000, "open_files": 3, "sessions": 2}}


async def test_a_file_over_the_limit_is_refused_and_not_sent(ky: Client) -> None:
    file = await ky.sftp.open("OUT/A.txt", "wb")
    with pytest.raises(asyncssh.SFTPFailure, match="larger than 1000 bytes"):
        await file.write(b"x" * 1_001)
    with pytest.raises(asyncssh.SFTPFailure, match="not whole"):
        await file.close()
    assert await ky.lists("OUT") == []


async def test_a_file_that_could_not_be_lengthened_is_not_sent(ky: Client) -> None:
    file = await ky.sftp.open("OUT/A.txt", "wb")
    await file.write(b"x" * 10)
    with pytest.raises(asyncssh.SFTPFailure, match="larger than 1000 bytes"):
        await file.truncate(1_001)
    with pytest.raises(asyncssh.SFTPFailure, match="not whole"):
        await file.close()


async def test_too_many_open_files_are_refused(ky: Client) -> None:
    held = [await ky.sftp.open(f"OUT/{number}.txt", "wb") for number in range(3)]
    with pytest.raises(asyncssh.SFTPFailure, match="holds 3 files open"):
        await ky.sftp.open("OUT/more.txt", "wb")
    await held[0].close()
    await ky.puts("OUT/more.txt", b"1")


async def test_too_many_connections_of_one_system_are_refused_and_others_still_come_in(
    town: HubTown, ky: Client
) -> None:
    async with town.connects("KY"):
        with pytest.raises((asyncssh.DisconnectError, asyncssh.ChannelOpenError)):
            async with town.connects("KY") as third:
                await third.start_sftp_client()
        async with town.client("UDKDEB") as client:
            assert await client.lists("IN") == []
    assert await ky.lists("IN") == []


async def test_one_connection_has_ten_channels_open_and_no_more(ky: Client) -> None:
    held = [await ky.connection.start_sftp_client() for _number in range(9)]
    with pytest.raises(asyncssh.ChannelOpenError):
        await ky.connection.start_sftp_client()

    held[0].exit()
    await held[0].wait_closed()
    another = await ky.connection.start_sftp_client()
    assert await another.listdir("IN") is not None


async def test_one_byte_does_not_make_a_large_file(town: HubTown, ky: Client) -> None:
    file = await ky.sftp.open("OUT/A.txt", "wb")
    with pytest.raises(asyncssh.SFTPFailure, match="lengthened only by writing"):
        await file.truncate(999)
    with pytest.raises(asyncssh.SFTPFailure, match="not whole"):
        await file.close()
    assert town.names_in_out("KY") == []
