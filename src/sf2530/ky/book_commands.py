"""`sf2530 ky report`, `reconcile` and `benefits`: look into the books, and see that they agree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from sf2530.database import content as archive
from sf2530.database.engines import reading
from sf2530.denmark.business_time import utc_now
from sf2530.denmark.cpr import mask
from sf2530.errors import UseError
from sf2530.exchange import outgoing
from sf2530.exchange.disclosing import record_disclosure
from sf2530.ky import benefits, reconciling
from sf2530.ky.benefits import Benefit
from sf2530.ky.command_options import (
    CONFIG,
    AnyMunicipalityOption,
    AnyValueDateOption,
    ConfigOption,
    MunicipalityOption,
    RunTypeOption,
    SequenceOption,
    ValueDateOption,
    run_filter,
    run_key,
)
from sf2530.ky.opening import opened
from sf2530.ky.reconciling import Reconciled, Tally, total
from sf2530.ky.states import state_label
from sf2530.language import _
from sf2530.records.layout import FileKind
from sf2530.records.naming import RunType, file_name
from sf2530.records.reading import decode
from sf2530.terminal.options import JsonOption, RevealOption
from sf2530.terminal.printing import amount, print_json, print_table

_DIFFERENCES_FOUND = 1
"""The exit status when something doesn't agree."""

benefits_app = typer.Typer(no_args_is_help=True, help=_("The benefits that payments may have."))


def add_to(app: typer.Typer) -> None:
    """Add these commands to KY's."""
    app.command("report", help=_("Show the withholding report of a run, as it was sent."))(show_report)
    app.command("reconcile", help=_("Compare what was answered, withheld and reported."))(reconcile)
    app.add_typer(benefits_app, name="benefits")


def show_report(
    *,
    only: MunicipalityOption,
    value_date: ValueDateOption,
    run_type: RunTypeOption = RunType.MONTHLY,
    sequence: SequenceOption = 1,
    config: ConfigOption = CONFIG,
    reveal: RevealOption = False,
    as_json: JsonOption = False,
) -> None:
    """Read the report's own bytes back, and show them."""
    name = file_name(FileKind.REPORT, run_key(only, value_date, run_type, sequence))
    with opened(config) as (settings, engine):
        with reading(engine) as tx:
            sent = outgoing.find(tx, name=name)
            if sent is None:
                raise UseError(
                    _("The run has no report yet."),
                    where=name,
                    remedy=_("See where it stands with `sf2530 ky run status`."),
                )
            decoded = decode(
                archive.get(tx, sent.sha256), settings.terms().layouts[FileKind.REPORT], name=name
            )
        lines: list[dict[str, Any]] = [dict(line) for line in decoded.rows("030")]
        if reveal:
            record_disclosure(engine, what=f"report {name}", numbers=len(lines), now=utc_now())
    if not reveal:
        lines = [line | {"PNR": mask(line["PNR"])} for line in lines]
    if as_json:
        print_json({"name": name, "sha256": sent.sha256, "state": sent.state, "lines": lines})
        return
    print_table(
        [_("Person"), _("Agreement"), _("Agreed"), _("Withheld"), _("Reason"), _("Payment")],
        [
            (
                line["PNR"],
                line["AFTALENR"],
                amount(line["AFTALT_BELOEB"]),
                amount(line["TILBAGEHOLDT_BELOEB"]),
                line["AARSAGSKODE"],
                line["BETALINGSREF"] or None,
            )
            for line in lines
        ],
    )


def reconcile(
    *,
    value_date: AnyValueDateOption = None,
    only: AnyMunicipalityOption = None,
    config: ConfigOption = CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Show every run's counts and amounts, and what doesn't agree; exit status 1 if anything doesn't."""
    with opened(config) as (_settings, engine), reading(engine) as tx:
        found = reconciling.reconcile(tx, run_filter(only, value_date))
    if as_json:
        print_json([_for_machines(one) for one in found])
    else:
        _print_books(found)
    if any(one.differences for one in found):
        raise typer.Exit(_DIFFERENCES_FOUND)


@benefits_app.command("list", help=_("List the benefits."))
def list_benefits(*, config: ConfigOption = CONFIG, as_json: JsonOption = False) -> None:
    """List the benefits, and which are withheld from."""
    with opened(config) as (_settings, engine), reading(engine) as tx:
        found = benefits.all_benefits(tx)
    if as_json:
        print_json(
            [{"code": one.code, "name": one.name, "withheld_from": one.withheld_from} for one in found]
        )
        return
    print_table(
        [_("Code"), _("Name"), _("Withheld from")],
        [(one.code, one.name, _("yes") if one.withheld_from else _("no")) for one in found],
    )


@benefits_app.command("set", help=_("Add a benefit, or change one."))
def set_benefit(
    code: Annotated[str, typer.Argument(metavar="CODE", help=_("1 to 4 of the characters A-Z and 0-9."))],
    *,
    name: Annotated[str, typer.Option(help=_("What it is called."))],
    withheld_from: Annotated[
        bool, typer.Option("--withheld-from/--not-withheld-from", help=_("Is child support taken from it?"))
    ],
    config: ConfigOption = CONFIG,
) -> None:
    """Add or change a benefit; runs that are allocated stay as they are."""
    new = Benefit(code=benefits.checked_code(code), name=name, withheld_from=withheld_from)
    with opened(config) as (_settings, engine), engine.begin() as tx:
        benefits.set_benefit(tx, new)
    typer.echo(_("The benefit %(code)s is in the table.") % {"code": new.code})


def _print_books(found: list[Reconciled]) -> None:
    rows: list[Sequence[object]] = [
        (
            one.run.key,
            state_label(one.run.state),
            *_shown(one.answered),
            *_shown(one.withheld),
            *_shown(one.reported),
        )
        for one in found
    ]
    totals = [total(getattr(one, name) for one in found) for name in ("answered", "withheld", "reported")]
    rows.append((_("Total"), "", *(cell for each in totals for cell in _shown(each))))
    print_table(
        [
            *(_("Run"), _("State")),
            *(_("Answered"), _("Agreed")),
            *(_("Withholdings"), _("Withheld")),
            *(_("Reported"), _("Reported amount")),
        ],
        rows,
    )
    for one in found:
        for difference in one.differences:
            typer.echo(f"{one.run.key}: {difference}")


def _shown(tally: Tally) -> tuple[str, str]:
    return str(tally.count), amount(tally.ore) or ""


def _for_machines(one: Reconciled) -> dict[str, object]:
    return {
        "run": str(one.run.key),
        "municipality": one.run.key.municipality,
        "value_date": one.run.key.value_date,
        "state": one.run.state,
        "asked_at": one.asked_at,
        "answered": {"count": one.answered.count, "ore": one.answered.ore},
        "withheld": {"count": one.withheld.count, "ore": one.withheld.ore},
        "reported": {"count": one.reported.count, "ore": one.reported.ore},
        "differences": one.differences,
    }
