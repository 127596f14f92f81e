"""`sf2530 file convert`: a file to CSV or JSON lines, and back to a file that passes every check."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated

import typer

from sf2530.cli.converting import to_records, to_rows
from sf2530.cli.file_options import FileArgument, LayoutOption, ProfileOption
from sf2530.cli.opening import layout_for, named_layout, opened
from sf2530.cli.output_files import written
from sf2530.errors import UseError
from sf2530.language import _
from sf2530.records.layout import Layout
from sf2530.records.layout_files import Profile
from sf2530.records.row_files import RowFormat, form_of
from sf2530.terminal.options import JsonOption, RevealOption
from sf2530.terminal.printing import print_json

ToOption = Annotated[RowFormat | None, typer.Option(help=_("What to convert a fixed-length file to."))]
OutputOption = Annotated[
    Path | None,
    typer.Option("--output", "-o", help=_("The file to write; rows go to standard output without it.")),
]
StartOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FIELD=VALUE", help=_("A value of the start record to be written; dates as YYYY-MM-DD.")
    ),
]
OverwriteOption = Annotated[
    bool, typer.Option("--overwrite", help=_("Replace the output file if it is there."))
]


class ConversionUnclear(UseError):
    """It is not said what to convert to, or where to."""

    code = "conversion-unclear"


def convert(
    file: FileArgument,
    *,
    to: ToOption = None,
    output: OutputOption = None,
    layout: LayoutOption = None,
    profile: ProfileOption = None,
    start: StartOption = None,
    overwrite: OverwriteOption = False,
    reveal: RevealOption = False,
    as_json: JsonOption = False,
) -> None:
    """Convert rows (.csv, .jsonl) to a fixed-length file, and a file with any other ending to rows."""
    rows_form = form_of(file)
    if rows_form is not None:
        named = named_layout(layout, profile or Profile.STANDARD) if layout else None
        target = _needed(output)
        with opened(file) as source, written(target, overwrite=overwrite) as made:
            found, records = to_records(
                source, made, form=rows_form, name=file.name, layout=named, start=_start_values(start or [])
            )
    else:
        form = _form(to, output)
        with opened(file) as source, _text_target(output, overwrite=overwrite) as text:
            found = layout_for(source, file, layout, profile)
            records = to_rows(source, found, text, form=form, name=file.name, reveal=reveal)
    if output is not None:
        _tell(output, found, records, as_json=as_json)


def _form(to: RowFormat | None, output: Path | None) -> RowFormat:
    form = to or (form_of(output) if output else None)
    if form is None:
        raise ConversionUnclear(
            _("It is not said what to convert the file to"),
            where="--to",
            remedy=_("Say --to csv or --to jsonl, or name an output file that ends so."),
        )
    return form


def _needed(output: Path | None) -> Path:
    if output is None:
        raise ConversionUnclear(
            _("It is not said which file to write"),
            where="--output",
            remedy=_("Name the fixed-length file to be made with --output."),
        )
    return output


def _start_values(words: Sequence[str]) -> dict[str, str]:
    values = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise ConversionUnclear(
                _("A value of the start record is given as FIELD=VALUE"),
                where="--start",
                remedy=_("Write it like --start LEVERANCEID=S010120261130MD01."),
            )
        values[name] = value
    return values


@contextmanager
def _text_target(output: Path | None, *, overwrite: bool) -> Iterator[IO[str]]:
    if output is None:
        yield sys.stdout
        return
    with written(output, overwrite=overwrite) as made:
        text = io.TextIOWrapper(made, encoding="utf-8", newline="", write_through=True)
        yield text
        text.detach()


def _tell(output: Path, layout: Layout, records: int, *, as_json: bool) -> None:
    if as_json:
        print_json({"file": str(output), "layout": layout.id, "records": records})
        return
    text = _("%(file)s: %(records)d records, layout %(layout)s")
    typer.echo(text % {"file": output, "records": records, "layout": layout.id}, err=True)
