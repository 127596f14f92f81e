"""An upload whose client is gone is kept to be resumed, and can't be routed before it is whole."""

from __future__ import annotations

import os
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from tests.party.hub.hub_town import Client, HubTown, codes, eventually, make_settings, trigger_for

from sf2530.exchange.mailbox import Mailbox, MailboxSettings
from sf2530.hub import opening
from sf2530.hub.error_codes import ErrorCode
from sf2530.hub.serving import serving
from sf2530.hub.session import Session

LARGE = b"0123456789abcdef" * 10_000  # more than stands in a row


async def breaks_off(town: HubTown, name: str, content: bytes, *, abruptly: bool = True) -> None:
    """Upload as KY, and be gone before the close."""
    async with town.client("KY") as client:
        file = await client.sftp.open(f"OUT/{name}", "wb")
        await file.write(content)
        if abruptly:
            client.connection.abort()
        else:
            client.sftp.exit()
    await eventually(lambda: name in town.names_in_out("KY"))


@pytest.mark.parametrize("abruptly", [True, False], ids=["cut", "left"])
async def test_a_broken_upload_is_kept_and_can_not_be_routed(
    town: HubTown, ky: Client, udk: Client, *, abruptly: bool
) -> None:
    await breaks_off(town, "A.txt", LARGE, abruptly=abruptly)

    assert (await ky.sftp.stat("OUT/A.txt")).size == len(LARGE)
    await ky.triggers("A.txt", trigger_for("A.txt", LARGE))  # even though its size is right
    assert await ky.refusals("A.txt") == codes(ErrorCode.DATA_UNFINISHED)
    assert await udk.lists("IN") == []


async def test_a_broken_upload_is_resumed_where_it_ended(town: HubTown, ky: Client, udk: Client) -> None:
    await breaks_off(town, "A.txt", LARGE[:100_000])

    size = (await ky.sftp.stat("OUT/A.txt")).size or 0
    async with ky.sftp.open("OUT/A.txt", "r+b") as file:
        await file.write(LARGE[size:], offset=size)
    await ky.triggers("A.txt", trigger_for("A.txt", LARGE))

    assert (await ky.receipt("A.txt")).succeeded
    assert await udk.gets("IN/A.txt") == LARGE


async def test_an_upload_under_way_when_the_hub_is_stopped_is_kept(tmp_path: Path, database_url: str) -> None:
    settings = make_settings(tmp_path, database_url)
    async with AsyncExitStack() as clients, serving(settings) as hub:
        before = HubTown(hub)
        before.has_system("KY")
        client = await clients.enter_async_context(before.client("KY"))
        await (await client.sftp.open("OUT/A.txt", "wb")).write(LARGE)

    async with serving(settings) as hub, HubTown(hub, before.keys).client("KY") as client:
        assert (await client.sftp.stat("OUT/A.txt")).size == len(LARGE)


async def test_appending_goes_on_at_the_end(ky: Client) -> None:
    await ky.puts("OUT/A.txt", b"begun ")
    async with ky.sftp.open("OUT/A.txt", "ab") as file:
        await file.write(b"and ended")
    assert await ky.gets("OUT/A.txt") == b"begun and ended"


async def test_a_trigger_broken_off_does_nothing(town: HubTown, ky: Client, udk: Client) -> None:
    await ky.puts("OUT/A.txt", b"1")
    await breaks_off(town, "A.txt.trigger", trigger_for("A.txt", b"1"))

    assert await udk.lists("IN") == []
    with pytest.raises(asyncssh.SFTPError, match="not finished"):
        await ky.sftp.rename("OUT/A.txt.trigger", "OUT/B.txt.trigger")

    await ky.triggers("A.txt", trigger_for("A.txt", b"1"))
    assert await udk.lists("IN") == ["A.txt", "A.txt.metadata"]
    assert await ky.lists("OUT") == []


