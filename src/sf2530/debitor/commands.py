"""`sf2530 debitor`: serve, take agreements in and out, look at exchanges, and see what is missing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from sqlalchemy import Connection, Engine

from sf2530 import logs
from sf2530.configuration import read_settings
from sf2530.database.engines import reading
from sf2530.database.opening import opened
from sf2530.debitor import showing
from sf2530.debitor.agreement_files import write_rows
from sf2530.debitor.exchanges import exchange_details, exchanges
from sf2530.debitor.importing import import_agreements
from sf2530.debitor.listing import AgreementFilter, agreements, count_agreements
from sf2530.debitor.reconciling import reconcile
from sf2530.debitor.settings import DebitorSettings
from sf2530.debitor.states import AgreementState
from sf2530.debitor.worker import serve as serve_until
from sf2530.denmark.business_time import utc_now
from sf2530.denmark.municipalities import MunicipalityCode, municipality
from sf2530.exchange import file_commands
from sf2530.exchange.disclosing import record_disclosure
from sf2530.exchange.serving import run_until_stopped
from sf2530.language import _, ngettext
from sf2530.terminal.options import JsonOption, LogJsonOption, RevealOption, UntilStdinClosesOption
from sf2530.terminal.printing import print_json

MIGRATIONS = "sf2530.debitor.migrations"

app = typer.Typer(
    no_args_is_help=True, help=_("UDK Debitor: agreements, inquiries answered, withholdings settled.")
)
agreements_app = typer.Typer(no_args_is_help=True, help=_("The payment administration agreements."))
app.add_typer(agreements_app, name="agreements")

ConfigOption = Annotated[
    Path, typer.Option("--config", metavar="PATH", help=_("UDK Debitor's configuration file."))
]
MunicipalityOption = Annotated[
    str | None, typer.Option("--municipality", metavar="CODE", help=_("Only this one, as 0101 or 101."))
]
StateOption = Annotated[AgreementState | None, typer.Option("--state", help=_("Only those in this state."))]
LimitOption = Annotated[int, typer.Option(min=1, help=_("At most so many lines."))]
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help=_("A .csv or .jsonl file."))]
_CONFIG = Path("debitor.toml")


@app.command(help=_("Serve until stopped by a signal: answer inquiries and settle reports."))
def serve(
    *,
    config: ConfigOption = _CONFIG,
    until_stdin_closes: UntilStdinClosesOption = False,
    as_json: LogJsonOption = False,
) -> None:
    """Take part in the exchange until a signal, or the end of standard input, says stop."""
    logs.set_up(as_json=as_json)
    with _database(config) as (engine, settings):

        async def until(stop: asyncio.Event) -> None:
            await serve_until(engine, settings, stop)

        run_until_stopped(until, until_stdin_closes=until_stdin_closes)


@agreements_app.command("import", help=_("Take in agreements from a file: all of them, or none."))
def import_(file: FileArgument, *, config: ConfigOption = _CONFIG, as_json: JsonOption = False) -> None:
    """Import agreements; with an error in any row, all errors are told and nothing is taken in."""
    with _database(config) as (engine, _settings), _progress() as progress:
        task = progress.add_task(_("rows read"), total=None)
        count = import_agreements(
            engine, file, now=utc_now(), progress=lambda rows: progress.advance(task, rows)
        )
    if as_json:
        print_json({"imported": count})
    else:
        typer.echo(
            ngettext("%(count)d agreement imported.", "%(count)d agreements imported.", count)
            % {"count": count}
        )


@agreements_app.command("export", help=_("Write agreements to a new file, with CPR numbers in full."))
def export(
    file: FileArgument,
    *,
    municipality_code: MunicipalityOption = None,
    state: StateOption = None,
    config: ConfigOption = _CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Export agreements so that `import` takes them again without loss. Only this user may read the file."""
    chosen = AgreementFilter(municipality=_code(municipality_code), state=state)
    with _database(config) as (engine, _settings):
        with reading(engine) as tx:
            expected = count_agreements(tx, chosen)
        _record(engine, f"agreements export {chosen.described()}", expected)
        with reading(engine) as tx:
            count = write_rows(agreements(tx, chosen, reveal=True), file)
    if as_json:
        print_json({"exported": count})
    else:
        typer.echo(
            ngettext(
                "%(count)d agreement written to %(file)s.", "%(count)d agreements written to %(file)s.", count
            )
            % {"count": count, "file": file}
        )


