"""Every example in a docstring runs, and gives what it says."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path

import pytest

import sf2530

SOURCES = Path(sf2530.__file__).parent
WITH_EXAMPLES = [
    ".".join(("sf2530", *path.relative_to(SOURCES).with_suffix("").parts))
    for path in sorted(SOURCES.rglob("*.py"))
    if ">>> " in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("module", WITH_EXAMPLES)
def test_the_examples_of_a_module_give_what_they_say(module: str) -> None:
    result = doctest.testmod(import_module(module), report=True)

    assert result.attempted > 0
    assert result.failed == 0
