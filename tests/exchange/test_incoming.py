"""What others send us: complete or left alone, archived before it is read, worked on once, then deleted."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from tests.exchange.fake_hub import FakeHub, announcement
from tests.exchange.parties import Party, do_its_job, note_effect

from sf2530 import crashing
from sf2530.database import leases
from sf2530.database.engines import reading
from sf2530.database.errors import DatabaseUnreachable
from sf2530.denmark.business_time import utc_now
from sf2530.errors import UnreachableError
from sf2530.exchange import complaints, incoming
from sf2530.exchange.alarms import raise_alarm
from sf2530.exchange.documents import MetadataRoot
from sf2530.exchange.fetching import fetch
from sf2530.exchange.file_names import metadata_name
from sf2530.exchange.mailbox import Mailbox, MailboxUnreachable, NoAnswer
from sf2530.exchange.tables import incoming_file
from sf2530.exchange.working import Work, work
from sf2530.exchange.xml_writing import write_metadata


async def test_a_file_is_archived_and_registered_before_anything_is_deleted(
    party: Party, hub: FakeHub, mailbox: Mailbox
) -> None:
    document = hub.delivers("a.txt", b"the bytes", transfer_id="T1")

    assert await party.fetches(mailbox) == 1

    [row] = party.incoming_rows()
    assert (row.name, row.state, row.transfer_id, row.size_bytes) == ("a.txt", "registered", "T1", 9)
    assert (row.sender, row.senders_file_id) == ("OTHER", document.descriptor.senders_file_id)
    assert party.has_archived(row.sha256)
    assert party.has_archived(row.metadata_sha256)
    assert set(hub.lies_in("IN")) == {"a.txt", "a.txt.metadata"}


async def test_a_file_is_worked_on_once_and_then_deleted_on_the_hub(
    party: Party, hub: FakeHub, mailbox: Mailbox
) -> None:
    hub.delivers("a.txt", b"the bytes")

    for _day in range(3):
        await party.does_everything(mailbox)

    assert party.effects("work") == ["a.txt"]
    assert party.incoming_states() == [("a.txt", "processed")]
    assert hub.lies_in("IN") == {}
    [row] = party.incoming_rows()
    assert row.outcome == "done"
    assert row.deleted_at is not None


async def test_a_file_is_not_deleted_before_its_work_is_done(
    party: Party, hub: FakeHub, mailbox: Mailbox
) -> None:
    hub.delivers("a.txt", b"the bytes")
    await party.fetches(mailbox)

    await party.deletes(mailbox)

    assert set(hub.lies_in("IN")) == {"a.txt", "a.txt.metadata"}


async def test_metadata_with_the_older_root_are_read_too(
    party: Party, hub: FakeHub, mailbox: Mailbox
) -> None:
    hub.put("IN", "a.txt", b"1")
    document = announcement("a.txt", b"1", recipient=hub.user)
    hub.put("IN", metadata_name("a.txt"), write_metadata(document, root=MetadataRoot.TRIGGER))

    await party.fetches(mailbox)

    assert party.incoming_states() == [("a.txt", "registered")]


async def test_a_file_with_no_content_is_a_file(party: Party, hub: FakeHub, mailbox: Mailbox) -> None:
    hub.delivers("a.txt", b"")

    await party.does_everything(mailbox)

    assert party.effects("work") == ["a.txt"]


# What is not right yet: left alone, tried again, alarmed when it lasts, and no other file suffers.


def _without_metadata(hub: FakeHub) -> None:
    hub.put("IN", "b.txt", b"data")


def _without_data(hub: FakeHub) -> None:
    hub.delivers("b.txt", b"data")
    hub.remove("IN", "b.txt")


def _too_short(hub: FakeHub) -> None:
    hub.delivers("b.txt", b"data")
    hub.put("IN", "b.txt", b"dat")


def _too_long(hub: FakeHub) -> None:
    hub.delivers("b.txt", b"data")
    hub.put("IN", "b.txt", b"data and more")


def _unreadable(hub: FakeHub) -> None:
    hub.delivers("b.txt", b"data")
    hub.put("IN", "b.txt.metadata", b"<half of the met")


def _for_someone_else(hub: FakeHub) -> None:
    hub.delivers("b.txt", b"data", recipients=("SOMEONE",))


def _for_another_name(hub: FakeHub) -> None:
    hub.delivers("b.txt", b"data", file_name="c.txt")


def _a_name_that_cannot_be(hub: FakeHub) -> None:
    hub.put("IN", "b.txt.trigger", b"data")


WRONG = {
    "metadata-missing": _without_metadata,
    "data-missing": _without_data,
    "size-wrong": _too_short,
    "size-wrong-too-long": _too_long,
    "metadata-unreadable": _unreadable,
    "metadata-not-for-us": _for_someone_else,
    "metadata-other-name": _for_another_name,
    "file-name-refused": _a_name_that_cannot_be,
}


@pytest.mark.parametrize("code", WRONG)
async def test_what_is_not_right_is_left_and_alarmed_in_the_end_and_stops_no_other(
    party: Party, hub: FakeHub, mailbox: Mailbox, code: str
) -> None:
    hub.delivers("a.txt", b"good")
    WRONG[code](hub)
    hub.delivers("z.txt", b"good")
    left = {name for name in hub.lies_in("IN") if name.startswith("b.txt")}

    await party.does_everything(mailbox)
    assert party.effects("work") == ["a.txt", "z.txt"]
    assert party.alarm_codes() == []

    party.time_passes(party.settings.incomplete_alarm_seconds)
    await party.does_everything(mailbox)
    party.time_passes(party.settings.incomplete_alarm_seconds)
    await party.does_everything(mailbox)

    assert party.alarm_codes() == [code.removesuffix("-too-long")]
    assert set(hub.lies_in("IN")) == left


async def test_a_file_that_shrinks_after_it_was_listed_is_not_taken(
    party: Party, hub: FakeHub, mailbox: Mailbox
) -> None:
    hub.delivers("b.txt", b"all of it")
    listing = await mailbox.list_incoming()
    hub.put("IN", "b.txt", b"all o")

    await fetch(mailbox, party.desk, listing, patience=party.patience)

    assert party.incoming_states() == []


async def test_a_file_of_the_wrong_size_is_not_even_read(
    party: Party, hub: FakeHub, mailbox: Mailbox
) -> None:
    _too_long(hub)

    await party.fetches(mailbox)

    assert ("open", "IN/b.txt") not in hub.manners.requests
    assert ("open", "IN/b.txt.metadata") in hub.manners.requests


async def test_a_file_that_becomes_right_is_taken_and_its_alarm_closed(
    party: Party, hub: FakeHub, mailbox: Mailbox
) -> None:
    hub.delivers("b.txt", b"all of it")
    hub.put("IN", "b.txt", b"all o")
    await party.fetches(mailbox)
    party.time_passes(party.settings.incomplete_alarm_seconds)
    await party.fetches(mailbox)
    assert party.alarm_codes() == ["size-wrong"]

    hub.put("IN", "b.txt", b"all of it")
    party.time_passes(60)
    await party.fetches(mailbox)

    assert party.incoming_states() == [("b.txt", "registered")]
    assert party.alarm_codes() == []


async def _is_alarmed(party: Party, hub: FakeHub, mailbox: Mailbox) -> None:
    """Leave a file of the wrong size in IN until a person hears of it."""
    hub.delivers("b.txt", b"all of it")
    hub.put("IN", "b.txt", b"all o")
    await party.fetches(mailbox)
    party.time_passes(party.settings.incomplete_alarm_seconds)
    await party.fetches(mailbox)
    assert party.alarm_codes() == ["size-wrong"]


async def test_its_alarm_is_closed_by_a_process_that_knows_nothing_of_it(
    party: Party, hub: FakeHub, mailbox: Mailbox
) -> None:
    await _is_alarmed(party, hub, mailbox)

    party.restarts()
    hub.put("IN", "b.txt", b"all of it")
    await party.fetches(mailbox)

    assert party.alarm_codes() == []


@pytest.mark.parametrize("restarted", [True, False])
async def test_the_alarm_about_a_file_that_has_gone_is_closed(
    party: Party, hub: FakeHub, mailbox: Mailbox, *, restarted: bool
) -> None:
    await _is_alarmed(party, hub, mailbox)
    hub.remove("IN", "b.txt")
    hub.remove("IN", "b.txt.metadata")

    if restarted:
        party.restarts()
    await party.fetches(mailbox)

    assert party.alarm_codes() == []


async def test_a_person_hears_of_it_though_the_first_try_to_say_so_was_undone(
    party: Party, hub: FakeHub, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.delivers("b.txt", b"all of it")
    hub.put("IN", "b.txt", b"all o")
    await party.fetches(mailbox)
    party.time_passes(party.settings.incomplete_alarm_seconds)

    def raised_and_undone(*arguments: Any, **values: Any) -> None:
        raise_alarm(*arguments, **values)
        raise DatabaseUnreachable("away before the commit")

    with monkeypatch.context() as broken:
        broken.setattr(complaints, "raise_alarm", raised_and_undone)
        with pytest.raises(DatabaseUnreachable):
            await party.fetches(mailbox)
    assert party.alarm_codes() == []

    await party.fetches(mailbox)
    assert party.alarm_codes() == ["size-wrong"]


async def test_no_alarm_is_raised_about_a_file_that_another_process_has_registered_meanwhile(
    party: Party, hub: FakeHub, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = hub.delivers("b.txt", b"all of it")
    hub.put("IN", "b.txt", b"all o")
    await party.fetches(mailbox)
    party.time_passes(party.settings.incomplete_alarm_seconds)

    def another_registers_it(point: str) -> None:
        if point == "after-fetch":
            fetched = incoming.Fetched(metadata=document, raw_metadata=b"raw", content=b"all of it")
            with party.engine.begin() as tx:
                incoming.register(tx, fetched, now=party.clock())

    monkeypatch.setattr(crashing, "reached", another_registers_it)
    await party.fetches(mailbox)

    assert party.alarm_codes() == []


async def test_a_file_that_the_hub_is_stuck_at_keeps_no_other_from_being_registered(
    party: Party, hub: FakeHub
) -> None:
    names = [f"{number:02}.txt" for number in range(6)]
    for name in names:
        hub.delivers(name, b"1")
    hub.manners.stalled.add("read /IN/03.txt")

    for _try in range(12):
        with suppress(NoAnswer):
            async with Mailbox(hub.mailbox_settings(operation_seconds=1)) as mailbox:
                await party.fetches(mailbox)
        party.time_passes(party.settings.incomplete_alarm_seconds / 4)
        if party.alarm_codes():
            break

    assert {name for name, _state in party.incoming_states()} == set(names) - {"03.txt"}
    assert [(alarm.code, alarm.subject) for alarm in party.alarms()] == [("data-refused", "03.txt")]


async def test_what_was_read_before_the_connection_broke_is_registered(
    party: Party, hub: FakeHub, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.txt", "b.txt", "c.txt"):
        hub.delivers(name, b"1")
    read = mailbox.read

    async def breaks_at_b(name: str, *, limit: int) -> bytes:
        if name == "b.txt":
            raise MailboxUnreachable("gone")
        return await read(name, limit=limit)

    monkeypatch.setattr(mailbox, "read", breaks_at_b)
    with pytest.raises(MailboxUnreachable):
        await party.fetches(mailbox)

    assert party.incoming_states() == [("a.txt", "registered"), ("c.txt", "registered")]


async def test_a_file_larger_than_we_take_is_left_unread(
    party: Party, hub: FakeHub, mailbox: Mailbox
) -> None:
    hub.delivers("b.txt", b"data", size_bytes=party.settings.largest_file_bytes + 1)
    await party.fetches(mailbox)
    party.time_passes(party.settings.incomplete_alarm_seconds)
    await party.fetches(mailbox)

    assert party.alarm_codes() == ["file-too-large"]


# Two keys against repeats: name and transfer id, each with the same or other bytes.


@pytest.mark.parametrize(
    ("name", "transfer_id"),
    [("a.txt", "T1"), ("a.txt", "T2"), ("b.txt", "T1")],
)
async def test_the_same_key_with_the_same_bytes_is_a_repeat_without_new_work(
    party: Party, hub: FakeHub, mailbox: Mailbox, name: str, transfer_id: str
) -> None:
    hub.delivers("a.txt", b"same", transfer_id="T1")
    await party.does_everything(mailbox)

    hub.delivers(name, b"same", transfer_id=transfer_id)
    await party.does_everything(mailbox)

    assert party.effects("work") == ["a.txt"]
    assert party.incoming_states() == [("a.txt", "processed"), (name, "repeat")]
    first, repeat = party.incoming_rows()
    assert repeat.repeat_of == first.id
    assert hub.lies_in("IN") == {}
    assert party.alarm_codes() == []


@pytest.mark.parametrize(
    ("name", "transfer_id"),
    [("a.txt", "T1"), ("a.txt", "T2"), ("b.txt", "T1")],
)
async def test_the_same_key_with_other_bytes_is_a_conflict_for_a_person(
    party: Party, hub: FakeHub, mailbox: Mailbox, name: str, transfer_id: str
) -> None:
    hub.delivers("a.txt", b"same", transfer_id="T1")
    await party.does_everything(mailbox)

    hub.delivers(name, b"other", transfer_id=transfer_id)
    await party.does_everything(mailbox)

    assert party.effects("work") == ["a.txt"]
    assert party.incoming_states() == [("a.txt", "processed"), (name, "conflict")]
    assert party.alarm_codes() == ["incoming-conflict"]
    assert set(hub.lies_in("IN")) == {name, metadata_name(name)}
    assert party.has_archived(party.incoming_rows()[1].sha256)


@pytest.mark.parametrize("content", [b"same", b"other"])
async def test_a_strangers_file_never_stands_in_the_way_of_the_right_one(
    party: Party, hub: FakeHub, mailbox: Mailbox, content: bytes
) -> None:
    hub.delivers("a.txt", content, sender="STRANGER")
    await party.does_everything(mailbox)

    hub.delivers("a.txt", b"same")
    await party.does_everything(mailbox)

    assert party.effects("work") == ["a.txt", "a.txt"]
    assert party.incoming_states() == [("a.txt", "processed"), ("a.txt", "processed")]
    assert party.alarm_codes() == []


async def test_other_name_and_other_transfer_with_the_same_bytes_is_new_work(
    party: Party, hub: FakeHub, mailbox: Mailbox
) -> None:
    hub.delivers("a.txt", b"same")
    hub.delivers("b.txt", b"same")

    await party.does_everything(mailbox)

    assert party.effects("work") == ["a.txt", "b.txt"]


async def test_bytes_known_under_the_transfer_do_not_excuse_other_bytes_under_the_name(
    party: Party, hub: FakeHub, mailbox: Mailbox
) -> None:
    hub.delivers("a.txt", b"one", transfer_id="T1")
    hub.delivers("b.txt", b"two", transfer_id="T2")
    await party.does_everything(mailbox)

    hub.delivers("a.txt", b"two", transfer_id="T2")
    await party.does_everything(mailbox)

    assert party.incoming_states()[2] == ("a.txt", "conflict")


@pytest.mark.parametrize(("decision", "effects"), [("release", 2), ("discard", 1)])
async def test_a_person_settles_a_conflict(
    party: Party, hub: FakeHub, mailbox: Mailbox, decision: str, effects: int
) -> None:
    hub.delivers("a.txt", b"one")
    await party.does_everything(mailbox)
    hub.delivers("a.txt", b"two")
    await party.does_everything(mailbox)
    conflict = party.incoming_rows()[1]

    with party.engine.begin() as tx:
        assert getattr(incoming, decision)(tx, conflict.id, now=party.clock())
        assert not getattr(incoming, decision)(tx, conflict.id, now=party.clock())
    await party.does_everything(mailbox)

    assert party.effects("work") == ["a.txt"] * effects
    assert party.alarm_codes() == []
    assert hub.lies_in("IN") == {}


async def test_two_workers_that_fetch_the_same_file_at_once_register_it_once(
    party: Party, hub: FakeHub, mailbox: Mailbox
) -> None:
    metadata = announcement("a.txt", b"bytes", recipient=hub.user, transfer_id="T1")
    fetched = incoming.Fetched(metadata=metadata, raw_metadata=b"raw", content=b"bytes")
    with party.engine.begin() as tx:
        incoming.register(tx, fetched, now=party.clock())
        row = tx.execute(sa.select(incoming_file)).mappings().one()

    values = {key: value for key, value in row.items() if key != "id"}
    with pytest.raises(sa.exc.IntegrityError), party.engine.begin() as tx:
        tx.execute(sa.insert(incoming_file).values(**values))
    with party.engine.begin() as tx:
        assert incoming.register(tx, fetched, now=party.clock()) is None
    assert party.incoming_states() == [("a.txt", "registered")]


# Deleting on the hub: what we read, and nothing else.


async def test_a_new_delivery_under_the_same_name_is_never_deleted_unread(
    party: Party, hub: FakeHub, mailbox: Mailbox
) -> None:
    hub.delivers("a.txt", b"one", transfer_id="T1")
    await party.fetches(mailbox)
    await party.works()
    hub.delivers("a.txt", b"two", transfer_id="T2")

    await party.deletes(mailbox)
    assert hub.lies_in("IN")["a.txt"] == b"two"

    await party.fetches(mailbox)
    assert party.incoming_states() == [("a.txt", "processed"), ("a.txt", "conflict")]


async def test_a_new_delivery_that_lands_between_our_two_deletions_is_not_deleted_unread(
    party: Party, hub: FakeHub, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.delivers("a.txt", b"one", transfer_id="T1")
    await party.fetches(mailbox)
    await party.works()

    def another_lands(point: str) -> None:
        if point == "between-deletions":
            hub.delivers("a.txt", b"two", transfer_id="T2")

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(crashing, "reached", another_lands)
        await party.deletes(mailbox)
    assert set(hub.lies_in("IN")) == {"a.txt", "a.txt.metadata"}

    await party.fetches(mailbox)
    assert party.incoming_states() == [("a.txt", "processed"), ("a.txt", "conflict")]


async def test_a_deletion_that_breaks_the_connection_takes_no_other_back(
    party: Party, hub: FakeHub, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.txt", "b.txt", "c.txt"):
        hub.delivers(name, b"1")
    await party.fetches(mailbox)
    await party.works()
    remove = mailbox.delete

    async def breaks_at_b(name: str) -> None:
        if name == "b.txt":
            raise MailboxUnreachable("gone")
        await remove(name)

    monkeypatch.setattr(mailbox, "delete", breaks_at_b)
    with pytest.raises(MailboxUnreachable):
        await party.deletes(mailbox)

    assert [row.name for row in party.incoming_rows() if row.deleted_at is None] == ["b.txt"]


@pytest.mark.parametrize("gone", [["a.txt"], ["a.txt", "a.txt.metadata"], ["a.txt.metadata"]])
async def test_a_deletion_cut_off_half_way_is_finished(
    party: Party, hub: FakeHub, mailbox: Mailbox, gone: list[str]
) -> None:
    hub.delivers("a.txt", b"one")
    await party.fetches(mailbox)
    await party.works()
    for name in gone:
        hub.remove("IN", name)

    await party.deletes(mailbox)

    [row] = party.incoming_rows()
    assert row.deleted_at is not None
    assert "a.txt.metadata" not in hub.lies_in("IN")


async def test_what_the_hub_itself_has_removed_does_not_block_its_name(
    party: Party, hub: FakeHub, mailbox: Mailbox
) -> None:
    hub.delivers("a.txt", b"one")
    await party.does_everything(mailbox)
    hub.delivers("a.txt", b"two")
    await party.does_everything(mailbox)
    hub.remove("IN", "a.txt")
    hub.remove("IN", "a.txt.metadata")

    party.time_passes(120)
    await party.deletes(mailbox)
    hub.delivers("a.txt", b"two")
    await party.does_everything(mailbox)

    assert party.incoming_states()[2] == ("a.txt", "repeat")


# Work: leases, failures, quarantine.


async def test_a_handler_that_fails_is_tried_again_and_stops_no_other(
    party: Party, hub: FakeHub, mailbox: Mailbox
) -> None:
    fails = {"b.txt"}

    def handler(job: Work) -> None:
        if job.file.name in fails:
            raise KeyError("6101901234")
        do_its_job(job)

    party.handler = handler
    for name in ("a.txt", "b.txt", "c.txt"):
        hub.delivers(name, b"bytes")
    await party.does_everything(mailbox)
    assert party.effects("work") == ["a.txt", "c.txt"]
    [failed] = [row for row in party.incoming_rows() if row.name == "b.txt"]
    assert failed.last_error.startswith("KeyError (test_incoming.py:")
    assert "6101901234" not in failed.last_error

    fails.clear()
    party.time_passes(5)
    await party.works()

    assert party.effects("work") == ["a.txt", "b.txt", "c.txt"]


async def test_a_file_whose_handler_always_fails_is_quarantined_until_a_person_releases_it(
    party: Party, hub: FakeHub, mailbox: Mailbox
) -> None:
    def handler(_job: Work) -> None:
        raise RuntimeError

    party.handler = handler
    hub.delivers("a.txt", b"bytes")
    await party.fetches(mailbox)
    for _try in range(party.settings.tries_before_quarantine):
        await party.works()
        party.time_passes(5)
    assert party.incoming_states() == [("a.txt", "quarantined")]
    assert party.alarm_codes() == ["incoming-quarantined"]
    assert await party.works() == 0

    party.handler = do_its_job
    with party.engine.begin() as tx:
        incoming.release(tx, party.incoming_rows()[0].id, now=party.clock())
    await party.works()

    assert party.effects("work") == ["a.txt"]
    assert party.alarm_codes() == []


async def test_a_file_whose_work_kills_its_process_again_and_again_is_quarantined(
    party: Party, hub: FakeHub, mailbox: Mailbox
) -> None:
    hub.delivers("a.txt", b"bytes")
    await party.fetches(mailbox)
    for _try in range(party.settings.tries_before_quarantine):
        with party.engine.begin() as tx:
            taken = incoming.take(tx, owner="died", now=party.clock(), seconds=60, limit=1)
            assert len(taken) == 1
        party.time_passes(60)

    assert await party.works() == 0

    assert party.incoming_states() == [("a.txt", "quarantined")]
    assert party.alarm_codes() == ["incoming-quarantined"]


async def test_a_worker_that_has_lost_its_lease_leaves_no_effect(
    party: Party, hub: FakeHub, mailbox: Mailbox
) -> None:
    hub.delivers("a.txt", b"bytes")
    await party.fetches(mailbox)

    def paused_beyond_its_lease(job: Work) -> None:
        party.time_passes(party.settings.lease_seconds + 1)
        with job.engine.begin() as tx:
            [other] = incoming.take(tx, owner="other", now=party.clock(), seconds=60, limit=1)
            note_effect(tx, "work", "by the other")
            incoming.processed(tx, other, outcome="done", now=party.clock())
        with job.engine.begin() as tx:
            note_effect(tx, "work", "by the paused one")
            incoming.processed(tx, job.lease, outcome="done", now=party.clock())

    party.handler = paused_beyond_its_lease
    await party.works()

    assert party.effects("work") == ["by the other"]
    assert party.incoming_states() == [("a.txt", "processed")]


async def test_a_handler_that_forgets_to_say_processed_is_a_failure(
    party: Party, hub: FakeHub, mailbox: Mailbox
) -> None:
    hub.delivers("a.txt", b"bytes")
    await party.fetches(mailbox)
    party.handler = lambda _job: None

    await party.works()

    [row] = party.incoming_rows()
    assert row.last_error.startswith("handler-unfinished")


async def test_a_handler_that_cannot_reach_something_gives_the_file_back_untried(
    party: Party, hub: FakeHub, mailbox: Mailbox
) -> None:
    hub.delivers("a.txt", b"bytes")
    await party.fetches(mailbox)

    def handler(_job: Work) -> None:
        raise UnreachableError("the database is away")

    party.handler = handler
    with pytest.raises(UnreachableError):
        await work(party.desk, party.handler)

    [row] = party.incoming_rows()
    assert (row.state, row.attempts, row.owner) == ("registered", 0, None)


@pytest.mark.parametrize("failing", [0, 1])
async def test_a_lease_is_renewed_for_as_long_as_its_work_takes_also_after_a_renewal_that_failed(
    party: Party, hub: FakeHub, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    renew, renewals = leases.renew, 0

    def fails_at_first(*arguments: Any, **values: Any) -> None:
        nonlocal renewals
        renewals += 1
        if renewals <= failing:
            raise RuntimeError("a driver's own error")
        renew(*arguments, **values)

    monkeypatch.setattr(leases, "renew", fails_at_first)
    hub.delivers("a.txt", b"bytes")
    await party.fetches(mailbox)
    party.settings = party.settings.model_copy(update={"lease_seconds": 0.3})
    party.clock = utc_now
    party.restarts()
    kept: list[timedelta] = []

    def slow(job: Work) -> None:
        with reading(job.engine) as tx:
            first = tx.execute(sa.select(incoming_file.c.lease_until)).scalar_one()
        until = first
        while until <= first + timedelta(seconds=0.3):
            with reading(job.engine) as tx:
                until = tx.execute(sa.select(incoming_file.c.lease_until)).scalar_one()
        kept.append(until - first)
        with job.engine.begin() as tx:
            leases.hold(tx, incoming_file, job.lease, now=party.clock())
            incoming.processed(tx, job.lease, outcome="done", now=party.clock())

    party.handler = slow
    await party.works()

    assert kept
    assert party.incoming_states() == [("a.txt", "processed")]
