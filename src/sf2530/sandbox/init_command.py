"""`sf2530 init`: folders, keys, configuration files and databases for the parties one names."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sf2530.database import opening
from sf2530.database.engines import ensure_schema
from sf2530.denmark.business_time import utc_now
from sf2530.errors import UseError
from sf2530.language import _
from sf2530.sandbox.databases import opened
from sf2530.sandbox.demo_folder import usable
from sf2530.sandbox.laying_out import (
    HubAddress,
    connect_parties,
    lay_out,
    lay_out_hub,
    lay_out_party,
    public_key,
)
from sf2530.sandbox.premises import HUB, PARTIES, Premises

HUB_PORT = 2222
SFTP_PORT = 22
SCHEMA = "sf2530"


class PartyName(StrEnum):
    """The parties there are."""

    HUB = "hub"
    DEBITOR = "debitor"
    KY = "ky"


class InitWrong(UseError):
    """The parties can't be laid out as asked."""

    code = "init-wrong"


def init(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help=_("A new folder."))],
    *,
    party: Annotated[
        list[PartyName] | None, typer.Option(help=_("Only this party; may be given several times."))
    ] = None,
    hub_host: Annotated[
        str | None, typer.Option(metavar="HOST", help=_("The hub to use, when it is not one of ours."))
    ] = None,
    hub_port: Annotated[int | None, typer.Option(metavar="PORT", help=_("The hub's port."))] = None,
    hub_key: Annotated[
        list[str] | None,
        typer.Option(metavar="LINE", help=_("The hub's host key, as OpenSSH writes it; may be repeated.")),
    ] = None,
    database: Annotated[
        str | None, typer.Option(metavar="URL", help=_("A PostgreSQL database, else SQLite files."))
    ] = None,
) -> None:
    """Lay out the parties, make their databases, and say what to do next."""
    with usable(directory):
        if directory.exists() and any(directory.iterdir()):
            raise InitWrong(
                _("The folder is not empty."), where=str(directory), remedy=_("Name a new or empty folder.")
            )
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    premises = Premises(directory=directory, name=SCHEMA, database=database)
    chosen = [each.value for each in party] if party else list(PARTIES)
    if set(chosen) == set(PARTIES):
        _lay_out_all(premises, hub_port or HUB_PORT)
    else:
        _lay_out_some(premises, chosen, _hub_address(premises, chosen, hub_host, hub_port, hub_key))
    for name in chosen:
        _say_next(premises, name)


def _lay_out_all(premises: Premises, port: int) -> None:
    lay_out(premises, port=port, patience={})
    with opened(premises) as databases:
        connect_parties(databases.hub, premises, now=utc_now())


def _lay_out_some(premises: Premises, chosen: list[str], hub: HubAddress) -> None:
    for name in chosen:
        if name == HUB:
            lay_out_hub(premises, port=hub.port)
        else:
            lay_out_party(premises, name, hub, patience={})
        ensure_schema(premises.database_url(name))
        with opening.opened(premises.database_url(name), f"sf2530.{name}.migrations"):
            pass


def _hub_address(
    premises: Premises, chosen: list[str], host: str | None, port: int | None, host_keys: list[str] | None
) -> HubAddress:
    """Give the hub that the parties are to use: the one laid out beside them, or the one named."""
    if HUB in chosen:
        lay_out_hub(premises, port=port or HUB_PORT)
        own_key = public_key(premises.private_key(HUB))
        return HubAddress(host=host or "127.0.0.1", port=port or HUB_PORT, host_keys=[own_key])
    if host is None or not host_keys:
        raise InitWrong(
            _("Without a hub of our own, its host and host key must be given."),
            remedy=_('For example: --hub-host sftp.example.dk --hub-key "ssh-ed25519 AAAA…".'),
        )
    return HubAddress(host=host, port=port or SFTP_PORT, host_keys=host_keys)


def _say_next(premises: Premises, name: str) -> None:
    configuration = premises.configuration(name)
    typer.echo(_("%(name)s: sf2530 %(name)s serve --config %(path)s") % {"name": name, "path": configuration})
    if name != HUB:
        typer.echo(_("  public key for the hub: %(key)s") % {"key": public_key(premises.private_key(name))})
