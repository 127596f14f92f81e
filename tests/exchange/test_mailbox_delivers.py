"""Our mailbox against an asyncssh server: whole files only, trigger last, whatever the server does."""

from __future__ import annotations

import asyncio

import pytest
from tests.exchange.fake_hub import FakeHub, is_triggered

from sf2530.exchange.documents import FileDescriptor, Trigger
from sf2530.exchange.mailbox import Mailbox, MailboxRefused, MailboxUnreachable, NoAnswer, NotInMailbox
from sf2530.exchange.xml_writing import write

CONTENT = b"0123456789" * 20_000
TRIGGER = b"<trigger/>"


async def test_a_delivery_puts_the_whole_file_and_then_its_trigger_into_out(
    hub: FakeHub, mailbox: Mailbox
) -> None:
    await mailbox.deliver("a.txt", CONTENT, TRIGGER)

    assert hub.lies_in("OUT") == {"a.txt": CONTENT, "a.txt.trigger": TRIGGER}
    renamed = [path for request, path in hub.manners.requests if request == "rename"]
    assert renamed == ["OUT/a.txt", "OUT/a.txt.trigger"]


async def test_renaming_never_overwrites_by_the_servers_extension(hub: FakeHub, mailbox: Mailbox) -> None:
    await mailbox.deliver("a.txt", CONTENT, TRIGGER)

    assert "posix_rename" not in {request for request, _path in hub.manners.requests}


async def test_an_empty_file_is_delivered_too(hub: FakeHub, mailbox: Mailbox) -> None:
    await mailbox.deliver("empty.txt", b"", TRIGGER)

    assert hub.lies_in("OUT")["empty.txt"] == b""


@pytest.mark.parametrize("manner", ["renaming", "temporary_names"])
async def test_where_renaming_is_refused_the_file_is_written_under_its_own_name(
    hub: FakeHub, mailbox: Mailbox, manner: str
) -> None:
    setattr(hub.manners, manner, False)

    await mailbox.deliver("a.txt", CONTENT, TRIGGER)
    await mailbox.deliver("b.txt", CONTENT, TRIGGER)

    expected = {"a.txt": CONTENT, "a.txt.trigger": TRIGGER, "b.txt": CONTENT, "b.txt.trigger": TRIGGER}
    assert hub.lies_in("OUT") == expected
    tried = [path for request, path in hub.manners.requests if request == "open" and path.endswith(".part")]
    assert tried == ["OUT/a.txt.part"]  # learnt from the first refusal


async def test_files_that_the_hub_takes_at_once_are_delivered(hub: FakeHub) -> None:
    for temporary_names in (True, False):
        hub.manners.takes_at_once = True
        async with Mailbox(hub.mailbox_settings(temporary_names=temporary_names)) as mailbox:
            await mailbox.deliver("a.txt", CONTENT, _real_trigger(hub))

        assert hub.lies_in("OUT") == {}


async def test_a_leftover_of_the_right_size_is_not_sent_again(hub: FakeHub, mailbox: Mailbox) -> None:
    hub.put("OUT", "a.txt", CONTENT)

    await mailbox.deliver("a.txt", CONTENT, TRIGGER)

    assert is_triggered(hub, "a.txt")
    assert ("rename", "OUT/a.txt") not in hub.manners.requests


@pytest.mark.parametrize("leftover", ["a.txt", "a.txt.part", "a.txt.trigger"])
async def test_a_leftover_of_the_wrong_size_is_replaced(
    hub: FakeHub, mailbox: Mailbox, leftover: str
) -> None:
    hub.put("OUT", leftover, b"half")

    await mailbox.deliver("a.txt", CONTENT, TRIGGER)

    assert hub.lies_in("OUT") == {"a.txt": CONTENT, "a.txt.trigger": TRIGGER}


async def test_a_delivery_that_already_lies_there_is_left_alone(hub: FakeHub, mailbox: Mailbox) -> None:
    await mailbox.deliver("a.txt", CONTENT, TRIGGER)
    hub.manners.requests.clear()

    await mailbox.deliver("a.txt", CONTENT, TRIGGER)

    assert hub.manners.requests == []


async def test_a_triggered_file_with_other_bytes_is_never_overwritten(hub: FakeHub, mailbox: Mailbox) -> None:
    hub.put("OUT", "a.txt", b"being handled")
    hub.put("OUT", "a.txt.trigger", TRIGGER)

    with pytest.raises(MailboxRefused, match="waiting to be handled"):
        await mailbox.deliver("a.txt", CONTENT, TRIGGER)

    assert hub.lies_in("OUT")["a.txt"] == b"being handled"


