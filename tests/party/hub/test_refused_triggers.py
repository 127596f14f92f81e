"""What is wrong with a trigger stands in a receipt; the data file stays in OUT, and nobody gets anything."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from tests.party.hub.hub_town import Client, HubTown, codes, trigger_for

from sf2530.denmark.business_time import utc_now
from sf2530.hub import routes, systems
from sf2530.hub.error_codes import ErrorCode
from sf2530.hub.states import SystemState

CONTENT = b"content"
WRONG_TRIGGERS: dict[str, tuple[bytes, ErrorCode]] = {
    "not XML": (b"this is no trigger", ErrorCode.TRIGGER_UNREADABLE),
    "empty": (b"", ErrorCode.TRIGGER_UNREADABLE),
    "too large": (b"<a>" + b"x" * 100_000 + b"</a>", ErrorCode.TRIGGER_UNREADABLE),
    "an entity in it": (
        b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>',
        ErrorCode.TRIGGER_UNREADABLE,
    ),
    "another sender": (trigger_for("A.txt", CONTENT, sender="UDKDEB"), ErrorCode.SENDER_IS_ANOTHER),
    "another name": (trigger_for("B.txt", CONTENT), ErrorCode.NAME_DIFFERS),
    "a wrong size": (trigger_for("A.txt", CONTENT + b"x"), ErrorCode.SIZE_DIFFERS),
    "an unknown recipient": (trigger_for("A.txt", CONTENT, to="NOBODY"), ErrorCode.RECIPIENT_UNKNOWN),
    "no route": (trigger_for("A.txt", CONTENT, to="OTHER"), ErrorCode.ROUTE_MISSING),
    "dynamic routing": (
        trigger_for("A.txt", CONTENT, to="ROUTING_V1_0_0"),
        ErrorCode.ROUTING_NOT_OFFERED,
    ),
}


@pytest.mark.parametrize("wrong", WRONG_TRIGGERS)
async def test_a_wrong_trigger_is_refused_with_a_receipt_and_loses_nothing(
    town: HubTown, ky: Client, udk: Client, wrong: str
) -> None:
    trigger, code = WRONG_TRIGGERS[wrong]
    await ky.puts("OUT/A.txt", CONTENT)
    await ky.triggers("A.txt", trigger)

    receipt = await ky.receipt("A.txt")
    assert not receipt.succeeded
    assert [error.code for error in receipt.errors] == [int(code)]
    assert receipt.transfer_id
    assert receipt.errors[0].description
    assert receipt.errors[0].detail.endswith(".")
    assert await ky.lists("OUT") == ["A.txt"]
    assert await ky.gets("OUT/A.txt") == CONTENT
    assert await udk.lists("IN") == []

    await ky.triggers("A.txt", trigger_for("A.txt", CONTENT))

    assert (await ky.receipt("A.txt")).succeeded
    assert await udk.gets("IN/A.txt") == CONTENT
    assert town.verified().faults == ()


async def test_the_receipt_says_in_words_what_to_do(ky: Client) -> None:
    await ky.puts("OUT/A.txt", CONTENT)
    await ky.triggers("A.txt", trigger_for("A.txt", CONTENT + b"more"))

    (error,) = (await ky.receipt("A.txt")).errors
    assert error.description == "The data file's size is not the one in the trigger"
    assert error.detail == (
        "SizeInBytes is 11, but A.txt has 7 bytes. "
        "Upload the whole file again, or correct SizeInBytes, then send the trigger again."
    )


async def test_a_trigger_without_its_file_is_refused(ky: Client) -> None:
    await ky.triggers("A.txt", trigger_for("A.txt", CONTENT))

    assert await ky.refusals("A.txt") == codes(ErrorCode.DATA_MISSING)
    assert await ky.lists("OUT") == []


async def test_a_file_without_a_trigger_just_lies_there(ky: Client, udk: Client) -> None:
    await ky.puts("OUT/A.txt", CONTENT)

    assert await ky.lists("OUT") == ["A.txt"]
    assert await ky.lists("IN") == []
    assert await udk.lists("IN") == []


async def test_several_errors_are_told_at_once(ky: Client) -> None:
    await ky.triggers("A.txt", trigger_for("A.txt", CONTENT, recipients=("NOBODY", "OTHER", "UDKDEB")))

    assert await ky.refusals("A.txt") == codes(
        ErrorCode.DATA_MISSING, ErrorCode.RECIPIENT_UNKNOWN, ErrorCode.ROUTE_MISSING
    )


async def test_a_closed_route_is_no_route(town: HubTown, ky: Client) -> None:
    number = town.has_route("KY", "UDKDEB")
    with town.hub.engine.begin() as tx:
        routes.close_route(tx, number, now=utc_now())

    await ky.sends("A.txt", CONTENT)

    assert await ky.refusals("A.txt") == codes(ErrorCode.ROUTE_MISSING)


async def test_a_route_can_be_for_some_names_only(town: HubTown, ky: Client) -> None:
    town.has_route("KY", "OTHER", pattern="REPORT_*")

    await ky.sends("REPORT_1.txt", CONTENT, to="OTHER")
    await ky.sends("A.txt", CONTENT, to="OTHER")

    assert (await ky.receipt("REPORT_1.txt")).succeeded
    assert await ky.refusals("A.txt") == codes(ErrorCode.ROUTE_MISSING)


async def test_a_disabled_recipient_gets_nothing(town: HubTown, ky: Client) -> None:
    with town.hub.engine.begin() as tx:
        systems.set_state(tx, "UDKDEB", SystemState.DISABLED, now=utc_now())

    await ky.sends("A.txt", CONTENT)

    assert await ky.refusals("A.txt") == codes(ErrorCode.RECIPIENT_DISABLED)
    assert await ky.lists("OUT") == ["A.txt"]


@pytest.mark.parametrize(
    "meanwhile",
    [
        pytest.param(lambda udk: udk.lists("IN"), id="unread"),
        pytest.param(lambda udk: udk.gets("IN/A.txt"), id="read"),
        pytest.param(lambda udk: udk.sftp.remove("IN/A.txt"), id="deleted"),
    ],
)
async def test_the_same_again_gives_the_same_receipt_and_no_second_delivery(
    ky: Client, udk: Client, meanwhile: Callable[[Client], Awaitable[object]]
) -> None:
    await ky.sends("A.txt", CONTENT)
    first = await ky.gets("IN/A.txt.sftpreceipt")
    await ky.sftp.remove("IN/A.txt.sftpreceipt")
    await meanwhile(udk)
    before = await udk.lists("IN")

    await ky.sends("A.txt", CONTENT)

    assert await ky.gets("IN/A.txt.sftpreceipt") == first
    assert await udk.lists("IN") == before
    assert await ky.lists("OUT") == []


async def test_a_lost_receipt_is_got_by_sending_the_trigger_alone_again(ky: Client, udk: Client) -> None:
    await ky.sends("A.txt", CONTENT)
    first = await ky.gets("IN/A.txt.sftpreceipt")

    await ky.triggers("A.txt", trigger_for("A.txt", CONTENT))

    assert await ky.gets("IN/A.txt.sftpreceipt") == first
    assert await udk.lists("IN") == ["A.txt", "A.txt.metadata"]


async def test_the_same_name_with_other_bytes_is_refused_while_the_first_lies_there(
    ky: Client, udk: Client
) -> None:
    await ky.sends("A.txt", CONTENT)
    await ky.sends("A.txt", b"other bytes", senders_file_id="another id")

    assert await ky.refusals("A.txt") == codes(ErrorCode.NAME_IN_USE)
    assert await udk.gets("IN/A.txt") == CONTENT
    assert await ky.gets("OUT/A.txt") == b"other bytes"

    await udk.sftp.remove("IN/A.txt")
    await udk.sftp.remove("IN/A.txt.metadata")
    await ky.triggers("A.txt", trigger_for("A.txt", b"other bytes", senders_file_id="another id"))

    assert await udk.gets("IN/A.txt") == b"other bytes"


@pytest.mark.parametrize("left", ["IN/A.txt", "IN/A.txt.metadata"])
async def test_a_name_is_in_use_until_data_and_metadata_are_gone(ky: Client, udk: Client, left: str) -> None:
    """Otherwise a recipient that deletes the one and then the other deletes the next delivery's, unread."""
    await ky.sends("A.txt", CONTENT)
    before = await udk.gets(left)
    for name in {"IN/A.txt", "IN/A.txt.metadata"} - {left}:
        await udk.sftp.remove(name)

    await ky.sends("A.txt", b"other bytes", senders_file_id="another id")

    assert await ky.refusals("A.txt") == codes(ErrorCode.NAME_IN_USE)
    assert await udk.gets(left) == before

    await udk.sftp.remove(left)
    await ky.triggers("A.txt", trigger_for("A.txt", b"other bytes", senders_file_id="another id"))
    assert await udk.lists("IN") == ["A.txt", "A.txt.metadata"]


