"""Patience with what is not right yet: looked at ever more rarely, told once, forgotten when it goes."""

from __future__ import annotations

from tests.exchange.parties import HandClock

from sf2530.exchange.patience import Patience


def test_it_looks_again_after_waits_that_double() -> None:
    clock = HandClock()
    patience = Patience(first_wait_seconds=1, alarm_seconds=900)
    looks = []
    for second in range(16):
        if patience.may_look("a.txt", clock()):
            looks.append(second)
            patience.disappoint("a.txt", clock())
        clock.passes(1)

    assert looks == [0, 1, 3, 7, 15]


def test_it_never_waits_longer_than_a_minute() -> None:
    clock = HandClock()
    patience = Patience(first_wait_seconds=1, alarm_seconds=900)
    for _time in range(100):
        patience.disappoint("a.txt", clock())

    assert not patience.may_look("a.txt", clock())
    clock.passes(60)
    assert patience.may_look("a.txt", clock())


def test_a_person_is_told_once_of_each_reason() -> None:
    clock = HandClock()
    patience = Patience(first_wait_seconds=1, alarm_seconds=900)

    patience.disappoint("a.txt", clock())
    assert not patience.is_due("a.txt", "size-wrong", clock())
    clock.passes(900)
    assert patience.is_due("a.txt", "size-wrong", clock())
    patience.disappoint("a.txt", clock(), told="size-wrong")

    assert not patience.is_due("a.txt", "size-wrong", clock())
    assert patience.is_due("a.txt", "data-missing", clock())


def test_asking_alone_remembers_nothing() -> None:
    clock = HandClock()
    patience = Patience(first_wait_seconds=1, alarm_seconds=900)
    patience.disappoint("a.txt", clock())
    clock.passes(900)

    assert patience.is_due("a.txt", "size-wrong", clock())
    assert patience.is_due("a.txt", "size-wrong", clock())


def test_what_has_gone_or_is_right_is_forgotten() -> None:
    clock = HandClock()
    patience = Patience(first_wait_seconds=1, alarm_seconds=900)
    for name in ("a.txt", "b.txt", "c.txt"):
        patience.disappoint(name, clock())

    patience.forget_absent(["b.txt", "c.txt"])
    patience.content("c.txt")
    clock.passes(900)

    due = [name for name in ("a.txt", "b.txt", "c.txt") if patience.is_due(name, "size-wrong", clock())]
    assert due == ["b.txt"]
