"""The loop a party runs: both directions at once, through outages, until it is told to stop."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import asyncssh
import pytest
from sqlalchemy import Engine
from tests.exchange.fake_hub import FakeHub, public_line
from tests.exchange.parties import Party, create_tables, do_its_job, until

from sf2530.database.engines import open_engine
from sf2530.database.errors import DatabaseUnreachable
from sf2530.denmark.business_time import utc_now
from sf2530.errors import UnreachableError
from sf2530.exchange.desk import Desk
from sf2530.exchange.mailbox import MailboxKeyWrong
from sf2530.exchange.participant import Participant, Work
from sf2530.exchange.settings import ExchangeSettings

if TYPE_CHECKING:

    class Server(Protocol):
        def create_database(self) -> str: ...
        def url(self, database: str) -> str: ...
        def stop(self) -> None: ...
        def start(self) -> None: ...


MANY = [f"{number:02}.txt" for number in range(98)]


@asynccontextmanager
async def running(party: Party) -> AsyncIterator[Participant]:
    """Run a participant for as long as the block lasts, and see it end by itself."""
    stop = asyncio.Event()
    participant = Participant(
        party.engine, party.settings, handler=party.handler, hooks=party.hooks, clock=utc_now
    )
    task = asyncio.create_task(participant.run(stop))
    try:
        yield participant
    finally:
        stop.set()
        await asyncio.wait_for(task, 60)


@pytest.fixture
def live(party: Party) -> Party:
    """Give a party that lives by the machine's clock."""
    party.clock = utc_now
    return party


async def test_98_files_go_out_and_98_come_in(live: Party, hub: FakeHub) -> None:
    hub.manners.takes_at_once = True
    for name in MANY:
        live.puts(f"out-{name}", name.encode() * 100)
        hub.delivers(f"in-{name}", name.encode() * 100)

    async with running(live):
        await until(lambda: set(live.outgoing_states().values()) == {"delivered"})
        await until(lambda: len(live.effects("work")) == len(MANY))
        await until(lambda: hub.lies_in("IN") == {})

    assert live.effects("delivered") == [f"out-{name}" for name in MANY]
    assert live.effects("work") == [f"in-{name}" for name in MANY]
    assert hub.lies_in("OUT") == {}
    assert live.alarm_codes() == []


async def test_two_processes_share_the_work_and_double_nothing(live: Party, hub: FakeHub) -> None:
    hub.manners.takes_at_once = True
    for name in MANY[:30]:
        live.puts(f"out-{name}")
        hub.delivers(f"in-{name}", name.encode())

    async with running(live), running(live):
        await until(lambda: set(live.outgoing_states().values()) == {"delivered"})
        await until(lambda: len(live.effects("work")) >= 30)
        await until(lambda: hub.lies_in("IN") == {})

    assert live.effects("work") == [f"in-{name}" for name in MANY[:30]]
    assert {state for _name, state in live.incoming_states()} <= {"processed", "repeat"}


async def test_it_waits_for_a_hub_that_is_not_there_and_tells_a_person(live: Party, hub: FakeHub) -> None:
    live.settings = live.settings.model_copy(update={"unreachable_alarm_seconds": 0.01})
    await hub.stop()
    live.puts("a.txt")

    async with running(live):
        await until(lambda: live.alarm_codes() == ["hub-unreachable"])
        hub.manners.takes_at_once = True
        await hub.start()
        await until(lambda: live.outgoing_states() == {"a.txt": "delivered"})
        await until(lambda: live.alarm_codes() == [])


async def test_a_hub_that_logs_us_in_and_then_drops_us_is_not_reached(live: Party, hub: FakeHub) -> None:
    live.settings = live.settings.model_copy(update={"unreachable_alarm_seconds": 0.5})
    hub.delivers("a.txt", b"1")
    hub.manners.cut_at.add("open IN/a.txt.metadata")

    async with running(live):
        await until(lambda: live.alarm_codes() == ["hub-unreachable"])
        assert hub.logins < 10
        hub.manners.cut_at.clear()
        await until(lambda: live.effects("work") == ["a.txt"])
        await until(lambda: live.alarm_codes() == [])


