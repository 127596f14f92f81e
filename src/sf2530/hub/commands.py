"""`sf2530 hub`: serve, administer systems, keys and routes, and look at what was carried."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
import typer

from sf2530 import logs
from sf2530.configuration import read_settings
from sf2530.database.content import ContentDirectory
from sf2530.database.engines import reading
from sf2530.database.opening import opened
from sf2530.denmark.business_time import utc_now
from sf2530.errors import UseError
from sf2530.exchange.documents import MetadataRoot
from sf2530.exchange.serving import run_until_stopped
from sf2530.hub import error_codes, history, keys, routes, systems
from sf2530.hub.labels import entry_label, event_label, system_label, transfer_label
from sf2530.hub.serving import MIGRATIONS, serving, write_ready_file
from sf2530.hub.settings import HubSettings
from sf2530.hub.states import SystemState, TransferState
from sf2530.language import _
from sf2530.terminal.options import JsonOption, LogJsonOption, UntilStdinClosesOption
from sf2530.terminal.printing import print_json, print_table

app = typer.Typer(no_args_is_help=True, help=_("Serviceplatformen's file exchange: serve and administer it."))
system_app = typer.Typer(no_args_is_help=True, help=_("The systems that may log in."))
key_app = typer.Typer(no_args_is_help=True, help=_("The public keys that systems log in with."))
route_app = typer.Typer(no_args_is_help=True, help=_("Who may send what to whom."))
app.add_typer(system_app, name="system")
app.add_typer(key_app, name="key")
app.add_typer(route_app, name="route")

ConfigOption = Annotated[
    Path, typer.Option("--config", metavar="PATH", help=_("The hub's configuration file."))
]
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help=_("The system's SFTP user name."))]
_CONFIG = Path("hub.toml")


@app.command(help=_("Serve until stopped by a signal."))
def serve(
    *,
    config: ConfigOption = _CONFIG,
    ready_file: Annotated[
        Path | None,
        typer.Option(metavar="PATH", help=_("Write host, port and host key there (JSON) when ready.")),
    ] = None,
    until_stdin_closes: UntilStdinClosesOption = False,
    as_json: LogJsonOption = False,
) -> None:
    """Serve SFTP until a signal, or the end of standard input, says stop."""
    logs.set_up(as_json=as_json)
    settings = read_settings(config, HubSettings)

    async def serve_until(stop: asyncio.Event) -> None:
        async with serving(settings) as hub:
            if ready_file is not None:
                write_ready_file(ready_file, hub)
            await stop.wait()

    run_until_stopped(serve_until, until_stdin_closes=until_stdin_closes)


@system_app.command("add", help=_("Add a system."))
def add_system(
    name: NameArgument,
    *,
    owner: Annotated[str | None, typer.Option(metavar="CVR", help=_("The owner's CVR number."))] = None,
    it_system: Annotated[str | None, typer.Option(metavar="UUID", help=_("The it-system."))] = None,
    metadata_root: Annotated[
        MetadataRoot, typer.Option(help=_("Root element of its metadata files; older clients want Trigger."))
    ] = MetadataRoot.FILE_METADATA,
    config: ConfigOption = _CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Add a system; the same again changes nothing."""
    new = systems.NewSystem(name=name, owner_cvr=owner, it_system=it_system, metadata_root=metadata_root)
    with _writing(config) as tx:
        added = systems.add(tx, new, now=utc_now())
    _say(_("The system %(name)s may log in once it has a key.") % {"name": name}, added, as_json=as_json)


@system_app.command("disable", help=_("Let a system neither log in nor receive."))
def disable_system(
    name: NameArgument, *, config: ConfigOption = _CONFIG, as_json: JsonOption = False
) -> None:
    """Disable a system; open sessions end within a second or so."""
    with _writing(config) as tx:
        changed = systems.set_state(tx, name, SystemState.DISABLED, now=utc_now())
    _say(_("The system %(name)s is disabled.") % {"name": name}, changed, as_json=as_json)


@system_app.command("enable", help=_("Let a disabled system log in and receive again."))
def enable_system(name: NameArgument, *, config: ConfigOption = _CONFIG, as_json: JsonOption = False) -> None:
    """Enable a system."""
    with _writing(config) as tx:
        changed = systems.set_state(tx, name, SystemState.ACTIVE, now=utc_now())
    _say(_("The system %(name)s is active.") % {"name": name}, changed, as_json=as_json)


