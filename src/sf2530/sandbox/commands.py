"""The commands that concern all parties: `sf2530 demo`, and `sf2530 init` from beside it."""

from __future__ import annotations

import json
import signal
from datetime import date, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Annotated, ClassVar, NoReturn

import typer
from rich.console import Console

from sf2530.database.engines import open_engine
from sf2530.debitor.settings import DebitorSettings
from sf2530.denmark.banking_days import is_banking_day, last_banking_day
from sf2530.denmark.business_time import business_date, utc_now
from sf2530.errors import UseError
from sf2530.language import _
from sf2530.sandbox import population
from sf2530.sandbox.demo import Demo, run
from sf2530.sandbox.demo_folder import DemoPlan, kept, passing
from sf2530.sandbox.init_command import init
from sf2530.sandbox.screen import screen_for
from sf2530.sandbox.summary import closing_words, drawn


class ValueDateUnusable(UseError):
    """No exchange can be had for this value date."""

    code: ClassVar[str] = "value-date-unusable"


INTERRUPTED = 130  # the exit status of what Ctrl-C ended, as in every shell


def add_to(app: typer.Typer) -> None:
    """Add the commands to the root."""
    demo_help = _("Run one whole national exchange on this machine, all parties, real SFTP.")
    init_help = _("Make folders, keys, configuration and databases for the parties you name.")
    app.command("demo", help=demo_help)(demo)
    app.command("init", help=init_help)(init)


def demo(
    municipalities: Annotated[
        int, typer.Option(min=1, max=98, help=_("How many municipalities take part."))
    ] = 98,
    agreements: Annotated[
        int, typer.Option(min=0, help=_("How many agreements can be set off, in all."))
    ] = population.DEFAULT_AGREEMENTS,
    seed: Annotated[
        int, typer.Option(help=_("The made-up persons hang on this number."))
    ] = population.DEFAULT_SEED,
    value_date: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help=_("The value date; else the month's last banking day.")),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(help=_("A PostgreSQL database (postgresql://…), else SQLite files in the folder.")),
    ] = None,
    directory: Annotated[
        Path | None,
        typer.Option(help=_("A folder to keep; on that of an interrupted demo, it goes on.")),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help=_("Print the figures as one JSON object."))] = False,
    no_console: Annotated[
        bool, typer.Option("--no-console", help=_("End after the summary (there is no console yet)."))
    ] = False,
) -> None:
    """Lay everything out, start the parties, follow the exchange to its end and show what it came to."""
    del no_console  # accepted today, so that scripts need no change when the console is there
    plan = DemoPlan(
        municipalities=municipalities,
        agreements=agreements,
        seed=seed,
        value_date=_value_date(value_date.date() if value_date else None, business_date(utc_now())),
    )
    made_up = population.plan(
        plan.value_date, agreements=agreements, municipalities=municipalities, seed=seed
    )
    if database is not None:
        open_engine(database).dispose()  # says what is wrong with the URL before anything is made
    console = Console(stderr=as_json)
    folder = passing(plan, database) if directory is None else kept(directory, plan, database)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with folder as premises, screen_for(console) as screen:
            summary = run(Demo(premises=premises, population=made_up, clock=utc_now), screen)
    except KeyboardInterrupt:
        _say_interrupted(console, directory)
    if as_json:
        typer.echo(json.dumps(summary.as_json()))
    else:
        console.print(drawn(summary))
        console.print(closing_words(summary), highlight=False)


def _value_date(wanted: date | None, today: date) -> date:
    """Give the day of payout. Raises ValueDateUnusable for one that UDK Debitor would refuse."""
    if wanted is None:
        return next_value_date(today)
    limits = DebitorSettings.model_fields
    first = today - timedelta(days=limits["oldest_days"].default)
    last = today + timedelta(days=limits["farthest_days"].default)
    if not (first <= wanted <= last and is_banking_day(wanted)):
        raise ValueDateUnusable(
            _("There is no payout on that day, or UDK Debitor takes no inquiry for it."),
            where=wanted.isoformat(),
            remedy=_("Choose a banking day from %(first)s to %(last)s.") % {"first": first, "last": last},
        )
    return wanted


def next_value_date(today: date) -> date:
    """Give the last banking day of this month, or of the next one when it is past."""
    this_month = last_banking_day(today.year, today.month)
    if this_month >= today:
        return this_month
    year, month = divmod(today.year * 12 + today.month, 12)
    return last_banking_day(year, month + 1)


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    """Let SIGTERM end the demo as Ctrl-C does: every party is stopped on the way out."""
    raise KeyboardInterrupt


def _say_interrupted(console: Console, directory: Path | None) -> NoReturn:
    console.print(_("Interrupted. No process is left running."))
    if directory is not None:
        console.print(_("The same command goes on where this stopped."))
    raise typer.Exit(INTERRUPTED)
