"""Alarms: once while they are open, closed by what they waited for, and never with a CPR number in them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from sf2530.database.engines import open_engine
from sf2530.exchange.alarms import close_alarms, open_alarms, raise_alarm
from sf2530.exchange.tables import alarm, metadata

NOW = datetime(2026, 11, 2, 7, 0, tzinfo=UTC)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    opened = open_engine(database_url)
    metadata.create_all(opened)
    yield opened
    opened.dispose()


def raised(engine: Engine, *, subject: str = "a.txt", text: str = "what") -> bool:
    with engine.begin() as tx:
        return raise_alarm(tx, code="receipt-missing", subject=subject, text=text, remedy="do it", now=NOW)


def test_an_alarm_is_raised_once_while_it_is_open(engine: Engine) -> None:
    assert raised(engine)
    assert not raised(engine)
    assert raised(engine, subject="b.txt")

    with engine.begin() as tx:
        assert [each.subject for each in open_alarms(tx)] == ["a.txt", "b.txt"]


def test_a_closed_alarm_can_be_raised_again(engine: Engine) -> None:
    raised(engine)
    with engine.begin() as tx:
        close_alarms(tx, codes=["receipt-missing"], subject="a.txt", now=NOW)
        assert open_alarms(tx) == []

    assert raised(engine)


def test_others_words_are_masked(engine: Engine) -> None:
    raised(engine, text="no route for 610190-1234 and 6101901234")

    with engine.begin() as tx:
        [found] = open_alarms(tx)
    assert "1234" not in found.text


def test_the_database_itself_allows_one_open_alarm_only(engine: Engine) -> None:
    raised(engine)
    with engine.begin() as tx:
        row = dict(tx.execute(sa.select(alarm)).mappings().one())
    del row["id"]

    with pytest.raises(sa.exc.IntegrityError), engine.begin() as tx:
        tx.execute(sa.insert(alarm).values(**row))


def test_a_subject_and_a_remedy_are_masked_and_the_alarm_still_closes(engine: Engine) -> None:
    name = "LIST_610190-1234.txt"
    terms = {"code": "c", "subject": name, "text": "t", "remedy": f"look into {name}"}
    with engine.begin() as tx:
        assert raise_alarm(tx, now=NOW, **terms)
        assert not raise_alarm(tx, now=NOW, **terms), "the same, masked or not"
        [found] = open_alarms(tx)
        close_alarms(tx, codes=["c"], subject=name, now=NOW)
        assert open_alarms(tx) == []

    assert "1234" not in found.subject + found.remedy
