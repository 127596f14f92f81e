from __future__ import annotations

import pytest

from sf2530.ky.states import MOVES, MoveNotAllowed, RunState, check_move


def test_every_state_has_its_moves_and_is_reached_from_the_plan() -> None:
    assert set(MOVES) == set(RunState)
    reached, new = {RunState.PLANNED}, {RunState.PLANNED}
    while new:
        new = set[RunState]().union(*(MOVES[state] for state in new)) - reached
        reached |= new
    assert reached == set(RunState)


def test_a_closed_run_can_only_be_refused_and_a_rejected_one_stays_so() -> None:
    assert MOVES[RunState.CLOSED] == {RunState.REJECTED}
    assert not MOVES[RunState.REJECTED]


@pytest.mark.parametrize("state", RunState)
def test_nothing_is_withheld_without_an_accepted_answer(state: RunState) -> None:
    if RunState.ALLOCATED in MOVES[state]:
        assert state in {RunState.ANSWERED, RunState.HELD}


def test_a_refused_move_says_what_and_where() -> None:
    with pytest.raises(MoveNotAllowed) as refusal:
        check_move("0101 2026-11-30 MD01", RunState.CLOSED, RunState.ASKED)

    assert "closed" in refusal.value.what
    assert refusal.value.where == "0101 2026-11-30 MD01"