async def test_an_outage_of_the_database_is_not_told_as_one_of_the_hub(
    live: Party, hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit: Callable[..., object] = Desk._commit
    failures = 0

    def away_at_first(desk: Desk, verb: Callable[..., object]) -> object:
        nonlocal failures
        failures += 1
        if failures <= 9:
            raise DatabaseUnreachable("away")
        return commit(desk, verb)

    monkeypatch.setattr(Desk, "_commit", away_at_first)
    hub.delivers("a.txt", b"1")

    async with running(live):
        await until(lambda: live.effects("work") == ["a.txt"])

    assert hub.logins == 1


async def test_it_comes_back_after_the_hub_was_restarted_in_the_middle(live: Party, hub: FakeHub) -> None:
    hub.manners.takes_at_once = True
    async with running(live) as participant:
        live.puts("a.txt")
        participant.wake()
        await until(lambda: live.outgoing_states() == {"a.txt": "delivered"})
        await hub.stop()
        live.puts("b.txt")
        await hub.start()
        await until(lambda: live.outgoing_states() == {"a.txt": "delivered", "b.txt": "delivered"})


async def test_to_a_hub_with_an_unknown_host_key_nothing_is_sent_and_a_person_is_told(
    live: Party, hub: FakeHub
) -> None:
    stranger = public_line(asyncssh.generate_private_key("ssh-ed25519"))
    live.settings = _with_mailbox(live.settings, host_keys=[stranger])
    live.puts("a.txt")

    async with running(live):
        await until(lambda: live.alarm_codes() == ["host-key-refused"])

    [alarm] = live.alarms()
    assert hub.host_key.get_fingerprint() in alarm.text
    assert hub.manners.requests == []


async def test_it_works_on_what_it_has_while_the_hub_is_away(live: Party, hub: FakeHub) -> None:
    hub.delivers("a.txt", b"1")
    held = threading.Event()

    def handler(job: Work) -> None:
        held.wait(60)
        do_its_job(job)

    live.handler = handler
    async with running(live):
        await until(lambda: live.incoming_states() == [("a.txt", "registered")])
        await hub.stop()
        held.set()
        await until(lambda: live.effects("work") == ["a.txt"])

    await hub.start()


async def test_told_to_stop_it_finishes_what_is_under_way(live: Party, hub: FakeHub) -> None:
    hub.delivers("a.txt", b"1")
    begun, go_on = threading.Event(), threading.Event()

    def handler(job: Work) -> None:
        begun.set()
        go_on.wait(60)
        do_its_job(job)

    live.handler = handler
    async with running(live):
        await until(begun.is_set)
        asyncio.get_running_loop().call_later(0.1, go_on.set)

    assert live.effects("work") == ["a.txt"]


async def test_told_to_stop_it_does_not_wait_for_a_hub_that_does_not_answer(live: Party) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        live.settings = _with_mailbox(live.settings, port=silent.getsockname()[1], connect_seconds=600)
        async with asyncio.timeout(20), running(live):
            connection, _address = await asyncio.to_thread(silent.accept)
            connection.close()


async def test_with_a_long_poll_it_still_sends_at_once_when_told(live: Party, hub: FakeHub) -> None:
    hub.manners.takes_at_once = True
    live.settings = live.settings.model_copy(update={"poll_seconds": 3600})
    async with running(live) as participant:
        live.puts("a.txt")
        await asyncio.to_thread(participant.wake)
        await until(lambda: live.outgoing_states() == {"a.txt": "sent"})
        await asyncio.to_thread(participant.wake)
        await until(lambda: live.outgoing_states() == {"a.txt": "delivered"})


async def test_without_a_usable_key_it_does_not_even_begin(live: Party, tmp_path: Path) -> None:
    live.settings = _with_mailbox(live.settings, key_file=tmp_path / "none")

    with pytest.raises(MailboxKeyWrong):
        await Participant(live.engine, live.settings, handler=do_its_job).run(asyncio.Event())


@pytest.fixture
def own_database(own_postgres_server: Server) -> Iterator[tuple[Engine, Server]]:
    engine = open_engine(own_postgres_server.url(own_postgres_server.create_database()))
    create_tables(engine)
    yield engine, own_postgres_server
    engine.dispose()


async def test_it_lives_through_a_restart_of_its_database(
    hub: FakeHub, own_database: tuple[Engine, Server]
) -> None:
    engine, server = own_database
    hub.manners.takes_at_once = True
    party = Party(engine=engine, settings=hub.settings(), clock=utc_now)
    party.puts("a.txt")

    async with running(party):
        await until(lambda: party.outgoing_states() == {"a.txt": "delivered"})
        await asyncio.to_thread(server.stop)
        hub.delivers("in.txt", b"1")
        await asyncio.to_thread(server.start)
        await until(_when_it_answers(lambda: party.effects("work") == ["in.txt"]))


def _when_it_answers(condition: Callable[[], bool]) -> Callable[[], bool]:
    def answered() -> bool:
        try:
            return condition()
        except UnreachableError:
            return False

    return answered


def _with_mailbox(settings: ExchangeSettings, **values: object) -> ExchangeSettings:
    return settings.model_copy(update={"mailbox": settings.mailbox.model_copy(update=values)})