@agreements_app.command("list", help=_("List agreements, masked."))
def list_agreements(
    *,
    municipality_code: MunicipalityOption = None,
    state: StateOption = None,
    number: Annotated[
        str | None, typer.Option(metavar="NUMBER", help=_("Only the one with this agreement number."))
    ] = None,
    limit: LimitOption = 50,
    reveal: RevealOption = False,
    config: ConfigOption = _CONFIG,
    as_json: JsonOption = False,
) -> None:
    """List agreements in the order of municipality, person and priority."""
    chosen = AgreementFilter(
        municipality=_code(municipality_code), state=state, agreement_number=number and number.zfill(12)
    )
    with _database(config) as (engine, _settings):
        with reading(engine) as tx:
            found = list(agreements(tx, chosen, reveal=reveal, limit=limit))
            total = count_agreements(tx, chosen)
        if reveal:
            _record(engine, f"agreements list {chosen.described()}", len(found))
    if as_json:
        print_json({"total": total, "agreements": found})
    else:
        showing.show_agreements(found, total=total)


@app.command("exchanges", help=_("List what has come in and what was replied, the latest first."))
def list_exchanges(
    *,
    municipality_code: MunicipalityOption = None,
    limit: LimitOption = 50,
    config: ConfigOption = _CONFIG,
    as_json: JsonOption = False,
) -> None:
    """List exchanges."""
    with _reading(config) as tx:
        found = exchanges(tx, municipality=_code(municipality_code), limit=limit)
    if as_json:
        print_json(found)
    else:
        showing.show_exchanges(found)


@app.command(help=_("Show one exchange: what was wrong, what was refused, what became of it."))
def show(
    exchange: Annotated[
        str, typer.Argument(metavar="ID", help=_("A delivery id, a file name, or a number of the list."))
    ],
    *,
    reveal: RevealOption = False,
    config: ConfigOption = _CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Show an inquiry or a report in full."""
    with _database(config) as (engine, _settings):
        with reading(engine) as tx:
            found = exchange_details(tx, exchange, reveal=reveal)
        if reveal:
            _record(engine, f"show {found.exchange.file_name}", len(found.refused_lines))
    if as_json:
        print_json(found)
    else:
        showing.show_details(found)


@app.command("reconcile", help=_("Say what became of the expectations; ends with 1 if any is open."))
def reconcile_command(
    *,
    municipality_code: MunicipalityOption = None,
    value_date: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help=_("Only runs of this value date."))
    ] = None,
    config: ConfigOption = _CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Reconcile by inquiry: expected, settled, partly, zero, refused, missing."""
    day: date | None = value_date.date() if value_date else None
    with _reading(config) as tx:
        found = reconcile(tx, municipality=_code(municipality_code), value_date=day)
    if as_json:
        print_json(found)
    else:
        showing.show_reconciliations(found)
    if not all(each.is_closed for each in found):
        raise typer.Exit(1)


def _record(engine: Engine, what: str, numbers: int) -> None:
    record_disclosure(engine, what=what, numbers=numbers, now=utc_now())


def _code(text: str | None) -> MunicipalityCode | None:
    return None if text is None else municipality(text).code


def _progress() -> Progress:
    columns = (SpinnerColumn(), TextColumn("{task.completed:,.0f} {task.description}"), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)


@contextmanager
def _database(config: Path) -> Iterator[tuple[Engine, DebitorSettings]]:
    settings = read_settings(config, DebitorSettings)
    with opened(settings.database, MIGRATIONS) as engine:
        yield engine, settings


@contextmanager
def _reading(config: Path) -> Iterator[Connection]:
    with _database(config) as (engine, _settings), reading(engine) as tx:
        yield tx


@contextmanager
def _engine(config: Path) -> Iterator[Engine]:
    with _database(config) as (engine, _settings):
        yield engine


file_commands.add_to(app, file_commands.Office(opened=_engine, config=_CONFIG))
