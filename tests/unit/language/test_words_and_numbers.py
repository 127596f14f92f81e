"""States and numbers are shown in the chosen language, every one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum

import pytest

from sf2530.debitor.labels import agreement_label, outcome_label, refusal_label
from sf2530.debitor.states import AgreementState, LineRefusal, Outcome
from sf2530.exchange.labels import incoming_label, outgoing_label
from sf2530.exchange.states import IncomingState, OutgoingState
from sf2530.hub.labels import entry_label, event_label, system_label, transfer_label
from sf2530.hub.states import EntryKind, EventKind, SystemState, TransferState
from sf2530.ky.states import RunState, state_label
from sf2530.ky.status import Light, light_label
from sf2530.language.choosing import chosen
from sf2530.language.numbers import number, tenths

LABELS: list[tuple[type[StrEnum], Callable[..., str | None]]] = [
    (RunState, state_label),
    (Light, light_label),
    (AgreementState, agreement_label),
    (Outcome, outcome_label),
    (LineRefusal, refusal_label),
    (IncomingState, incoming_label),
    (OutgoingState, outgoing_label),
    (SystemState, system_label),
    (TransferState, transfer_label),
    (EntryKind, entry_label),
    (EventKind, event_label),
]


@pytest.fixture
def danish(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SF2530_LANGUAGE", "da")
    chosen.cache_clear()
    yield
    monkeypatch.undo()
    chosen.cache_clear()


@pytest.mark.parametrize(("states", "label"), LABELS, ids=lambda each: each.__name__)
def test_every_state_has_an_english_word(states: type[StrEnum], label: Callable[..., str | None]) -> None:
    assert all(label(state) for state in states)


@pytest.mark.usefixtures("danish")
@pytest.mark.parametrize(("states", "label"), LABELS, ids=lambda each: each.__name__)
def test_every_state_has_a_danish_word(states: type[StrEnum], label: Callable[..., str | None]) -> None:
    assert [state for state in states if label(state) == state.value] == []


def test_a_reason_that_a_person_gave_stays_as_it_is() -> None:
    assert outcome_label("asked the sender") == "asked the sender"
    assert outcome_label(None) is None


def test_english_numbers_have_a_point_and_commas() -> None:
    assert (number(25_000), tenths(4.56)) == ("25,000", "4.6")


@pytest.mark.usefixtures("danish")
def test_danish_numbers_have_a_comma_and_points() -> None:
    assert (number(25_000), tenths(4.56)) == ("25.000", "4,6")
