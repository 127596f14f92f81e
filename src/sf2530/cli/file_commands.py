"""`sf2530 file`: show, check, convert and compare fixed-length files. Masked unless `--reveal`."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from sf2530.cli.comparing import Comparison, compare
from sf2530.cli.convert_command import convert
from sf2530.cli.file_options import FileArgument, LayoutOption, ProfileOption
from sf2530.cli.opening import layout_for, layout_for_both, opened
from sf2530.cli.raw_records import raw_records
from sf2530.cli.showing import (
    difference_for_machines,
    difference_for_people,
    finding_for_people,
    record_for_machines,
    record_for_people,
    report_for_machines,
    verdict_for_people,
)
from sf2530.errors import UseError
from sf2530.language import _, ngettext
from sf2530.records.findings import Report
from sf2530.records.layout import Layout
from sf2530.records.reading import Expected
from sf2530.records.reading import check as check_records
from sf2530.terminal.options import JsonOption, RevealOption
from sf2530.terminal.printing import console, print_json

app = typer.Typer(no_args_is_help=True, help=_("Fixed-length files: show, check, convert and compare them."))
app.command(help=_("Convert a file to CSV or JSON lines, or make a file out of them."))(convert)


class NoSuchLine(UseError):
    """A line was asked for that the file does not have."""

    code = "no-such-line"


@app.command(help=_("Show the records of a file, field by field, whether or not they are correct."))
def show(
    file: FileArgument,
    *,
    layout: LayoutOption = None,
    profile: ProfileOption = None,
    record: Annotated[int | None, typer.Option(min=1, help=_("Only the record in this line."))] = None,
    limit: Annotated[int, typer.Option(min=1, help=_("At most so many records."))] = 10,
    reveal: RevealOption = False,
    as_json: JsonOption = False,
) -> None:
    """Print records with the bytes, content, value and meaning of every field."""
    first, last = (record - 1, record) if record else (0, limit)
    with opened(file) as stream:
        found = layout_for(stream, file, layout, profile)
        records = raw_records(stream, found)
        shown = list(islice(records, first, last))
        more = record is None and next(records, None) is not None
    if record and not shown:
        raise NoSuchLine(
            _("The file has no line %(line)d") % {"line": record},
            where=str(file),
            remedy=_("Count from 1; `sf2530 file check` says how many lines there are."),
        )
    if as_json:
        made = [record_for_machines(each, found, name=file.name, reveal=reveal) for each in shown]
        print_json({"file": str(file), "layout": found.id, "records": made, "more": more})
        return
    for each in shown:
        for part in record_for_people(each, found, name=file.name, reveal=reveal):
            console().print(part)
    if more:
        console().print(_("There are more records: --limit shows more, --record N shows line N."))


@app.command(help=_("Check a file against its layout. Ends with 0 if it is accepted, 1 if it is rejected."))
def check(
    file: FileArgument,
    *,
    layout: LayoutOption = None,
    profile: ProfileOption = None,
    municipality: Annotated[str | None, typer.Option(help=_("The municipality it must be about."))] = None,
    reference: Annotated[str | None, typer.Option(help=_("The delivery it must refer to."))] = None,
    value_date: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help=_("The value date it must have."))
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Print every finding with place, masked value, rule and advice, and then the verdict."""
    expected = Expected(
        municipality=municipality,
        reference=reference,
        value_date=value_date.date() if value_date else None,
    )
    with opened(file) as stream:
        found = layout_for(stream, file, layout, profile)
        report = check_records(stream, found, name=file.name, expected=expected)
    if as_json:
        print_json(report_for_machines(report))
    else:
        _print_report(report)
    if not report.accepted:
        raise typer.Exit(1)


@app.command(help=_("Compare two files of one layout, field by field. Ends with 0 if they agree, 1 if not."))
def diff(
    file: FileArgument,
    second: Annotated[Path, typer.Argument(metavar="SECOND", help=_("The file to compare it with."))],
    *,
    layout: LayoutOption = None,
    profile: ProfileOption = None,
    limit: Annotated[int, typer.Option(min=1, help=_("At most so many differences; all are counted."))] = 100,
    reveal: RevealOption = False,
    as_json: JsonOption = False,
) -> None:
    """Print which records differ and in which fields; agreements are matched by their number."""
    with opened(file) as first_stream, opened(second) as second_stream:
        found = layout_for_both((first_stream, file), (second_stream, second), layout, profile)
        comparison = compare(first_stream, second_stream, found, limit=limit)
    if as_json:
        listed = [difference_for_machines(each, found, reveal=reveal) for each in comparison.listed]
        print_json(
            {"first": str(file), "second": str(second), "layout": found.id}
            | comparison.counts
            | {"differences": listed}
        )
    else:
        _print_comparison(comparison, found, reveal=reveal)
    if not comparison.same:
        raise typer.Exit(1)


def _print_report(report: Report) -> None:
    for finding in report.findings:
        for line in finding_for_people(finding):
            console().print(line)
    if hidden := report.findings_total - len(report.findings):
        console().print(
            ngettext("… and %(count)d more finding", "… and %(count)d more findings", hidden)
            % {"count": hidden}
        )
    console().print(verdict_for_people(report))


def _print_comparison(comparison: Comparison, layout: Layout, *, reveal: bool) -> None:
    for difference in comparison.listed:
        for line in difference_for_people(difference, layout, reveal=reveal):
            console().print(line)
    if comparison.unlisted:
        console().print(
            ngettext(
                "… and %(count)d more difference", "… and %(count)d more differences", comparison.unlisted
            )
            % {"count": comparison.unlisted}
        )
    console().print(
        _(
            "%(equal)d records are the same, %(changed)d differ, "
            "%(first)d are only in the first file, %(second)d only in the second."
        )
        % {
            "equal": comparison.equal,
            "changed": comparison.changed,
            "first": comparison.only_first,
            "second": comparison.only_second,
        }
    )
