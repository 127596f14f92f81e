"""Whatever is lost, late, doubled or cut off, in whatever order: every file arrives once, with one effect."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine
from tests.exchange.fake_hub import FakeHub
from tests.exchange.parties import HandClock, Party, create_tables, effects_metadata

from sf2530.database.engines import open_engine
from sf2530.exchange.documents import Trigger
from sf2530.exchange.file_names import metadata_name, receipt_name
from sf2530.exchange.mailbox import Mailbox, MailboxError
from sf2530.exchange.tables import metadata as exchange_metadata

_T = TypeVar("_T")
NAMES = st.sampled_from(["a.txt", "b.txt", "c.txt"])
CUTS = st.integers(min_value=1, max_value=400)


class Exchange(RuleBasedStateMachine):
    """One party, one hub between it and the others, and everything that can go wrong between them."""

    engine: Engine

    def __init__(self) -> None:
        super().__init__()
        with self.engine.begin() as tx:
            for table in reversed([*exchange_metadata.sorted_tables, *effects_metadata.sorted_tables]):
                tx.execute(sa.delete(table))
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.hub = FakeHub(Path(self.folder.name))
        self.do(self.hub.start())
        self.mailbox = self.do(Mailbox(self.hub.mailbox_settings()).__aenter__())
        self.party = Party(engine=self.engine, settings=self.hub.settings(), clock=HandClock())
        self.put: set[str] = set()
        self.routed: list[tuple[Trigger, bytes]] = []
        self.delivered_to_us: set[str] = set()

    def do(self, action: Coroutine[Any, Any, _T]) -> _T:
        return self.runner.run(action)

    def teardown(self) -> None:
        self.settle()
        self.do(self.mailbox.__aexit__(None, None, None))
        self.do(self.hub.stop())
        self.runner.close()
        self.folder.cleanup()

    # the party

    @rule(name=NAMES)
    def puts_a_file_into_the_outbox(self, name: str) -> None:
        self.party.puts(name, f"the one content of {name}".encode())
        self.put.add(name)

    @rule()
    def sends(self) -> None:
        self.do(self.party.sends(self.mailbox))

    @rule()
    def takes_receipts(self) -> None:
        self.do(self.party.takes_receipts(self.mailbox))

    @rule()
    def fetches(self) -> None:
        self.do(self.party.fetches(self.mailbox))

    @rule()
    def works(self) -> None:
        self.do(self.party.works())

    @rule()
    def deletes(self) -> None:
        self.do(self.party.deletes(self.mailbox))

    @rule(seconds=st.sampled_from([1.0, 61.0, 1000.0, 30_000.0]))
    def time_passes(self, seconds: float) -> None:
        self.party.time_passes(seconds)

    @rule()
    def dies_and_starts_again(self) -> None:
        self.party.restarts()
        self.reconnect()

    # the hub

    @rule(after_bytes=CUTS)
    def cuts_the_connection_in_the_middle_of_sending(self, after_bytes: int) -> None:
        self.hub.manners.cut_after_bytes = after_bytes
        try:
            self.do(self.party.sends(self.mailbox))
        except MailboxError:
            self.reconnect()
        finally:
            self.hub.manners.cut_after_bytes = None

    @rule()
    def routes(self) -> None:
        self.routed += self.hub.takes()

    @rule(late=st.integers(min_value=0, max_value=5))
    def confirms_early_or_late_or_again(self, late: int) -> None:
        if self.routed:
            trigger, _content = self.routed[-1 - late % len(self.routed)]
            self.hub.confirms(trigger)

    @rule(name=NAMES)
    def loses_a_receipt(self, name: str) -> None:
        if receipt_name(name) in self.hub.lies_in("IN"):
            self.hub.remove("IN", receipt_name(name))

    @rule(name=NAMES, first=st.booleans())
    def delivers_a_file_to_us_for_the_first_time_or_again(self, name: str, first: bool) -> None:  # noqa: FBT001  hypothesis passes what it draws by name
        transfer_id = f"transfer of {name}" if first else None
        self.hub.delivers(name, f"for us: {name}".encode(), transfer_id=transfer_id)
        self.delivered_to_us.add(name)

    @rule(name=NAMES)
    def shows_only_half_of_a_file_for_now(self, name: str) -> None:
        if name not in self.hub.lies_in("IN"):
            self.hub.put("IN", name, b"for us")

    # what always holds

    @invariant()
    def only_a_receipt_closes_a_file(self) -> None:
        closed = {name for name, state in self.party.outgoing_states().items() if state == "delivered"}
        assert closed <= {trigger.descriptor.file_name for trigger, _content in self.routed}
        assert self.party.effects("delivered") == sorted(closed)

    @invariant()
    def the_hub_only_ever_gets_whole_files_and_always_the_same(self) -> None:
        for trigger, content in self.routed:
            name = trigger.descriptor.file_name
            assert content == f"the one content of {name}".encode()
            assert trigger.descriptor.size_bytes == len(content)
            assert trigger.descriptor.senders_file_id == f"id of {name}"

    @invariant()
    def each_file_is_worked_on_once(self) -> None:
        done = self.party.effects("work")
        assert len(done) == len(set(done))
        assert set(done) <= self.delivered_to_us

    # and in the end

    def settle(self) -> None:
        """Let the hub be well-behaved for a while: then nothing is left open."""
        for name in self.delivered_to_us & self.hub.lies_in("IN").keys():
            self.hub.delivers(name, f"for us: {name}".encode())
        for name in self.hub.lies_in("IN").keys() - self.delivered_to_us:
            if metadata_name(name) not in self.hub.lies_in("IN") and name in {"a.txt", "b.txt", "c.txt"}:
                self.hub.remove("IN", name)
        for _round in range(6):
            self.party.time_passes(self.party.settings.longest_receipt_seconds)
            self.do(self.party.does_everything(self.mailbox))
            self.routed += (taken := self.hub.takes())
            for trigger, _content in taken:
                self.hub.confirms(trigger)
        self.do(self.party.does_everything(self.mailbox))

        assert self.party.outgoing_states() == dict.fromkeys(self.put, "delivered")
        assert self.party.effects("work") == sorted(self.delivered_to_us)
        assert {state for _name, state in self.party.incoming_states()} <= {"processed", "repeat"}
        assert self.hub.lies_in("IN") == {}
        assert self.party.alarm_codes() == []

    def reconnect(self) -> None:
        self.do(self.mailbox.__aexit__(None, OSError(), None))
        self.mailbox = self.do(Mailbox(self.hub.mailbox_settings()).__aenter__())


def test_every_file_arrives_once_whatever_happens_in_between(database_url: str) -> None:
    engine = open_engine(database_url)
    create_tables(engine)
    machine = type("Machine", (Exchange,), {"engine": engine})

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=settings.default.max_examples // 2 if settings.default else 12,
            stateful_step_count=25,
            suppress_health_check=list(HealthCheck),
            deadline=None,
        ),
    )
    engine.dispose()
