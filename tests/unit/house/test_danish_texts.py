"""What people see is Danish first: every text in the code has its Danish one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

from sf2530.language.choosing import danish_catalogue

SOURCE = Path(__file__).parents[3] / "src" / "sf2530"
PLACEHOLDER = re.compile(r"%\((\w+)\)[#0\- +]?\d*(?:\.\d+)?[sdfrx]")


def texts_in_the_code() -> set[str]:
    found = extract_from_dir(
        SOURCE, method_map=[("**.py", "python")], keywords={"_": None, "ngettext": (1, 2)}
    )
    return {message[0] if isinstance(message, tuple) else message for _, _, message, _, _ in found}


TEXTS = texts_in_the_code()


def test_every_text_has_a_danish_one() -> None:
    catalogue = danish_catalogue()

    missing = sorted(text for text in TEXTS if not (entry := catalogue.get(text)) or not entry.string)

    assert missing == []


def test_no_danish_text_is_left_over_or_uncertain() -> None:
    left_over = [entry.id for entry in danish_catalogue() if entry.id and key(entry.id) not in TEXTS]
    uncertain = [entry.id for entry in danish_catalogue() if entry.id and entry.fuzzy]

    assert (left_over, uncertain) == ([], [])


@pytest.mark.parametrize("text", sorted(TEXTS))
def test_the_danish_text_has_the_same_placeholders(text: str) -> None:
    entry = danish_catalogue().get(text)
    if entry is None or not entry.string:
        pytest.skip("the test of completeness tells")
    danish = entry.string if isinstance(entry.string, list | tuple) else [entry.string]

    assert {frozenset(PLACEHOLDER.findall(form)) for form in danish} == {frozenset(PLACEHOLDER.findall(text))}


def key(message_id: str | list[str] | tuple[str, ...]) -> str:
    return message_id if isinstance(message_id, str) else message_id[0]
