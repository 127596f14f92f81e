"""A file handed over with a trigger lies in the recipient's IN with metadata; the sender has its receipt."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.party.hub.hub_town import Client, HubTown, codes, trigger_for

from sf2530.exchange.xml_checking import violations
from sf2530.exchange.xml_reading import read_metadata
from sf2530.hub.error_codes import ErrorCode

LARGE = bytes(range(256)) * 4_096 + b"end"  # a little more than 1 MiB: more than one chunk


@pytest.mark.parametrize("content", [b"", b"a few bytes", LARGE], ids=["empty", "few", "large"])
async def test_what_is_sent_arrives_whole_and_the_sender_has_a_receipt(
    town: HubTown, ky: Client, udk: Client, content: bytes
) -> None:
    await ky.sends("A.txt", content)

    assert await udk.lists("IN") == ["A.txt", "A.txt.metadata"]
    assert await udk.gets("IN/A.txt") == content
    assert await ky.lists("OUT") == []
    assert await ky.lists("IN") == ["A.txt.sftpreceipt"]
    receipt = await ky.receipt("A.txt")
    assert receipt.succeeded
    assert receipt.senders_file_id == "id-A.txt"
    metadata = read_metadata(await udk.gets("IN/A.txt.metadata"))
    assert metadata.transfer_id == receipt.transfer_id
    assert metadata.descriptor.size_bytes == len(content)
    assert town.verified().faults == ()


async def test_what_the_hub_writes_is_valid_against_the_schema(ky: Client, udk: Client) -> None:
    await ky.sends("A.txt", b"1")
    await ky.triggers("B.txt", b"<nonsense/>")

    for document in (
        await udk.gets("IN/A.txt.metadata"),
        await ky.gets("IN/A.txt.sftpreceipt"),
        await ky.gets("IN/B.txt.sftpreceipt"),
    ):
        assert list(violations(document)) == []


async def test_several_recipients_get_the_same_transfer(town: HubTown, ky: Client, udk: Client) -> None:
    town.has_system("OLD", root="Trigger")
    town.has_route("KY", "OLD")

    await ky.sends("A.txt", b"1", recipients=("OLD", "UDKDEB"))

    async with town.client("OLD") as old:
        told = await old.gets("IN/A.txt.metadata")
        assert await old.gets("IN/A.txt") == b"1"
    assert b"<ns2:Trigger " in told
    assert read_metadata(told) == read_metadata(await udk.gets("IN/A.txt.metadata"))
    assert b"<ns2:FileMetadata " in await udk.gets("IN/A.txt.metadata")


async def test_if_one_recipient_can_not_get_it_nobody_does(ky: Client, udk: Client) -> None:
    await ky.sends("A.txt", b"1", recipients=("OTHER", "UDKDEB"))

    assert await ky.refusals("A.txt") == codes(ErrorCode.ROUTE_MISSING)
    assert await udk.lists("IN") == []
    assert await ky.lists("OUT") == ["A.txt"]


async def test_uploading_under_a_temporary_name_and_renaming_works(ky: Client, udk: Client) -> None:
    await ky.puts("OUT/.A.txt.part", b"1")
    await ky.sftp.rename("OUT/.A.txt.part", "OUT/A.txt")
    await ky.puts("OUT/A.txt.trigger.filepart", trigger_for("A.txt", b"1"))
    await ky.sftp.rename("OUT/A.txt.trigger.filepart", "OUT/A.txt.trigger")

    assert await udk.gets("IN/A.txt") == b"1"
    assert await ky.lists("OUT") == []


async def test_what_the_recipient_deletes_is_gone_for_it_alone(
    town: HubTown, ky: Client, udk: Client
) -> None:
    await ky.sends("A.txt", b"1")
    await udk.gets("IN/A.txt")
    await udk.sftp.remove("IN/A.txt")
    await udk.sftp.remove("IN/A.txt.metadata")

    assert await udk.lists("IN") == []
    assert await ky.lists("IN") == ["A.txt.sftpreceipt"]
    assert town.events()[-6:] == ["received", "routed", "delivered", "read", "deleted", "deleted"]
    assert town.verified().faults == ()


async def test_a_reader_is_not_disturbed_by_a_deletion(ky: Client, udk: Client) -> None:
    await ky.sends("A.txt", LARGE)
    async with udk.sftp.open("IN/A.txt", "rb") as file:
        begun: Any = await file.read(10)
        await udk.sftp.remove("IN/A.txt")
        rest: Any = await file.read()
    assert begun + rest == LARGE


async def test_many_files_at_once_all_arrive(ky: Client, udk: Client, town: HubTown) -> None:
    await asyncio.gather(*(ky.sends(f"{number}.txt", b"%d" % number) for number in range(30)))

    assert len(await udk.lists("IN")) == 60
    assert await udk.gets("IN/17.txt") == b"17"
    assert town.verified().faults == ()
