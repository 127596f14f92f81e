"""Print for people and for machines: a table or one JSON document, on standard output."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, is_dataclass
from datetime import date, datetime

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sf2530.denmark.business_time import copenhagen
from sf2530.denmark.ore import format_ore

WIDTH_OF_A_PIPE = 200
"""Columns when nobody's terminal sets the width: lines in a file should not be folded at 80."""


def console() -> Console:
    """Make the console to print on. Nothing printed is read as markup: it may come out of a file."""
    found = Console(markup=False, highlight=False, emoji=False)
    if not found.is_terminal:
        found.width = max(found.width, WIDTH_OF_A_PIPE)
    return found


def table(headings: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "") -> Table:
    """Lay out rows under headings; times as the clocks in Denmark show them, nothing as a dash."""
    made = Table(title=Text(title) if title else None, title_justify="left", box=None, pad_edge=False)
    for heading in headings:
        made.add_column(Text(heading), overflow="fold")
    for row in rows:
        made.add_row(*(Text(_shown(cell)) for cell in row))
    return made


def print_table(headings: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "") -> None:
    """Print rows under headings, as `table` lays them out."""
    console().print(table(headings, rows, title=title))


def print_json(value: object) -> None:
    """Print one JSON document, indented; dataclasses become objects, dates and times ISO 8601."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_for_machines))


def amount(ore: int | None) -> str | None:
    """Give whole øre as people read them: 1.234,56; None stays None."""
    return None if ore is None else format_ore(ore)


def _for_machines(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, date):  # a datetime is one too
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _shown(cell: object) -> str:
    if isinstance(cell, datetime):
        return copenhagen(cell).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, (tuple, list)):
        return ", ".join(str(part) for part in cell) or "–"
    return "–" if cell is None or cell == "" else printable(str(cell))


def printable(text: str) -> str:
    """Give the text in one line, with a dot for each sign that could steer a terminal."""
    return "".join(sign if sign.isprintable() else "·" for sign in " ".join(text.split()))
