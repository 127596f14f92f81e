"""The house's rules about sizes and names, measured."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[3] / "src" / "sf2530"
MODULES = sorted(SOURCE.rglob("*.py"))

# A migration is a list of what the tables were on that day; nobody changes it afterwards.
READ_BY_PEOPLE = [module for module in MODULES if module.parent.name != "versions"]

LONGEST_MODULE = 400  # lines
LONGEST_FUNCTION = 40  # lines of body, the docstring left out
DEEPEST_NESTING = 3
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "common", "base", "manager", "misc"}

# A longer module or function stands here with its reason.
EXCEPTIONS: dict[str, str] = {}

Function = ast.FunctionDef | ast.AsyncFunctionDef
BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)


def short(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


@pytest.mark.parametrize("module", READ_BY_PEOPLE, ids=short)
def test_a_module_is_short_enough_to_be_read_at_once(module: Path) -> None:
    lines = len(module.read_text().splitlines())

    assert lines <= LONGEST_MODULE or short(module) in EXCEPTIONS


@pytest.mark.parametrize("module", READ_BY_PEOPLE, ids=short)
def test_every_function_is_short_and_flat(module: Path) -> None:
    tree = ast.parse(module.read_text())

    found = [
        f"{function.name}: {length(function)} lines, nesting {nesting(function)}"
        for function in functions(tree)
        if f"{short(module)}:{function.name}" not in EXCEPTIONS
        and (length(function) > LONGEST_FUNCTION or nesting(function) > DEEPEST_NESTING)
    ]

    assert found == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [short(module) for module in MODULES if module.stem in NAMES_THAT_SAY_NOTHING] == []


def test_every_package_says_what_it_does_and_where_to_start_reading() -> None:
    silent = [
        short(init)
        for init in SOURCE.glob("*/__init__.py")
        if "tart reading in" not in (ast.get_docstring(ast.parse(init.read_text())) or "")
    ]

    assert silent == []


def functions(tree: ast.Module) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def length(function: Function) -> int:
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    if not body:
        return 0
    return (body[-1].end_lineno or 0) - body[0].lineno + 1


def nesting(node: ast.AST) -> int:
    deepest = 0
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function | ast.ClassDef | ast.Lambda):
            continue  # measured by themselves
        # an `elif` is an If inside the else of another, but a reader sees it beside it
        is_elif = isinstance(node, ast.If) and isinstance(child, ast.If) and node.orelse == [child]
        adds = isinstance(child, BLOCKS) and not is_elif
        deepest = max(deepest, nesting(child) + int(adds))
    return deepest
