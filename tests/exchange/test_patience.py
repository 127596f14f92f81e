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


def test_a_person_is_told_once() -> None:
    clock = HandClock()
    patience = Patience(first_wait_seconds=1, alarm_seconds=900)

    assert not patience.disappoint("a.txt", clock())
    clock.passes(900)
    assert patience.disappoint("a.txt", clock())
    assert not patience.disappoint("a.txt", clock())


def test_what_has_gone_is_forgotten() -> None:
    clock = HandClock()
    patience = Patience(first_wait_seconds=1, alarm_seconds=900)
    patience.disappoint("a.txt", clock())

    patience.forget_absent(["b.txt"])
    clock.passes(900)

    assert not patience.disappoint("a.txt", clock())
    assert patience.content("a.txt")
    assert not patience.content("a.txt")
