"""`sf2530 layout`: list the layouts there are, check one of your own, and describe them as Markdown."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from sf2530.cli.layout_document import document
from sf2530.language import _
from sf2530.records.findings import Finding, Severity
from sf2530.records.layout_checking import check_file
from sf2530.records.layout_files import default_layouts, load
from sf2530.terminal.options import JsonOption
from sf2530.terminal.printing import console, print_json, table

app = typer.Typer(no_args_is_help=True, help=_("Layouts of the fixed-length files: which bytes mean what."))

DocumentPaths = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[FILE]…", help=_("Layout files; without any, our own layouts.")),
]
CheckedPath = Annotated[Path, typer.Argument(metavar="FILE", help=_("A layout file (TOML)."))]


@app.command("list", help=_("List the layouts that come with sf2530."))
def list_layouts(*, as_json: JsonOption = False) -> None:
    """Print id, kind, profile, version and sizes of our own layouts."""
    layouts = default_layouts()
    if as_json:
        keys = ("id", "kind", "profile", "version", "record_length", "title", "provenance")
        print_json([{key: getattr(layout, key) for key in keys} for layout in layouts])
        return
    headings = (_("Layout"), _("Kind"), _("Profile"), _("Version"), _("Record"), _("Title"))
    rows = (
        (each.id, each.kind, each.profile, each.version, str(each.record_length), each.title)
        for each in layouts
    )
    console().print(table(headings, rows))


@app.command(help=_("Say what is wrong or missing in a layout file. Ends with 1 if it cannot be used."))
def check(file: CheckedPath, *, as_json: JsonOption = False) -> None:
    """Print every finding on a layout file. Raises LayoutUnreadable if it is no readable TOML."""
    findings = check_file(file)
    usable = not any(finding.severity is Severity.ERROR for finding in findings)
    if as_json:
        print_json({"file": str(file), "usable": usable, "findings": [asdict(each) for each in findings]})
    else:
        _print_findings(findings)
        verdict = _("%(file)s can be used.") if usable else _("%(file)s cannot be used.")
        console().print(verdict % {"file": file}, style="green" if usable else "bold red")
    if not usable:
        raise typer.Exit(1)


@app.command("document", help=_("Print the layouts as Markdown tables (in English)."))
def document_layouts(files: DocumentPaths = None) -> None:
    """Print the page that docs/reference/layouts.md holds, or the same for layout files of your own."""
    layouts = [load(file) for file in files] if files else default_layouts()
    typer.echo(document(layouts), nl=False)


def _print_findings(findings: tuple[Finding, ...]) -> None:
    for finding in findings:
        style = "red" if finding.severity is Severity.ERROR else "yellow"
        console().print(str(finding), style=style)
        console().print(f"    {finding.remedy}")
