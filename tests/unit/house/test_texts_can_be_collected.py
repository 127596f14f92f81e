"""A text inside an f-string is not collected: it would stay English on a Danish screen, and no test tell."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[3] / "src" / "sf2530"
TRANSLATING = {"_", "gettext", "ngettext"}


def short(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


@pytest.mark.parametrize("module", sorted(SOURCE.rglob("*.py")), ids=short)
def test_no_text_is_translated_inside_an_f_string(module: Path) -> None:
    hidden = [
        f"line {call.lineno}"
        for string in ast.walk(ast.parse(module.read_text()))
        if isinstance(string, ast.JoinedStr)
        for call in ast.walk(string)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in TRANSLATING
    ]

    assert hidden == []
