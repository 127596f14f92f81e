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

_WIDTH_OF_A_PIPE = 200  # lines in a file should not be folded at 80


def print_table(headings: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "") -> None:
    """Print rows under headings; times as the clocks in Denmark show them, nothing as a dash."""
    table = Table(title=Text(title) if title else None, title_justify="left", box=None, pad_edge=False)
    for heading in headings:
        table.add_column(Text(heading), overflow="fold")
    for row in rows:
        table.add_row(*(Text(_shown(cell)) for cell in row))
    console = Console(markup=False, highlight=False)
    if not console.is_terminal:
        console.width = max(console.width, _WIDTH_OF_A_PIPE)
    console.print(table)


def print_json(value: object) -> None:
    """Print one JSON document; dataclasses become objects, dates and times ISO 8601."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_for_machines))


def _for_machines(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, date):  # a datetime is one too
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _shown(cell: object) -> str:
    if isinstance(cell, datetime):
        return copenhagen(cell).strftime("%Y-%m-%d %H:%M:%S")
    return "–" if cell is None or cell == "" else str(cell)