@system_app.command("list", help=_("List the systems and their keys."))
def list_systems(*, config: ConfigOption = _CONFIG, as_json: JsonOption = False) -> None:
    """List systems with their keys."""
    with _reading(config) as (tx, _settings):
        found = [(each, keys.of_system(tx, each.id)) for each in systems.every(tx)]
    if as_json:
        print_json([{"system": each, "keys": its_keys} for each, its_keys in found])
        return
    print_table(
        [_("System"), _("State"), _("Owner"), _("Metadata root"), _("Keys")],
        [
            (
                each.name,
                system_label(each.state),
                each.owner_cvr,
                each.metadata_root,
                [_key_text(key) for key in its_keys],
            )
            for each, its_keys in found
        ],
    )


@key_app.command("add", help=_("Let a system log in with a public key."))
def add_key(
    name: NameArgument,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help=_("The .pub file that ssh-keygen wrote; - reads standard input.")
        ),
    ],
    *,
    config: ConfigOption = _CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Add a public key; the same again changes nothing."""
    line = _read_key(file)
    with _writing(config) as tx:
        fingerprint = keys.add(tx, name, line, now=utc_now())
    said = _("%(name)s may log in with %(fingerprint)s.") % {"name": name, "fingerprint": fingerprint}
    _say(said, {"system": name, "fingerprint": fingerprint}, as_json=as_json)


@key_app.command("revoke", help=_("Take a public key back, for good."))
def revoke_key(
    name: NameArgument,
    fingerprint: Annotated[str, typer.Argument(metavar="FINGERPRINT", help=_("SHA256:…, as listed."))],
    *,
    config: ConfigOption = _CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Revoke a key; sessions that came in by it end within a second or so."""
    with _writing(config) as tx:
        keys.revoke(tx, name, fingerprint, now=utc_now())
    said = _("%(name)s can't log in with %(fingerprint)s any more.")
    named = {"name": name, "fingerprint": fingerprint}
    _say(said % named, {"system": name, "fingerprint": fingerprint}, as_json=as_json)


