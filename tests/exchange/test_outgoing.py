"""What we owe to others: deterministic, sent until the receipt comes, closed by nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection
from tests.exchange.fake_hub import FakeHub
from tests.exchange.parties import Party

from sf2530 import crashing
from sf2530.database.errors import DatabaseUnreachable
from sf2530.database.leases import LeaseLost
from sf2530.database.tables import content
from sf2530.exchange import outgoing
from sf2530.exchange.documents import DynamicRouting, ErrorMessage, Trigger
from sf2530.exchange.file_names import FileNameRefused, receipt_name
from sf2530.exchange.mailbox import Mailbox, MailboxUnreachable, NoAnswer
from sf2530.exchange.outgoing import OutboxConflict, OutgoingFile
from sf2530.exchange.receipts import ReceiptHooks
from sf2530.exchange.xml_writing import write


def _damage(tx: Connection, sha256: str) -> None:
    tx.execute(sa.update(content).where(content.c.sha256 == sha256).values(inline=b"damaged"))


def _lose(tx: Connection, sha256: str) -> None:
    tx.execute(sa.delete(content).where(content.c.sha256 == sha256))


def test_the_same_file_twice_in_the_outbox_is_one_file(party: Party) -> None:
    assert party.puts("a.txt") == party.puts("a.txt")
    assert party.outgoing_states() == {"a.txt": "waiting"}


@pytest.mark.parametrize(
    "other",
    [
        {"content": b"other"},
        {"recipient": "SOMEONE"},
        {"senders_file_id": "another id"},
        {"name": "b.txt", "senders_file_id": "id of a.txt"},
    ],
)
def test_another_file_under_a_used_name_or_id_is_refused(party: Party, other: dict[str, Any]) -> None:
    party.puts("a.txt")

    with pytest.raises(OutboxConflict):
        party.puts(**({"name": "a.txt"} | other))

    assert party.outgoing_states() == {"a.txt": "waiting"}


def test_a_name_that_cannot_travel_is_refused_before_it_is_in_the_outbox(party: Party) -> None:
    with pytest.raises(FileNameRefused):
        party.puts("a.trigger")


async def test_a_file_is_sent_with_a_trigger_that_names_it(
    party: Party, hub: FakeHub, mailbox: Mailbox
) -> None:
    party.puts("a.txt", b"content", recipient="DEBITOR", senders_file_id="F0101")

    await party.sends(mailbox)

    [(trigger, content)] = hub.takes()
    descriptor = trigger.descriptor
    assert content == b"content"
    assert (descriptor.file_name, descriptor.size_bytes) == ("a.txt", 7)
    assert (descriptor.sender, descriptor.recipients) == (hub.user, ("DEBITOR",))
    assert descriptor.senders_file_id == "F0101"
    assert party.outgoing_states() == {"a.txt": "sent"}


async def test_a_dynamically_routed_file_carries_its_routing(
    party: Party, hub: FakeHub, mailbox: Mailbox
) -> None:
    routing = DynamicRouting(
        inf_ref="Betalingsaftaler_1",
        sender_it_system="2f6d2a6e-7f5d-4a6e-9a3e-1f2e3d4c5b6a",
        sender_authority="urn:oio:cvr-nr:12345678",
        transaction_id="0b9d7c1e-1111-4222-8333-444455556666",
        sender_timestamp=datetime(2026, 11, 2, 7, 0, tzinfo=UTC),
        recipient_authority="urn:oio:cvr-nr:87654321",
        value_date=date(2026, 11, 30),
    )
    party.puts("a.txt", routing=routing)

    await party.sends(mailbox)

    [(trigger, _content)] = hub.takes()
    assert trigger.routing == routing
    assert trigger.descriptor.recipients == ("ROUTING_V1_0_0",)


async def test_only_the_receipt_closes_a_delivery(party: Party, hub: FakeHub, mailbox: Mailbox) -> None:
    party.puts("a.txt")
    await party.sends(mailbox)
    [(trigger, _content)] = hub.takes()
    assert party.outgoing_states() == {"a.txt": "sent"}

    hub.confirms(trigger)
    await party.takes_receipts(mailbox)

    assert party.outgoing_states() == {"a.txt": "delivered"}
    assert party.effects("delivered") == ["a.txt"]
    assert hub.lies_in("IN") == {}


async def test_nothing_is_sent_again_before_the_receipt_is_due(
    party: Party, hub: FakeHub, mailbox: Mailbox
) -> None:
    party.puts("a.txt")
    await party.sends(mailbox)
    hub.takes()
    party.time_passes(party.settings.receipt_seconds - 1)

    assert await party.sends(mailbox) == 0


async def test_a_file_without_a_receipt_is_sent_again_with_the_same_name_bytes_and_id(
    party: Party, hub: FakeHub, mailbox: Mailbox
) -> None:
    party.puts("a.txt", b"the bytes")
    await party.sends(mailbox)
    first = hub.takes()
    party.time_passes(party.settings.receipt_seconds)

    await party.sends(mailbox)

    assert hub.takes() == first
    assert party.outgoing_row("a.txt").sendings == 2


async def test_a_receipt_that_stays_away_alarms_and_the_file_goes_on_being_sent(
    party: Party, hub: FakeHub, mailbox: Mailbox
) -> None:
    party.puts("a.txt")
    for _again in range(party.settings.sendings_before_alarm):
        await party.sends(mailbox)
        hub.takes()
        party.time_passes(party.settings.longest_receipt_seconds)
    assert party.alarm_codes() == []

    await party.sends(mailbox)
    assert party.alarm_codes() == ["receipt-missing"]

    hub.takes_and_confirms()
    await party.takes_receipts(mailbox)
    assert party.outgoing_states() == {"a.txt": "delivered"}
    assert party.alarm_codes() == []


async def test_a_refusal_is_shown_with_the_hubs_code_and_words(
    party: Party, hub: FakeHub, mailbox: Mailbox
) -> None:
    party.puts("a.txt", subject="inquiry of 0101")
    await party.sends(mailbox)
    [(trigger, _content)] = hub.takes()
    hub.confirms(trigger, refusing="no route to OTHER for 6101901234")

    await party.takes_receipts(mailbox)

    [alarm] = party.alarms()
    assert alarm.code == "receipt-refused"
    assert "inquiry of 0101" in alarm.text
    assert "12 REFUSED: no route to OTHER" in alarm.text
    assert "6101901234" not in alarm.text
    assert party.outgoing_states() == {"a.txt": "refused"}
    assert party.effects("refused") == ["a.txt"]


async def test_a_refused_file_is_sent_again_when_a_person_says_so(
    party: Party, hub: FakeHub, mailbox: Mailbox
) -> None:
    party.puts("a.txt")
    await party.sends(mailbox)
    [(trigger, _content)] = hub.takes()
    hub.confirms(trigger, refusing="no route")
    await party.takes_receipts(mailbox)

    with party.engine.begin() as tx:
        assert outgoing.send_again(tx, name="a.txt", now=party.clock())
    assert party.alarm_codes() == []
    await party.sends(mailbox)
    assert hub.takes_and_confirms() == ["a.txt"]
    await party.takes_receipts(mailbox)

    assert party.outgoing_states() == {"a.txt": "delivered"}


async def test_a_receipt_that_comes_twice_is_harmless(party: Party, hub: FakeHub, mailbox: Mailbox) -> None:
    party.puts("a.txt")
    await party.sends(mailbox)
    [(trigger, _content)] = hub.takes()
    receipt = hub.confirms(trigger)
    await party.takes_receipts(mailbox)

    hub.put("IN", receipt_name("a.txt"), receipt)
    await party.takes_receipts(mailbox)

    assert party.effects("delivered") == ["a.txt"]
    assert party.alarm_codes() == []
    assert hub.lies_in("IN") == {}


async def test_a_refused_second_copy_takes_no_delivery_back(
    party: Party, hub: FakeHub, mailbox: Mailbox
) -> None:
    party.puts("a.txt")
    await party.sends(mailbox)
    [(trigger, _content)] = hub.takes()
    hub.confirms(trigger)
    await party.takes_receipts(mailbox)

    hub.confirms(trigger, refusing="the name is used")
    await party.takes_receipts(mailbox)

    assert party.outgoing_states() == {"a.txt": "delivered"}
    assert party.effects("refused") == []


async def test_a_receipt_faster_than_our_note_of_sending_still_closes_the_file(
    party: Party, hub: FakeHub, mailbox: Mailbox
) -> None:
    party.puts("a.txt")
    with party.engine.begin() as tx:
        [lease] = outgoing.take(tx, owner="slow", now=party.clock(), seconds=60, limit=1)
        file, content = outgoing.load(tx, lease)
    await mailbox.deliver("a.txt", content, write(file.trigger(hub.user)))
    hub.takes_and_confirms()

    await party.takes_receipts(mailbox)

    assert party.outgoing_states() == {"a.txt": "delivered"}
    with party.engine.begin() as tx, pytest.raises(LeaseLost):
        outgoing.note_sent(tx, lease, file, settings=party.settings, now=party.clock())


@pytest.mark.parametrize("senders_file_id", ["some other id", "id of a.txt"])
async def test_a_receipt_for_nothing_we_sent_is_kept_and_alarmed(
    party: Party, hub: FakeHub, mailbox: Mailbox, senders_file_id: str
) -> None:
    name = "a.txt" if senders_file_id == "some other id" else "unknown.txt"
    party.puts("a.txt")
    await party.sends(mailbox)
    [(trigger, _content)] = hub.takes()
    changed = _with(trigger, file_name=name, senders_file_id=senders_file_id)
    hub.confirms(changed)

    await party.takes_receipts(mailbox)

    assert party.alarm_codes() == ["receipt-unexpected"]
    assert party.outgoing_states() == {"a.txt": "sent"}
    assert hub.lies_in("IN") == {}


async def test_an_old_refusal_that_was_not_deleted_takes_no_new_sending_back(
    party: Party, hub: FakeHub, mailbox: Mailbox
) -> None:
    party.puts("a.txt")
    await party.sends(mailbox)
    [(trigger, _content)] = hub.takes()
    refusal = hub.confirms(trigger, refusing="no route")
    await party.takes_receipts(mailbox)
    hub.put("IN", receipt_name("a.txt"), refusal)  # we died before the deletion
    with party.engine.begin() as tx:
        assert outgoing.send_again(tx, name="a.txt", now=party.clock())

    await party.takes_receipts(mailbox)

    assert party.outgoing_states() == {"a.txt": "waiting"}
    assert party.effects("refused") == ["a.txt"]
    assert party.alarm_codes() == []
    assert hub.lies_in("IN") == {}

    await party.sends(mailbox)
    hub.confirms(hub.takes()[0][0], refusing="still no route")
    await party.takes_receipts(mailbox)
    assert party.outgoing_states() == {"a.txt": "refused"}
    assert party.effects("refused") == ["a.txt", "a.txt"]


async def test_a_success_that_is_known_still_closes_a_file_that_was_sent_again(
    party: Party, hub: FakeHub, mailbox: Mailbox
) -> None:
    party.puts("a.txt")
    await party.sends(mailbox)
    receipt = hub.confirms(hub.takes()[0][0])
    await party.takes_receipts(mailbox)
    with party.engine.begin() as tx:
        assert outgoing.send_again(tx, name="a.txt", now=party.clock())
    await party.sends(mailbox)

    hub.put("IN", receipt_name("a.txt"), receipt)  # the hub answers a repeat with the first receipt
    await party.takes_receipts(mailbox)

    assert party.outgoing_states() == {"a.txt": "delivered"}


@pytest.mark.parametrize(
    ("refused", "code"), [("open", "receipt-refused-to-us"), ("remove", "receipt-not-deleted")]
)
async def test_a_receipt_that_cannot_be_read_or_deleted_stops_no_other_and_is_alarmed_until_it_goes(
    party: Party, hub: FakeHub, mailbox: Mailbox, refused: str, code: str
) -> None:
    for name in ("a.txt", "b.txt", "c.txt"):
        party.puts(name)
    await party.sends(mailbox)
    hub.takes_and_confirms()
    hub.manners.refused.add(f"{refused} IN/b.txt.sftpreceipt")
    hub.delivers("in.txt", b"1")

    assert await party.takes_receipts(mailbox) == 2
    await party.fetches(mailbox)
    states = party.outgoing_states()
    assert (states["a.txt"], states["c.txt"]) == ("delivered", "delivered")
    assert party.incoming_states() == [("in.txt", "registered")]
    assert party.alarm_codes() == []

    party.time_passes(party.settings.incomplete_alarm_seconds)
    assert await party.takes_receipts(mailbox) == 0
    assert party.alarm_codes() == [code]

    hub.manners.refused.clear()
    party.time_passes(60)
    await party.takes_receipts(mailbox)
    await party.fetches(mailbox)
    assert set(party.outgoing_states().values()) == {"delivered"}
    assert party.effects("delivered") == ["a.txt", "b.txt", "c.txt"]
    assert party.alarm_codes() == []
    assert set(hub.lies_in("IN")) == {"in.txt", "in.txt.metadata"}


async def test_a_receipt_that_has_taken_the_place_of_the_one_we_read_is_not_deleted(
    party: Party, hub: FakeHub, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    party.puts("a.txt")
    await party.sends(mailbox)
    [(trigger, _content)] = hub.takes()
    hub.confirms(trigger, refusing="no route")

    def another_comes(point: str) -> None:
        if point == "after-receipt":
            hub.confirms(trigger)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(crashing, "reached", another_comes)
        await party.takes_receipts(mailbox)
    assert party.outgoing_states() == {"a.txt": "refused"}
    assert set(hub.lies_in("IN")) == {receipt_name("a.txt")}

    await party.takes_receipts(mailbox)
    assert party.outgoing_states() == {"a.txt": "delivered"}


async def test_an_unreadable_receipt_is_left_and_alarmed_and_stops_no_other(
    party: Party, hub: FakeHub, mailbox: Mailbox
) -> None:
    party.puts("a.txt")
    await party.sends(mailbox)
    hub.put("IN", receipt_name("0.txt"), b"<half of a rec")
    hub.takes_and_confirms()

    await party.takes_receipts(mailbox)
    party.time_passes(party.settings.incomplete_alarm_seconds)
    await party.takes_receipts(mailbox)

    assert party.outgoing_states() == {"a.txt": "delivered"}
    assert party.alarm_codes() == ["receipt-unreadable"]
    assert list(hub.lies_in("IN")) == [receipt_name("0.txt")]


async def test_a_hook_that_fails_undoes_its_own_receipt_only(
    party: Party, hub: FakeHub, mailbox: Mailbox
) -> None:
    good = party.hooks

    def fails_for_a(tx: Connection, file: OutgoingFile) -> None:
        assert good.delivered is not None
        good.delivered(tx, file)
        if file.name == "a.txt":
            raise ValueError(file.name)

    party.puts("a.txt")
    party.puts("b.txt")
    await party.sends(mailbox)
    hub.takes_and_confirms()
    party.hooks = ReceiptHooks(delivered=fails_for_a)
    await party.takes_receipts(mailbox)
    assert party.outgoing_states() == {"a.txt": "sent", "b.txt": "delivered"}
    assert party.effects("delivered") == ["b.txt"]

    party.hooks = good
    party.time_passes(60)
    await party.takes_receipts(mailbox)

    assert party.outgoing_states() == {"a.txt": "delivered", "b.txt": "delivered"}
    assert party.effects("delivered") == ["a.txt", "b.txt"]


async def test_a_file_the_server_will_not_take_stops_no_other_and_is_quarantined(
    party: Party, hub: FakeHub, mailbox: Mailbox
) -> None:
    (hub.area / "OUT" / "bad.txt").mkdir()
    for name in ("a.txt", "bad.txt", "c.txt"):
        party.puts(name)

    for _try in range(party.settings.tries_before_quarantine):
        await party.sends(mailbox)
        party.time_passes(5)

    assert party.outgoing_states() == {"a.txt": "sent", "bad.txt": "quarantined", "c.txt": "sent"}
    assert party.alarm_codes() == ["sending-failed"]

    (hub.area / "OUT" / "bad.txt").rmdir()
    with party.engine.begin() as tx:
        outgoing.send_again(tx, name="bad.txt", now=party.clock())
    await party.sends(mailbox)
    assert party.outgoing_states()["bad.txt"] == "sent"


@pytest.mark.parametrize("spoil", [_damage, _lose])
async def test_a_file_whose_bytes_are_gone_from_the_archive_stops_no_other_and_is_quarantined(
    party: Party, hub: FakeHub, mailbox: Mailbox, spoil: Callable[[Connection, str], None]
) -> None:
    for name in ("a.txt", "bad.txt", "c.txt"):
        party.puts(name, name.encode())
    with party.engine.begin() as tx:
        spoil(tx, party.outgoing_row("bad.txt").sha256)

    for _try in range(party.settings.tries_before_quarantine):
        await party.sends(mailbox)
        party.time_passes(5)

    assert party.outgoing_states() == {"a.txt": "sent", "bad.txt": "quarantined", "c.txt": "sent"}
    assert party.alarm_codes() == ["sending-failed"]
    assert "bad.txt" not in hub.lies_in("OUT")


async def test_a_database_that_goes_away_while_files_are_loaded_is_no_files_fault(
    party: Party, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_arguments: object) -> None:
        raise DatabaseUnreachable("away")

    party.puts("a.txt")
    with monkeypatch.context() as broken:
        broken.setattr(outgoing, "load", away)
        with pytest.raises(DatabaseUnreachable):
            await party.sends(mailbox)
    row = party.outgoing_row("a.txt")
    assert (row.state, row.attempts, row.owner, row.last_error) == ("waiting", 0, None, None)

    await party.sends(mailbox)
    assert party.outgoing_states() == {"a.txt": "sent"}


async def test_a_broken_connection_is_no_files_fault(party: Party, hub: FakeHub, mailbox: Mailbox) -> None:
    hub.manners.cut_after_bytes = 10
    party.puts("a.txt", b"more than ten bytes")

    with pytest.raises(MailboxUnreachable):
        await party.sends(mailbox)

    row = party.outgoing_row("a.txt")
    assert (row.state, row.attempts, row.owner, row.last_error) == ("waiting", 0, None, None)


async def test_a_file_that_the_hub_is_stuck_at_is_quarantined_alone(party: Party, hub: FakeHub) -> None:
    hub.manners.stalled.add("write /OUT/bad.txt.part")
    for name in ("a.txt", "bad.txt", "c.txt"):
        party.puts(name)

    for _try in range(party.settings.tries_before_quarantine + 3):
        with suppress(NoAnswer):
            async with Mailbox(hub.mailbox_settings(operation_seconds=1)) as mailbox:
                await party.sends(mailbox)
        party.time_passes(5)

    assert party.outgoing_states() == {"a.txt": "sent", "bad.txt": "quarantined", "c.txt": "sent"}
    assert party.alarm_codes() == ["sending-failed"]


async def test_hooks_are_told_of_the_hubs_errors(party: Party, hub: FakeHub, mailbox: Mailbox) -> None:
    told: list[ErrorMessage] = []

    def remember(_tx: Connection, _file: OutgoingFile, errors: Sequence[ErrorMessage]) -> None:
        told.extend(errors)

    party.hooks = ReceiptHooks(refused=remember)
    party.puts("a.txt")
    await party.sends(mailbox)
    [(trigger, _content)] = hub.takes()
    hub.confirms(trigger, refusing="no route")
    await party.takes_receipts(mailbox)

    assert told == [ErrorMessage(code=12, description="REFUSED", detail="no route")]


def _with(trigger: Trigger, **descriptor: Any) -> Trigger:
    return replace(trigger, descriptor=replace(trigger.descriptor, **descriptor))
