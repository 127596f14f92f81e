"""`sf2530 ky run`: plan payout runs, ask for them, see where they stand, let held ones go on."""

from __future__ import annotations

from typing import Annotated

import typer

from sf2530.database.engines import reading
from sf2530.denmark.business_time import business_date, utc_now
from sf2530.denmark.municipalities import municipality
from sf2530.ky import inquiring, planning, resuming, runs, status
from sf2530.ky.command_options import (
    CONFIG,
    AnyMunicipalityOption,
    AnyValueDateOption,
    ConfigOption,
    MunicipalityOption,
    OptionWrong,
    RunTypeOption,
    SequenceOption,
    ValueDateOption,
    day,
    month,
    run_filter,
    run_key,
)
from sf2530.ky.opening import opened
from sf2530.ky.runs import Run
from sf2530.ky.states import state_label
from sf2530.ky.value_dates import RunDates, dates_of, monthly_dates
from sf2530.language import _, ngettext
from sf2530.records.naming import RunType
from sf2530.terminal.options import JsonOption
from sf2530.terminal.printing import amount, print_json, print_table

run_app = typer.Typer(no_args_is_help=True, help=_("Payout runs, one per municipality and value date."))


@run_app.command("plan", help=_("Put runs into the plan; planning twice plans once."))
def plan(
    *,
    config: ConfigOption = CONFIG,
    months: Annotated[
        str | None,
        typer.Option("--month", metavar="YYYY-MM", help=_("Pay on the month's last banking day.")),
    ] = None,
    value_date: AnyValueDateOption = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--municipality", metavar="CODE", help=_("Only this one; may be given several times.")),
    ] = None,
    run_type: RunTypeOption = RunType.MONTHLY,
    sequence: SequenceOption = 1,
    as_json: JsonOption = False,
) -> None:
    """Plan a run for every municipality of the configuration, or for those named."""
    with opened(config) as (settings, engine):
        dates = _dates(months, value_date, settings.ask_banking_days_before)
        chosen = [municipality(code).code for code in only or ()] or settings.planned_municipalities()
        planned = planning.plan(engine, chosen, dates, run_type=run_type, sequence=sequence, now=utc_now())
    if as_json:
        print_json(
            {"value_date": dates.value_date, "ask_on": dates.ask_on}
            | {"new": planned.new, "already": planned.already}
        )
        return
    typer.echo(
        ngettext(
            "%(new)d run planned for %(day)s (already there: %(already)d). Ask on %(ask)s: `ky run start`.",
            "%(new)d runs planned for %(day)s (already there: %(already)d). Ask on %(ask)s: `ky run start`.",
            planned.new,
        )
        % {"new": planned.new, "already": planned.already, "day": dates.value_date, "ask": dates.ask_on}
    )


@run_app.command("start", help=_("Ask UDK Debitor for all planned runs of a value date."))
def start(
    *,
    value_date: ValueDateOption,
    only: AnyMunicipalityOption = None,
    config: ConfigOption = CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Put the inquiries into the outbox; the serving process sends them."""
    with opened(config) as (settings, engine):
        asked = inquiring.ask_all(engine, run_filter(only, value_date), terms=settings.terms(), now=utc_now())
    if as_json:
        print_json({"asked": [str(key) for key in asked]})
        return
    typer.echo(
        ngettext("%(count)d inquiry is in the outbox.", "%(count)d inquiries are in the outbox.", len(asked))
        % {"count": len(asked)}
    )


@run_app.command("status", help=_("Show where runs stand, and the files that were refused."))
def show_status(
    *,
    value_date: AnyValueDateOption = None,
    only: AnyMunicipalityOption = None,
    config: ConfigOption = CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Show one line per run, with a traffic light and whom it waits for."""
    which = run_filter(only, value_date)
    today = business_date(utc_now())
    with opened(config) as (_settings, engine), reading(engine) as tx:
        found = runs.chosen(tx, which)
        refused = status.refused_files(tx, which)
    if as_json:
        print_json(
            {
                "runs": [status.as_json(run, today=today) for run in found],
                "refused_files": [
                    {"name": one.name, "reason": one.reason, "findings": one.findings} for one in refused
                ],
            }
        )
        return
    print_table(
        [_("Run"), _("Light"), _("State"), _("Waits for"), _("Agreements"), _("Agreed"), _("Withheld")],
        [
            (
                run.key,
                status.light_label(status.light(run, today=today)),
                state_label(run.state),
                status.waits_for(run),
                run.agreements,
                amount(run.agreed_ore),
                amount(run.withheld_ore),
            )
            for run in found
        ],
    )
    _print_problems(found)
    for one in refused:
        typer.echo(f"\n{one.name}: {one.reason}")
        for finding in one.findings:
            typer.echo(f"  {finding}")


@run_app.command("resume", help=_("Let a held run go on, once the reason is removed."))
def resume(
    *,
    only: MunicipalityOption,
    value_date: ValueDateOption,
    run_type: RunTypeOption = RunType.MONTHLY,
    sequence: SequenceOption = 1,
    config: ConfigOption = CONFIG,
) -> None:
    """Put a held run back where it was; a refused file is sent again."""
    key = run_key(only, value_date, run_type, sequence)
    with opened(config) as (_settings, engine):
        state = resuming.resume(engine, key, now=utc_now())
    typer.echo(_("The run %(run)s goes on: it is %(state)s.") % {"run": key, "state": state_label(state)})


def _dates(months: str | None, value_date: str | None, ask_before: int) -> RunDates:
    match months, value_date:
        case str(), None:
            return monthly_dates(*month(months), ask_banking_days_before=ask_before)
        case None, str():
            return dates_of(day(value_date), ask_banking_days_before=ask_before)
        case _:
            raise OptionWrong(
                _("The plan needs a month, or a value date."),
                remedy=_("Give either --month or --value-date."),
            )


def _print_problems(found: list[Run]) -> None:
    for run in found:
        if run.problem:
            typer.echo(f"\n{run.key}: {run.problem}")