@route_app.command("add", help=_("Open a route from a sender to a recipient."))
def add_route(
    sender: Annotated[str, typer.Argument(metavar="SENDER")],
    recipient: Annotated[str, typer.Argument(metavar="RECIPIENT")],
    *,
    file_service: Annotated[str | None, typer.Option(metavar="NAME", help=_("The catalogue's name."))] = None,
    pattern: Annotated[
        str | None, typer.Option(metavar="GLOB", help=_("Only files whose name matches, as BAFORESP_*."))
    ] = None,
    config: ConfigOption = _CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Open a route; the same again changes nothing."""
    new = routes.NewRoute(sender=sender, recipient=recipient, file_service=file_service, name_pattern=pattern)
    with _writing(config) as tx:
        number = routes.open_route(tx, new, now=utc_now())
    _say(_("Route %(number)s is open.") % {"number": number}, {"route": number}, as_json=as_json)


@route_app.command("close", help=_("Close a route; what was delivered stays."))
def close_route(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help=_("The route's number, as listed."))],
    *,
    config: ConfigOption = _CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Close a route."""
    with _writing(config) as tx:
        routes.close_route(tx, number, now=utc_now())
    _say(_("Route %(number)s is closed.") % {"number": number}, {"route": number}, as_json=as_json)


@route_app.command("list", help=_("List the routes."))
def list_routes(*, config: ConfigOption = _CONFIG, as_json: JsonOption = False) -> None:
    """List routes, closed ones too."""
    with _reading(config) as (tx, _settings):
        found = routes.every(tx)
    if as_json:
        print_json(found)
        return
    headings = ["#", _("Sender"), _("Recipient"), _("File service"), _("Names"), _("Opened"), _("Closed")]
    print_table(headings, [tuple(row.values()) for row in found])


@app.command(help=_("List the latest transfers, the newest first."))
def transfers(
    *,
    limit: Annotated[int, typer.Option(min=1, help=_("At most so many lines."))] = 50,
    state: Annotated[TransferState | None, typer.Option(help=_("Only those in this state."))] = None,
    config: ConfigOption = _CONFIG,
    as_json: JsonOption = False,
) -> None:
    """List transfers."""
    with _reading(config) as (tx, _settings):
        found = history.latest(tx, limit=limit, state=state)
    if as_json:
        print_json(found)
        return
    print_table(
        [
            _("Transfer"),
            _("When"),
            _("Sender"),
            _("Recipients"),
            _("File"),
            _("Bytes"),
            _("State"),
            _("Errors"),
        ],
        [
            (
                *(e.uuid, e.decided_at, e.sender, e.recipients, e.file_name, e.size),
                transfer_label(e.state),
                e.errors,
            )
            for e in found
        ],
    )


@app.command(help=_("Show one transfer's whole life, and its receipt."))
def show(
    transfer: Annotated[str, typer.Argument(metavar="ID", help=_("The FileTransferUUID."))],
    *,
    config: ConfigOption = _CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Show a transfer, its entries, its events and its receipt."""
    with _reading(config) as (tx, _settings):
        life = history.life(tx, transfer)
    if as_json:
        print_json(life)
        return
    its = life.transfer
    facts = (its.file_name, its.sender, its.recipients, its.size, its.senders_file_id)
    print_table(
        [_("File"), _("Sender"), _("Recipients"), _("Bytes"), _("Sender's id"), _("State")],
        [(*facts, transfer_label(its.state))],
    )
    typer.echo()
    headings = [_("Mailbox of"), _("Name"), _("Kind"), _("Bytes"), _("Appeared"), _("Read"), _("Deleted")]
    shown = ("system", "name", "kind", "size", "appeared_at", "read_at", "deleted_at")
    entries = [entry | {"kind": entry_label(entry["kind"])} for entry in life.entries]
    print_table(headings, [[entry[column] for column in shown] for entry in entries])
    typer.echo()
    told = ("number", "at", "kind", "system", "address")
    headings = ["#", _("When"), _("Event"), _("System"), _("Address")]
    events = [event | {"kind": event_label(event["kind"])} for event in life.events]
    print_table(headings, [[event[column] for column in told] for event in events])
    typer.echo(f"\n{life.receipt}")


@app.command(help=_("Prove the ledger's chain, and that all content is there and unaltered."))
def verify(*, config: ConfigOption = _CONFIG, as_json: JsonOption = False) -> None:
    """Verify; ends with 1 if anything is wrong."""
    with _reading(config) as (tx, settings):
        folder = settings.content_directory
        result = history.verify(tx, directory=ContentDirectory(folder) if folder else None)
    if as_json:
        print_json(result)
    else:
        for fault in result.faults:
            typer.echo(fault)
        counted = {"events": result.events, "contents": result.contents, "faults": len(result.faults)}
        typer.echo(_("%(events)s events and %(contents)s contents verified, %(faults)s faults.") % counted)
    if result.faults:
        raise typer.Exit(1)


@app.command(help=_("List the error codes of technical receipts, and what to do."))
def errors(*, as_json: JsonOption = False) -> None:
    """List the error codes."""
    table = [
        (int(code), code.name, each.meaning, each.remedy) for code, each in error_codes.explanations().items()
    ]
    if as_json:
        print_json([dict(zip(("code", "name", "meaning", "remedy"), row, strict=True)) for row in table])
        return
    print_table([_("Code"), _("Name"), _("Meaning"), _("What to do")], table)


@contextmanager
def _writing(config: Path) -> Iterator[sa.Connection]:
    settings = read_settings(config, HubSettings)
    with opened(settings.database, MIGRATIONS) as engine, engine.begin() as tx:
        yield tx


@contextmanager
def _reading(config: Path) -> Iterator[tuple[sa.Connection, HubSettings]]:
    settings = read_settings(config, HubSettings)
    with opened(settings.database, MIGRATIONS) as engine, reading(engine) as tx:
        yield tx, settings


def _say(text: str, value: object, *, as_json: bool) -> None:
    if as_json:
        print_json(value)
    else:
        typer.echo(text)


def _key_text(key: dict[str, object]) -> str:
    revoked = _("revoked")
    return f"{key['fingerprint']} ({revoked})" if key["revoked_at"] else str(key["fingerprint"])


def _read_key(file: Path) -> str:
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UseError(
            _("The file with the public key can't be read."), where=str(file), remedy=_("Name another file.")
        ) from error
