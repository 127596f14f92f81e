"""`files` and `alarms` of every party: what needs a person, and the decisions that a person can take.

A party adds them to its own commands with `add_to`; they act on its database alone.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import typer
from sqlalchemy import Connection, Engine

from sf2530.database.engines import reading
from sf2530.denmark.business_time import utc_now
from sf2530.errors import UseError
from sf2530.exchange import incoming, outgoing
from sf2530.exchange.advice import command
from sf2530.exchange.alarms import close_alarm, open_alarms
from sf2530.exchange.attention import Direction, files_for_a_person
from sf2530.exchange.labels import direction_label, incoming_label, outgoing_label
from sf2530.language import _
from sf2530.terminal.options import JsonOption
from sf2530.terminal.printing import print_json, print_table

ConfigOption = Annotated[Path, typer.Option("--config", metavar="PATH", help=_("The configuration file."))]
FileArgument = Annotated[int, typer.Argument(metavar="ID", help=_("The number that `files list` shows."))]
AlarmArgument = Annotated[int, typer.Argument(metavar="ID", help=_("The number that `alarms list` shows."))]
ReasonOption = Annotated[str, typer.Option(metavar="TEXT", help=_("Why; it is kept with the file."))]


class NothingToDecide(UseError):
    """The file or alarm that a person named waits for no such decision."""

    code: ClassVar[str] = "nothing-to-decide"


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """The party whose commands these are: how to open its database, and its usual configuration file."""

    opened: Callable[[Path], AbstractContextManager[Engine]]
    config: Path


def add_to(app: typer.Typer, office: Office) -> None:
    """Add `files` and `alarms` to a party's commands."""
    files = typer.Typer(no_args_is_help=True, help=_("Files that need a person."))
    for add in (_add_list, _add_release, _add_discard, _add_send_again):
        add(files, office)
    alarms = typer.Typer(no_args_is_help=True, help=_("The alarms that are open."))
    for add in (_add_alarm_list, _add_alarm_close):
        add(alarms, office)
    app.add_typer(files, name="files")
    app.add_typer(alarms, name="alarms")


def _add_list(app: typer.Typer, office: Office) -> None:
    @app.command("list", help=_("List the files that need a person: conflicts, quarantined, refused."))
    def list_files(*, config: ConfigOption = office.config, as_json: JsonOption = False) -> None:
        with office.opened(config) as engine, reading(engine) as tx:
            found = files_for_a_person(tx)
        if as_json:
            print_json(found)
            return
        print_table(
            ["ID", _("Direction"), _("File"), _("State"), _("Other party"), _("Since"), _("Why")],
            [
                (
                    each.id,
                    direction_label(each.direction),
                    each.name,
                    _state_label(each.direction, each.state),
                    each.other_party,
                    each.since,
                    each.why,
                )
                for each in found
            ],
        )


def _add_release(app: typer.Typer, office: Office) -> None:
    @app.command("release", help=_("Let an incoming file be worked on after all."))
    def release(
        file_id: FileArgument, *, config: ConfigOption = office.config, as_json: JsonOption = False
    ) -> None:
        with office.opened(config) as engine, engine.begin() as tx:
            if not incoming.release(tx, file_id, now=utc_now()):
                raise _no_such_incoming(tx, file_id)
        _tell({"released": file_id}, _("The file is worked on again."), as_json=as_json)


def _add_discard(app: typer.Typer, office: Office) -> None:
    @app.command(
        "discard", help=_("Put an incoming file away without effect; its bytes stay in the archive.")
    )
    def discard(
        file_id: FileArgument,
        *,
        reason: ReasonOption,
        config: ConfigOption = office.config,
        as_json: JsonOption = False,
    ) -> None:
        with office.opened(config) as engine, engine.begin() as tx:
            if not incoming.discard(tx, file_id, now=utc_now(), reason=reason):
                raise _no_such_incoming(tx, file_id)
        _tell({"discarded": file_id}, _("The file is put away."), as_json=as_json)


def _add_send_again(app: typer.Typer, office: Office) -> None:
    @app.command("send-again", help=_("Send a file of ours once more, the same name and the same bytes."))
    def send_again(
        file_id: FileArgument, *, config: ConfigOption = office.config, as_json: JsonOption = False
    ) -> None:
        with office.opened(config) as engine, engine.begin() as tx:
            name = outgoing.name_of(tx, file_id)
            if name is None or not outgoing.send_again(tx, name=name, now=utc_now()):
                raise NothingToDecide(
                    _("There is no file of ours with this number that could be sent again."),
                    where=str(file_id),
                    remedy=_see(tx, "files list"),
                )
        _tell({"sent_again": file_id}, _("The file is in the outbox again."), as_json=as_json)


def _add_alarm_list(app: typer.Typer, office: Office) -> None:
    @app.command("list", help=_("List the open alarms, the oldest first."))
    def list_alarms(*, config: ConfigOption = office.config, as_json: JsonOption = False) -> None:
        with office.opened(config) as engine, reading(engine) as tx:
            found = open_alarms(tx)
        if as_json:
            print_json(found)
            return
        print_table(
            ["ID", _("Alarm"), _("Subject"), _("Raised"), _("What"), _("What to do")],
            [(each.id, each.code, each.subject, each.raised_at, each.text, each.remedy) for each in found],
        )


def _add_alarm_close(app: typer.Typer, office: Office) -> None:
    @app.command("close", help=_("Close an alarm: its reason is gone, or somebody has taken care of it."))
    def close(
        alarm_id: AlarmArgument, *, config: ConfigOption = office.config, as_json: JsonOption = False
    ) -> None:
        with office.opened(config) as engine, engine.begin() as tx:
            if not close_alarm(tx, alarm_id, now=utc_now()):
                raise NothingToDecide(
                    _("There is no open alarm with this number."),
                    where=str(alarm_id),
                    remedy=_see(tx, "alarms list"),
                )
        _tell({"closed": alarm_id}, _("The alarm is closed."), as_json=as_json)


def _no_such_incoming(tx: Connection, file_id: int) -> NothingToDecide:
    return NothingToDecide(
        _("There is no incoming file with this number that waits for a decision."),
        where=str(file_id),
        remedy=_see(tx, "files list"),
    )


def _see(tx: Connection, words: str) -> str:
    return _("See what there is with `%(command)s`.") % {"command": command(tx, words)}


def _state_label(direction: Direction, state: str) -> str:
    return incoming_label(state) if direction is Direction.INCOMING else outgoing_label(state)


def _tell(machines: dict[str, int], people: str, *, as_json: bool) -> None:
    if as_json:
        print_json(machines)
    else:
        typer.echo(people)
