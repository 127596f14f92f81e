"""Whatever is lost, late, doubled or contradictory: a run's money is decided once, and adds up."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from sf2530.exchange.states import IncomingState
from sf2530.ky.payments import PaymentsClosed
from sf2530.ky.states import MOVES, RunState

if TYPE_CHECKING:
    from tests.party.ky.conftest import KyTown

ORE = st.integers(0, 3_000_00)
AGREED = st.lists(ORE, max_size=4)
NETS = st.lists(st.integers(-500_00, 3_000_00), max_size=3)


class RunMachine(RuleBasedStateMachine):
    """One run; every message may come at any time, any number of times, right or wrong."""

    make_town: ClassVar[Callable[[], KyTown]]

    def __init__(self) -> None:
        super().__init__()
        self.town = type(self).make_town()
        self.town.plans("0101")
        self.last = RunState.PLANNED
        self.accepted: bytes | None = None
        self.report: bytes | None = None
        self.names = 0

    def teardown(self) -> None:
        self.town.close()

    @rule()
    def asks(self) -> None:
        self.town.starts()

    @rule(nets=NETS)
    def payments_come(self, nets: list[int]) -> None:
        try:
            self.town.takes_payments(*(self.town.paid(net) for net in nets))
        except PaymentsClosed:
            run = self.town.run()
            assert run.allocated_at or run.state is RunState.REJECTED

    @rule(agreed=AGREED, damaged=st.booleans())
    def answer_comes(self, agreed: list[int], *, damaged: bool) -> None:
        content = self.town.answer(*(self.town.agreed(n, ore) for n, ore in enumerate(agreed, start=1)))
        self.names += 1
        before = self.town.run()
        outcome = self.town.receives(content[:-200] if damaged else content, name=f"BASVAR_{self.names}.txt")
        if outcome == "answered":
            assert not damaged
            assert before.awaits_answer
            assert self.accepted is None, "an inquiry has one outcome"
            self.accepted = content
        elif outcome == "repeated":
            assert content == self.accepted

    @precondition(lambda self: self.accepted is not None)
    @rule()
    def answer_comes_again(self) -> None:
        self.names += 1
        assert self.accepted is not None
        outcome = self.town.receives(self.accepted, name=f"BASVAR_{self.names}.txt")
        assert outcome == "repeated"

    @rule(same_name=st.booleans())
    def inquiry_is_rejected(self, *, same_name: bool) -> None:
        self.names += 1
        name = "BAAFVIS_0101_20261130_MD01.txt" if same_name else f"BAAFVIS_{self.names}.txt"
        outcome = self.town.receives(self.town.rejection(), name=name)
        assert outcome in {"rejected", "refused", IncomingState.REPEAT}
        if outcome == "rejected":
            assert self.accepted is None or self.town.run().state is RunState.REJECTED

    @rule(refused=st.booleans())
    def receipt_of_the_inquiry_comes(self, *, refused: bool) -> None:
        self._receipt(self.town.inquiry_name(), refused=refused)

    @rule(refused=st.booleans())
    def receipt_of_the_report_comes(self, *, refused: bool) -> None:
        self._receipt(self.town.report_name(), refused=refused)

    def _receipt(self, name: str, *, refused: bool) -> None:
        if name in self.town.outbox():
            (self.town.hub_refuses if refused else self.town.hub_delivers)(name)

    @rule()
    def works(self) -> None:
        self.town.works()

    @rule()
    def time_passes(self) -> None:
        self.town.clock.passes(120)

    @invariant()
    def the_state_moved_only_where_it_may(self) -> None:
        state = self.town.state()
        assert state in reachable(self.last)
        self.last = state

    @invariant()
    def the_books_agree(self) -> None:
        (books,) = self.town.reconciles()
        assert books.differences == []

    @invariant()
    def no_payment_gives_more_than_it_holds(self) -> None:
        nets = {row[1]: row[8] for row in self.town.rows("payment")}
        taken: dict[str, int] = {}
        for _run, _number, reference, ore in self.town.rows("withholding_share"):
            taken[reference] = taken.get(reference, 0) + ore
        assert all(ore <= nets[reference] for reference, ore in taken.items())

    @invariant()
    def a_report_is_written_once_and_never_changes(self) -> None:
        report = self.town.outbox().get(self.town.report_name())
        if self.report is not None:
            assert report == self.report
        self.report = report


def reachable(state: RunState) -> set[RunState]:
    """Give what a run may have become since it was in `state`; one rule may move it several times."""
    found, new = {state}, {state}
    while new:
        new = set[RunState]().union(*(MOVES[each] for each in new)) - found
        found |= new
    return found


def test_a_run_survives_lost_late_doubled_and_wrong_messages(make_town: Callable[..., Any]) -> None:
    class Machine(RunMachine):
        pass

    Machine.make_town = staticmethod(make_town)
    run_state_machine_as_test(Machine, settings=settings(max_examples=20, stateful_step_count=15))
