"""Write the generated pages of `docs/reference`, in English, or into the folder named. Run by `make docs`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

os.environ["SF2530_LANGUAGE"] = "en"

import typer
import typer.main

from sf2530.cli.layout_document import document
from sf2530.cli.main import build
from sf2530.hub.error_codes import explanations
from sf2530.records.checks import catalogue
from sf2530.records.layout_files import default_layouts

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"
TABLE_BEGINS: Final = (
    "<!-- The table is written by `make docs`; change `src/sf2530/records/checks.py` instead. -->\n"
)
TABLE_ENDS: Final = "<!-- The table ends here. -->\n"

RECEIPT_ERRORS: Final = """\
# Error codes of technical receipts

<!-- Written by `make docs`. Do not edit: change `src/sf2530/hub/error_codes.py` instead. -->

The hub answers every trigger with a receipt. One that is refused names every reason, with the number below,
what is the matter this time, and what to do. 1xx is about the trigger, 2xx about the data file, 3xx about the
way to the recipient, 4xx about the file's name. The official codes are not public: these are ours.

| code | name | meaning | what to do |
|---|---|---|---|
"""
COMMANDS: Final = """\
# Commands

<!-- Written by `make docs`. Do not edit: change the commands' own help instead. -->

Every command says the same with `--help`, in Danish unless `--language en` or `SF2530_LANGUAGE=en` asks for
English. A command ends with 0 if all is well, 1 if data are wrong, 2 if it was used wrongly, and 3 if
something that it needs can't be reached.

"""


def main() -> None:
    """Write every page into the folder that is named, else where it belongs."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else REFERENCE
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


def pages() -> Mapping[str, str]:
    """Give the text of every page by its file's name."""
    return {
        "layouts.md": document(default_layouts()),
        "checks.md": _checks((REFERENCE / "checks.md").read_text(encoding="utf-8")),
        "receipt-errors.md": RECEIPT_ERRORS + "".join(_receipt_errors()),
        "commands.md": COMMANDS + "\n".join(_commands(typer.main.get_command(build([])), "sf2530")),
    }


def _checks(page: str) -> str:
    """Give the page with its table anew; what stands around the table is written by hand."""
    before, _, rest = page.partition(TABLE_BEGINS)
    _old, _, after = rest.partition(TABLE_ENDS)
    heads = "\n| code | severity | rule |\n|---|---|---|\n"
    rows = "".join(f"| `{code}` | {check.severity} | {check.rule} |\n" for code, check in catalogue().items())
    return before + TABLE_BEGINS + heads + rows + "\n" + TABLE_ENDS + after


def _receipt_errors() -> Iterator[str]:
    for code, told in explanations().items():
        yield f"| {code.value} | {code.name.replace('_', ' ').lower()} | {told.meaning}. | {told.remedy} |\n"


def _commands(command: Any, words: str) -> Iterator[str]:
    """Describe a command, then those under it. Typer publishes no types for what it makes of them."""
    yield f"{'#' * (words.count(' ') or 1)}# `{words}`"
    yield ""
    yield str(command.help or "").strip()
    yield ""
    context = typer.Context(command, info_name=words)
    told = [(each.param_type_name, each.get_help_record(context)) for each in command.params]
    for kind in ("argument", "option"):
        yield from _table(kind, [record for its_kind, record in told if its_kind == kind and record])
    for name, sub in getattr(command, "commands", {}).items():
        yield from _commands(sub, f"{words} {name}")


def _table(kind: str, rows: list[tuple[str, str]]) -> Iterator[str]:
    if rows:
        yield f"| {kind} | meaning |"
        yield "|---|---|"
        yield from (f"| `{_cell(name)}` | {_cell(meaning)} |" for name, meaning in rows)
        yield ""


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


if __name__ == "__main__":
    main()
