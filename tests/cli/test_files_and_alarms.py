"""`files` and `alarms` of both parties: each advice that an alarm gives is a command that can be typed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from sf2530 import logs
from sf2530.database import opening
from sf2530.database.leases import RetryPolicy
from sf2530.exchange import incoming, outgoing
from sf2530.exchange.alarms import raise_alarm
from sf2530.exchange.documents import FileDescriptor, FileMetadata
from sf2530.exchange.incoming import Fetched
from sf2530.exchange.tables import incoming_file
from sf2530.language.choosing import chosen

if TYPE_CHECKING:
    from tests.cli.conftest import Outcome

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBO8LzCEoU1WTgJ0hGJBwmbIvkW9ejUNyflE5MvsVYGq"
ONE_TRY = RetryPolicy(attempts=1)


class Party:
    """One party's commands, and its database as a serving process would fill it."""

    def __init__(self, name: str, url: str, config: Path, run: Callable[..., Outcome]) -> None:
        self.name, self.url, self.config, self.run = name, url, config, run
        logs.set_up(as_json=False)  # what a test does in the party's place must not log on standard output

    def __call__(self, *words: object) -> Outcome:
        return self.run(self.name, *words, "--config", self.config)

    def advised(self, command: str) -> Outcome:
        """Type a command as an alarm shows it."""
        program, *words = command.split()
        assert program == "sf2530"
        return self.run(*words, "--config", self.config)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        with opening.opened(self.url, f"sf2530.{self.name}.migrations") as engine, engine.begin() as tx:
            yield tx

    def receives(self, content: bytes, *, transfer_id: str) -> None:
        descriptor = FileDescriptor(
            file_name="a.txt",
            size_bytes=len(content),
            sender="OTHER",
            recipients=("US",),
            senders_file_id=None,
        )
        fetched = Fetched(
            metadata=FileMetadata(transfer_id=transfer_id, descriptor=descriptor),
            raw_metadata=transfer_id.encode(),
            content=content,
        )
        with self.transaction() as tx:
            incoming.register(tx, fetched, now=NOW)

    def has_a_conflict(self) -> None:
        self.receives(b"one", transfer_id="T1")
        self.receives(b"two", transfer_id="T2")

    def fails_to_send(self) -> None:
        with self.transaction() as tx:
            outgoing.put(
                tx,
                name="b.txt",
                content=b"b",
                recipient="OTHER",
                senders_file_id="B",
                subject="b",
                now=NOW,
            )
            (lease,) = outgoing.take(tx, owner="test", now=NOW, seconds=60, limit=1)
            outgoing.note_failed(tx, lease, error="OUT is full", retry=ONE_TRY, now=NOW)

    def commands_advised(self) -> list[str]:
        return [
            command for alarm in self("alarms", "list", "--json").json for command in advised(alarm["remedy"])
        ]


def advised(remedy: str) -> list[str]:
    return re.findall(r"`([^`]+)`", remedy)


@pytest.fixture(params=["ky", "debitor"])
def party(
    request: pytest.FixtureRequest, database_url: str, tmp_path: Path, sf2530: Callable[..., Outcome]
) -> Party:
    config = tmp_path / "party.toml"
    config.write_text(
        f"""\
database = "{database_url}"

[exchange.mailbox]
host = "localhost"
user = "US"
key_file = "us.key"
host_keys = ["{HOST_KEY}"]
"""
    )
    return Party(request.param, database_url, config, sf2530)


@pytest.fixture(params=["en", "da"])
def language(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("SF2530_LANGUAGE", request.param)
    chosen.cache_clear()
    yield request.param
    monkeypatch.undo()
    chosen.cache_clear()


def test_a_file_in_conflict_is_listed_and_released_as_its_alarm_says(party: Party) -> None:
    party.has_a_conflict()
    (listed,) = party("files", "list", "--json").json
    assert (listed["direction"], listed["name"], listed["state"]) == ("incoming", "a.txt", "conflict")
    release, _discard = party.commands_advised()
    assert release == f"sf2530 {party.name} files release {listed['id']}"

    assert party.advised(release).status == 0

    assert party("files", "list", "--json").json == []
    assert party("alarms", "list", "--json").json == []
    with party.transaction() as tx:
        assert len(incoming.take(tx, owner="test", now=NOW, seconds=60, limit=9)) == 2


def test_a_file_in_conflict_is_put_away_with_its_reason_masked(party: Party) -> None:
    party.has_a_conflict()
    (listed,) = party("files", "list", "--json").json
    _release, discard = party.commands_advised()

    outcome = party.advised(discard.replace("TEXT", "610190-1234"))

    assert outcome.status == 0
    assert party("files", "list", "--json").json == []
    with party.transaction() as tx:
        c = incoming_file.c
        row = tx.execute(sa.select(c.state, c.outcome).where(c.id == listed["id"])).one()
    assert tuple(row) == ("discarded", "**********")


def test_a_file_that_could_not_be_sent_is_sent_again_as_its_alarm_says(party: Party) -> None:
    party.fails_to_send()
    (listed,) = party("files", "list", "--json").json
    assert (listed["direction"], listed["name"], listed["state"]) == ("outgoing", "b.txt", "quarantined")
    (send_again,) = party.commands_advised()

    assert party.advised(send_again).status == 0

    assert party("files", "list", "--json").json == []
    assert party("alarms", "list", "--json").json == []
    assert party.advised(send_again).status == 2, "it is on its way already"


def test_an_alarm_is_closed_by_its_number_once(party: Party) -> None:
    with party.transaction() as tx:
        raise_alarm(tx, code="answer-wrong", subject="a.txt", text="what", remedy="do it", now=NOW)
    (alarm,) = party("alarms", "list", "--json").json

    assert party("alarms", "close", alarm["id"], "--json").json == {"closed": alarm["id"]}

    assert party("alarms", "list", "--json").json == []
    assert party("alarms", "close", alarm["id"]).status == 2


@pytest.mark.parametrize("words", [("release", 9), ("discard", 9, "--reason", "x"), ("send-again", 9)])
def test_a_decision_about_no_file_names_the_command_that_lists_them(
    party: Party, words: tuple[object, ...]
) -> None:
    outcome = party("files", *words)

    assert outcome.status == 2
    assert f"`sf2530 {party.name} files list`" in outcome.err


def test_people_see_files_and_alarms_in_their_language(party: Party, language: str) -> None:
    party.has_a_conflict()
    party.fails_to_send()

    files, alarms = party("files", "list").out, party("alarms", "list").out

    states = {"en": ("conflict", "quarantined"), "da": ("konflikt", "i karantæne")}[language]
    assert all(state in files for state in states)
    assert {"en": "Ask the sender", "da": "Spørg afsenderen"}[language] in " ".join(alarms.split())
