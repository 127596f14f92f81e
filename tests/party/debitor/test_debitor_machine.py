"""Any order of agreements, inquiries, repeats, conflicts and reports, against a simple model.

Held after every step, on both databases: each file has one outcome; every mark is in the answer and the other
way round, at most once; an answer keeps its bytes; every expectation is settled, refused or missing, and
sums agree to the øre.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import hypothesis
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from sf2530.debitor.states import Outcome
from sf2530.exchange.states import IncomingState
from sf2530.records.layout import FileKind
from sf2530.records.naming import RunKey, file_name

if TYPE_CHECKING:
    from tests.party.debitor.conftest import DebitorTown

MUNICIPALITIES = ("0101", "0147")
AGREED = 1_500_00

# What a report's line says about an agreement: withheld øre, reason, and the state that it leads to.
LINES = {
    "full": (AGREED, "00", "settled"),
    "partly": (700_00, "01", "partly"),
    "zero": (0, "02", "zero"),
    "too much": (AGREED + 1, "00", "refused"),
    "silent": (None, "", "open"),
}
WITHHELD = {"settled": AGREED, "partly": 700_00, "zero": 0, "refused": 0, "open": 0}


@dataclass
class Run:
    """What the model knows of one answered inquiry."""

    key: RunKey
    marks: dict[str, str]
    answer: bytes
    reported: tuple[dict[str, object], ...] | None = None
    stranger_lines: int = 0


@dataclass
class Model:
    agreements: dict[str, list[str]] = field(default_factory=lambda: {code: [] for code in MUNICIPALITIES})
    runs: list[Run] = field(default_factory=list)
    names: int = 0


class DebitorMachine(RuleBasedStateMachine):
    """Starts each of its examples on a fresh database."""

    def __init__(self, make: Callable[[], DebitorTown]) -> None:
        super().__init__()
        self.debitor = make()
        self.model = Model()

    def teardown(self) -> None:
        self.debitor.engine.dispose()

    def _other_name(self) -> str:
        self.model.names += 1
        return f"FILE_{self.model.names}.txt"

    @rule(code=st.sampled_from(MUNICIPALITIES), count=st.integers(1, 4))
    def agreements_come(self, code: str, count: int) -> None:
        self.model.agreements[code] += self.debitor.has_agreements(code, count=count)

    @rule(code=st.sampled_from(MUNICIPALITIES))
    def municipality_asks(self, code: str) -> None:
        key = self.debitor.run(code, sequence=len(self.model.runs) + 1)

        assert self.debitor.is_asked(key) is Outcome.ANSWERED

        marks = dict.fromkeys(self.model.agreements[code], "open")
        self.model.runs.append(Run(key, marks, self.debitor.answer_to(key)))

    @precondition(lambda self: self.model.runs)
    @rule(data=st.data())
    def same_inquiry_comes_again(self, data: st.DataObject) -> None:
        run = data.draw(st.sampled_from(self.model.runs))

        assert self.debitor.is_asked(run.key, name=self._other_name()) is Outcome.REPEATED

    @precondition(lambda self: self.model.runs)
    @rule(data=st.data())
    def other_inquiry_comes_under_the_same_id(self, data: st.DataObject) -> None:
        run = data.draw(st.sampled_from(self.model.runs))
        other = self.debitor.inquiry_of(run.key, PERIODE_FRA=run.key.value_date)
        self.debitor.receives(self._other_name(), other)

        assert self.debitor.works() == [Outcome.CONFLICT]

    @precondition(lambda self: any(run.reported is None for run in self.model.runs))
    @rule(data=st.data(), stranger=st.booleans())
    def report_comes(self, data: st.DataObject, *, stranger: bool) -> None:
        run = data.draw(st.sampled_from([run for run in self.model.runs if run.reported is None]))
        lines = []
        for number in run.marks:
            ore, reason, run.marks[number] = LINES[data.draw(st.sampled_from(sorted(LINES)))]
            if ore is not None:
                lines.append(self.debitor.withheld(number, ore, reason=reason))
        if stranger:
            lines.append(self.debitor.withheld("999999999999"))
        run.stranger_lines = int(stranger)
        run.reported = tuple(lines)

        outcome = self.debitor.is_told(run.key, *lines)

        refused = stranger or "refused" in run.marks.values()
        assert outcome is (Outcome.SETTLED_WITH_REFUSALS if refused else Outcome.SETTLED)

    @precondition(lambda self: any(run.reported is not None for run in self.model.runs))
    @rule(data=st.data())
    def same_report_comes_again(self, data: st.DataObject) -> None:
        run = data.draw(st.sampled_from([run for run in self.model.runs if run.reported is not None]))

        again = self.debitor.is_told(run.key, *(run.reported or ()), name=self._other_name())

        assert again is Outcome.REPEATED

    @invariant()
    def every_file_has_one_outcome(self) -> None:
        ended = {IncomingState.PROCESSED, IncomingState.CONFLICT}
        assert set(self.debitor.file_states()) <= ended
        assert set(self.debitor.outbox()) == {file_name(FileKind.ANSWER, run.key) for run in self.model.runs}

    @invariant()
    def marks_and_answers_say_the_same(self) -> None:
        for run in self.model.runs:
            assert self.debitor.marks(run.key) == run.marks
            assert sorted(self.debitor.answered_numbers(run.key)) == sorted(run.marks)
        assert self.debitor.all_marks() == sum(len(run.marks) for run in self.model.runs)

    @invariant()
    def an_answer_keeps_its_bytes(self) -> None:
        for run in self.model.runs:
            assert self.debitor.answer_to(run.key) == run.answer

    @invariant()
    def every_expectation_is_accounted_for_to_the_ore(self) -> None:
        for run in self.model.runs:
            found = self.debitor.reconciled(run.key)
            states = list(run.marks.values())
            assert found.expected == len(states)
            assert (found.settled, found.partly, found.zero, found.refused, found.missing) == tuple(
                states.count(state) for state in ("settled", "partly", "zero", "refused", "open")
            )
            assert found.expected_ore == AGREED * len(states)
            assert found.withheld_ore == sum(WITHHELD[state] for state in states)
            assert found.refused_lines == states.count("refused") + run.stranger_lines


def test_whatever_comes_in_whatever_order_everything_is_accounted_for(
    make_debitor: Callable[..., DebitorTown],
) -> None:
    thorough = hypothesis.settings().max_examples > 100
    settings = hypothesis.settings(
        max_examples=100 if thorough else 8,
        stateful_step_count=12,
        suppress_health_check=list(hypothesis.HealthCheck),
    )

    run_state_machine_as_test(
        lambda: DebitorMachine(make_debitor),  # type: ignore[arg-type]  # any factory will do
        settings=settings,
    )