async def test_the_same_id_and_name_with_other_bytes_is_no_repeat(ky: Client, udk: Client) -> None:
    await ky.sends("A.txt", CONTENT)
    await ky.sends("A.txt", b"CONTENT")

    assert await ky.refusals("A.txt") == codes(ErrorCode.NAME_IN_USE)
    assert await udk.gets("IN/A.txt") == CONTENT


async def test_without_an_id_the_same_bytes_are_new_once_the_first_are_gone(ky: Client, udk: Client) -> None:
    await ky.sends("DAILY.txt", CONTENT, senders_file_id=None)
    first = await ky.receipt("DAILY.txt")
    await udk.sftp.remove("IN/DAILY.txt")
    await udk.sftp.remove("IN/DAILY.txt.metadata")

    await ky.sends("DAILY.txt", CONTENT, senders_file_id=None)

    assert (await ky.receipt("DAILY.txt")).transfer_id != first.transfer_id
    assert await udk.gets("IN/DAILY.txt") == CONTENT


async def test_a_trigger_with_hundreds_of_unknown_recipients_gets_a_receipt_like_any_other(
    ky: Client,
) -> None:
    names = "".join(f"<Recipients>NOBODY{number}</Recipients>" for number in range(600)).encode()
    one = b"<Recipients>NOBODY</Recipients>"

    await ky.puts("OUT/A.txt", b"x")
    await ky.triggers("A.txt", trigger_for("A.txt", b"x", to="NOBODY").replace(one, names))

    assert set(await ky.refusals("A.txt")) == {301}
    assert await ky.lists("OUT") == ["A.txt"]