async def test_a_file_the_server_stored_only_in_part_is_not_triggered(hub: FakeHub, mailbox: Mailbox) -> None:
    hub.manners.write_at_most_bytes = 100

    with pytest.raises(MailboxRefused, match="holds 100 bytes of 200000"):
        await mailbox.deliver("a.txt", CONTENT, TRIGGER)

    assert not is_triggered(hub, "a.txt")


async def test_a_connection_cut_in_the_middle_of_an_upload_leaves_no_trigger_and_is_made_good(
    hub: FakeHub, mailbox: Mailbox
) -> None:
    hub.manners.cut_after_bytes = 50_000
    with pytest.raises(MailboxUnreachable):
        await mailbox.deliver("a.txt", CONTENT, TRIGGER)
    assert "a.txt" not in hub.lies_in("OUT")

    hub.manners.cut_after_bytes = None
    async with Mailbox(hub.mailbox_settings()) as again:
        await again.deliver("a.txt", CONTENT, TRIGGER)

    assert hub.lies_in("OUT") == {"a.txt": CONTENT, "a.txt.trigger": TRIGGER}


async def test_many_files_travel_over_one_connection_at_the_same_time(hub: FakeHub, mailbox: Mailbox) -> None:
    names = [f"{number}.txt" for number in range(50)]

    await asyncio.gather(*(mailbox.deliver(name, name.encode(), TRIGGER) for name in names))

    assert all(is_triggered(hub, name) for name in names)


async def test_listing_leaves_out_folders_and_names_nobody_can_read(hub: FakeHub, mailbox: Mailbox) -> None:
    hub.put("IN", "a.txt", b"12345")
    (hub.area / "IN" / "folder").mkdir()
    (hub.area / "IN" / "bad\udcffname").touch()

    assert await mailbox.list_incoming() == {"a.txt": 5}


async def test_reading_gives_at_most_one_byte_more_than_asked_for(hub: FakeHub, mailbox: Mailbox) -> None:
    hub.put("IN", "a.txt", CONTENT)

    assert await mailbox.read("a.txt", limit=len(CONTENT)) == CONTENT
    assert await mailbox.read("a.txt", limit=10) == CONTENT[:11]


async def test_what_is_not_there_can_be_deleted_but_not_read(mailbox: Mailbox) -> None:
    await mailbox.delete("nothing.txt")

    with pytest.raises(NotInMailbox):
        await mailbox.read("nothing.txt", limit=10)


async def test_without_temporary_names_a_leftover_of_the_right_size_is_written_anew(hub: FakeHub) -> None:
    hub.put("OUT", "a.txt", b"x" * len(CONTENT))  # never closed, perhaps: nobody can tell by its size

    async with Mailbox(hub.mailbox_settings(temporary_names=False)) as mailbox:
        await mailbox.deliver("a.txt", CONTENT, TRIGGER)

    assert hub.lies_in("OUT") == {"a.txt": CONTENT, "a.txt.trigger": TRIGGER}


async def test_what_the_hub_only_shows_for_a_moment_longer_is_delivered_again(
    hub: FakeHub, mailbox: Mailbox
) -> None:
    hub.manners.seen_by_name = {"OUT/a.txt": len(CONTENT), "OUT/a.txt.trigger": len(TRIGGER)}

    await mailbox.deliver("a.txt", CONTENT, TRIGGER)

    assert hub.lies_in("OUT") == {"a.txt": CONTENT, "a.txt.trigger": TRIGGER}


@pytest.mark.parametrize("stalled", ["read", "close"])
async def test_silence_is_told_from_a_connection_that_breaks(hub: FakeHub, stalled: str) -> None:
    hub.put("IN", "a.txt", b"1")
    hub.manners.stalled.add(f"{stalled} /IN/a.txt")

    async with asyncio.timeout(30), Mailbox(hub.mailbox_settings(operation_seconds=0.3)) as mailbox:
        with pytest.raises(NoAnswer):
            await mailbox.read("a.txt", limit=10)


def _real_trigger(hub: FakeHub) -> bytes:
    descriptor = FileDescriptor(
        file_name="a.txt", size_bytes=len(CONTENT), sender=hub.user, recipients=("OTHER",)
    )
    return write(Trigger(descriptor=descriptor))
