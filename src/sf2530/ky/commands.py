"""`sf2530 ky`: serve, run payouts, take payments in, hand withholdings out, and see that it all agrees."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from sf2530 import logs
from sf2530.database.engines import reading
from sf2530.denmark.business_time import utc_now
from sf2530.errors import UnreachableError
from sf2530.exchange import file_commands
from sf2530.exchange.disclosing import record_disclosure
from sf2530.exchange.serving import run_until_stopped
from sf2530.ky import exporting, payments, worker
from sf2530.ky.book_commands import add_to
from sf2530.ky.command_options import (
    CONFIG,
    AnyMunicipalityOption,
    ConfigOption,
    MunicipalityOption,
    RunTypeOption,
    SequenceOption,
    ValueDateOption,
    run_filter,
    run_key,
)
from sf2530.ky.exporting import ExportFormat
from sf2530.ky.opening import opened, opened_engine
from sf2530.ky.run_commands import run_app
from sf2530.language import _, ngettext
from sf2530.records.naming import RunType
from sf2530.terminal.options import JsonOption, LogJsonOption, UntilStdinClosesOption
from sf2530.terminal.printing import amount, print_json

app = typer.Typer(no_args_is_help=True, help=_("The benefit system: payout runs and what is withheld."))
payments_app = typer.Typer(no_args_is_help=True, help=_("The payments of a run."))
withholdings_app = typer.Typer(no_args_is_help=True, help=_("What is withheld from the payments."))
app.add_typer(run_app, name="run")
app.add_typer(payments_app, name="payments")
app.add_typer(withholdings_app, name="withholdings")
add_to(app)
file_commands.add_to(app, file_commands.Office(opened=opened_engine, config=CONFIG))

_STANDARD_STREAM = Path("-")


@app.callback()
def _quiet() -> None:
    """Keep logs off the output of commands; `serve` sets its own."""
    logs.set_up(as_json=False, level=logging.WARNING)


@app.command(help=_("Serve until stopped by a signal."))
def serve(
    *,
    config: ConfigOption = CONFIG,
    until_stdin_closes: UntilStdinClosesOption = False,
    as_json: LogJsonOption = False,
) -> None:
    """Take part in the exchange, and let runs advance by themselves."""
    logs.set_up(as_json=as_json)
    with opened(config) as (settings, engine):
        run_until_stopped(partial(worker.serve, engine, settings), until_stdin_closes=until_stdin_closes)


@payments_app.command("import", help=_("Put a list in place of a run's payments, whole or not at all."))
def import_payments(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help=_("CSV or JSON lines; - reads standard input."))
    ],
    *,
    only: MunicipalityOption,
    value_date: ValueDateOption,
    run_type: RunTypeOption = RunType.MONTHLY,
    sequence: SequenceOption = 1,
    config: ConfigOption = CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Import a payments list; the run's withholdings follow by themselves once its answer is there."""
    key = run_key(only, value_date, run_type, sequence)
    with opened(config) as (_settings, engine), _reading_from(file) as content:
        done = payments.import_payments(engine, key, content, name=file.name, now=utc_now())
    if as_json:
        print_json({"run": str(key), "payments": done.payments, "net_ore": done.net_ore})
        return
    typer.echo(
        ngettext(
            "%(count)d payment, net %(amount)s kr.", "%(count)d payments, net %(amount)s kr.", done.payments
        )
        % {"count": done.payments, "amount": amount(done.net_ore)}
    )


@withholdings_app.command(
    "export", help=_("Write withholdings for the payment system, with totals and hash.")
)
def export_withholdings(
    *,
    output: Annotated[
        Path, typer.Option("--output", metavar="FILE", help=_("The file to write; it must not be there yet."))
    ],
    value_date: ValueDateOption,
    only: AnyMunicipalityOption = None,
    form: Annotated[ExportFormat, typer.Option("--format", help=_("CSV or JSON lines."))] = ExportFormat.CSV,
    config: ConfigOption = CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Write the file with whole CPR numbers, readable by its owner alone; print the totals."""
    which = run_filter(only, value_date)
    with opened(config) as (_settings, engine):
        with reading(engine) as tx:
            rows = exporting.count_rows(tx, which)
        what = " ".join(["withholdings export", value_date, only or ""]).rstrip()
        record_disclosure(engine, what=what, numbers=rows, now=utc_now())
        with reading(engine) as tx, _writing_to(output) as file:
            done = exporting.export_withholdings(tx, which, file, form=form)
    if as_json:
        print_json(done.as_json())
        return
    typer.echo(
        ngettext(
            "%(count)d withholding, withheld %(withheld)s of %(agreed)s kr. SHA-256 %(hash)s",
            "%(count)d withholdings, withheld %(withheld)s of %(agreed)s kr. SHA-256 %(hash)s",
            done.withholdings,
        )
        % {
            "count": done.withholdings,
            "withheld": amount(done.withheld_ore),
            "agreed": amount(done.agreed_ore),
            "hash": done.sha256,
        }
    )


@contextmanager
def _reading_from(path: Path) -> Iterator[BinaryIO]:
    if path == _STANDARD_STREAM:
        yield sys.stdin.buffer
        return
    try:
        file = path.open("rb")
    except OSError as error:
        raise _unreadable(path, error) from error
    with file:
        yield file


@contextmanager
def _writing_to(path: Path) -> Iterator[BinaryIO]:
    try:
        path.touch(mode=0o600, exist_ok=False)  # it holds CPR numbers
        file = path.open("wb")
    except OSError as error:
        raise _unreadable(path, error) from error
    with file:
        yield file


def _unreadable(path: Path, error: OSError) -> UnreachableError:
    return UnreachableError(
        _("The file can't be opened: %(why)s") % {"why": error.strerror},
        where=str(path),
        remedy=_("Name another file."),
    )
