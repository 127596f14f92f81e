from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from sf2530.database.leases import RetryPolicy, owner_name


def test_waits_double_up_to_the_longest() -> None:
    retry = RetryPolicy(first_seconds=5, longest_seconds=30)
    assert [retry.delay(n).total_seconds() for n in range(1, 6)] == [5, 10, 20, 30, 30]


@given(attempts=st.integers(1, 10**9), first=st.floats(0.001, 3_600), longest=st.floats(1, 10**6))
def test_a_wait_is_never_longer_than_the_longest(attempts: int, first: float, longest: float) -> None:
    delay = RetryPolicy(first_seconds=first, longest_seconds=longest).delay(attempts)
    assert timedelta(0) <= delay <= timedelta(seconds=longest)


def test_no_two_workers_have_the_same_name() -> None:
    assert len({owner_name() for _ in range(100)}) == 100
