"""Print for people and for machines: a table or one JSON document, on standard output."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sf2530.language import _

WIDTH_OF_A_PIPE = 200
"""Columns when nobody's terminal sets the width: lines in a file should not be folded at 80."""

JsonOption = Annotated[bool, typer.Option("--json", help=_("Print JSON for machines instead of a table."))]
RevealOption = Annotated[
    bool, typer.Option("--reveal", help=_("Show personal data in full; without it, it is masked."))
]


def console() -> Console:
    """Make the console to print on. Nothing printed is read as markup: it may come out of a file."""
    found = Console(markup=False, highlight=False, emoji=False)
    if not found.is_terminal:
        found.width = max(found.width, WIDTH_OF_A_PIPE)
    return found


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, title: str = "") -> Table:
    """Lay out rows of plain text under headings."""
    made = Table(title=Text(title) if title else None, title_justify="left", box=None, pad_edge=False)
    for heading in headings:
        made.add_column(Text(heading), overflow="fold")
    for row in rows:
        made.add_row(*(Text(cell) for cell in row))
    return made


def print_json(value: object) -> None:
    """Print one JSON document, indented, Danish letters as they are."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
