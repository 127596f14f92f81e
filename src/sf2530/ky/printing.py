"""Print for people and for machines: a table or one JSON document, on standard output."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sf2530.denmark.ore import format_ore

_WIDTH_OF_A_PIPE = 200  # lines in a file should not be folded at 80


def print_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under headings; what is not known yet as a dash. Nothing is read as markup."""
    table = Table(box=None, pad_edge=False)
    for heading in headings:
        table.add_column(Text(heading), overflow="fold")
    for row in rows:
        table.add_row(*(Text("–" if cell is None else str(cell)) for cell in row))
    console = Console(markup=False, highlight=False)
    if not console.is_terminal:
        console.width = max(console.width, _WIDTH_OF_A_PIPE)
    console.print(table)


def print_json(value: object) -> None:
    """Print one JSON document; dates and instants as ISO 8601."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_for_machines))


def amount(ore: int | None) -> str | None:
    """Give whole øre as people read them: 1.234,56; None stays None."""
    return None if ore is None else format_ore(ore)


def _for_machines(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)