async def test_whoever_begins_a_file_anew_takes_it_over_from_a_session_that_hangs(
    town: HubTown, ky: Client
) -> None:
    async with town.client("KY") as hanging:
        old = await hanging.sftp.open("OUT/A.txt", "wb")
        await old.write(b"old bytes")

        await ky.puts("OUT/A.txt", b"new")

        with pytest.raises(asyncssh.SFTPFailure, match="begun this file anew"):
            await old.write(b"late")
        with pytest.raises(asyncssh.SFTPFailure, match="not whole"):
            await old.close()
    assert await ky.gets("OUT/A.txt") == b"new"


async def test_a_file_still_being_written_can_not_be_renamed(ky: Client) -> None:
    async with ky.sftp.open("OUT/A.part", "wb") as file:
        await file.write(b"1")
        with pytest.raises(asyncssh.SFTPFailure, match="still being written"):
            await ky.sftp.rename("OUT/A.part", "OUT/A.txt")
        assert (await ky.sftp.stat("OUT/A.part")).size == 1
        assert await ky.lists("OUT") == ["A.part"]


async def test_the_size_of_a_trigger_just_closed_can_be_asked_for(ky: Client, udk: Client) -> None:
    await ky.puts("OUT/A.txt", b"1")
    trigger = trigger_for("A.txt", b"1")
    await ky.triggers("A.txt", trigger)

    assert (await ky.sftp.stat("OUT/A.txt.trigger")).size == len(trigger)
    assert await ky.lists("OUT") == []
    with pytest.raises(asyncssh.SFTPNoSuchFile):
        await udk.sftp.stat("OUT/A.txt.trigger")


@pytest.mark.parametrize("knows", ["reading", "deleting"])
async def test_whoever_knows_the_receipt_is_not_told_that_the_file_lies_there_still(
    ky: Client, knows: str
) -> None:
    """Else a sender that sends it again at once would take the upload for done already."""
    await ky.sends("A.txt", b"1")
    if knows == "reading":
        await ky.receipt("A.txt")
    else:
        await ky.sftp.remove("IN/A.txt.sftpreceipt")

    for name in ("OUT/A.txt", "OUT/A.txt.trigger"):
        assert not await ky.sftp.exists(name)


async def test_our_own_mailbox_can_send_again_at_once(town: HubTown, tmp_path: Path, udk: Client) -> None:
    key_file = tmp_path / "ky_key"
    town.keys["KY"].write_private_key(key_file)
    settings = MailboxSettings(
        host=town.hub.host, port=town.hub.port, user="KY", key_file=key_file, host_keys=[town.hub.host_key]
    )
    async with Mailbox(settings) as mailbox:
        for _time in range(2):
            await mailbox.deliver("A.txt", b"1", trigger_for("A.txt", b"1"))
            await mailbox.read("A.txt.sftpreceipt", limit=10_000)

    assert town.events().count("repeated") == 1
    assert await udk.gets("IN/A.txt") == b"1"


async def test_a_resumption_that_fails_leaves_nothing_behind(
    town: HubTown, ky: Client, tmp_path: Path
) -> None:
    await breaks_off(town, "A.txt", LARGE * 10)
    (kept,) = (tmp_path / "content").glob("*/*-*[!l]")
    os.truncate(kept, len(LARGE) * 9)

    with pytest.raises(asyncssh.SFTPFailure):
        await ky.sftp.open("OUT/A.txt", "r+b")

    assert list((tmp_path / "content" / "spool").iterdir()) == []


async def test_an_upload_that_ends_while_it_is_taken_over_is_not_begun_with_nothing(
    town: HubTown, ky: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bytes are then neither in the other session nor in the rows that were looked at."""
    look = opening._found_in_out
    async with town.client("KY") as hanging:
        old = await hanging.sftp.open("OUT/A.txt", "wb")
        await old.write(b"begun ")

        async def ends_meanwhile(session: Session, name: str) -> Any:
            found = await look(session, name)
            await old.close()
            return found

        monkeypatch.setattr(opening, "_found_in_out", ends_meanwhile)
        with pytest.raises(asyncssh.SFTPFailure, match="Open it again"):
            await ky.sftp.open("OUT/A.txt", "ab")
        monkeypatch.undo()

    async with ky.sftp.open("OUT/A.txt", "ab") as file:
        await file.write(b"and ended")
    assert await ky.gets("OUT/A.txt") == b"begun and ended"
