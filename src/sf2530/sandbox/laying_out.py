"""Lay out a sandbox: folders, keys, configuration files, and the hub's systems, keys and routes."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import asyncssh
import sqlalchemy as sa

from sf2530.hub import keys, routes, systems
from sf2530.hub.routes import NewRoute
from sf2530.hub.systems import NewSystem
from sf2530.sandbox.premises import (
    DEBITOR,
    DEBITOR_SYSTEM,
    HUB,
    KY,
    KY_SYSTEM,
    Premises,
)

LOOPBACK: Final = "127.0.0.1"
POLL_SECONDS: Final = 0.2
LEASE_SECONDS: Final = 3.0
"""A killed party's work is taken over after this; a living one renews what it holds."""

# One writer at a time is all that SQLite has, and a second handler would only wait for it.
HASTE: Final = {"poll_seconds": POLL_SECONDS, "lease_seconds": LEASE_SECONDS, "handlers_at_once": 1}

ROUTES: Final = (
    NewRoute(
        sender=KY_SYSTEM,
        recipient=DEBITOR_SYSTEM,
        file_service="BetalingsadministrationForspørgselSend",
        name_pattern="BAFORESP_*",
    ),
    NewRoute(
        sender=DEBITOR_SYSTEM,
        recipient=KY_SYSTEM,
        file_service="BetalingsadministrationSvarHent",
        name_pattern="BA[SA]*_*",  # answers and reject answers
    ),
    NewRoute(
        sender=KY_SYSTEM,
        recipient=DEBITOR_SYSTEM,
        file_service="KontanthjaelpsudbetalingSend",
        name_pattern="KHTILBAG_*",
    ),
)
"""The three file services of SF2530 and SF2520 in the catalogue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HubAddress:
    """Where the hub is, and the host keys (OpenSSH public key lines) that it is known by."""

    host: str
    port: int
    host_keys: Sequence[str]


def lay_out(premises: Premises, *, port: int, patience: Mapping[str, float]) -> None:
    """Make folders, keys and configuration files for all parties, the hub on this port of the loopback.

    Keys that are there stay; the rest is written anew.
    """
    lay_out_hub(premises, port=port)
    host_key = public_key(premises.private_key(HUB))
    hub = HubAddress(host=LOOPBACK, port=port, host_keys=[host_key])
    for party in (DEBITOR, KY):
        lay_out_party(premises, party, hub, patience=patience)


def lay_out_hub(premises: Premises, *, port: int) -> None:
    """Make the hub's folder, host key and configuration file."""
    _make_folder(premises, HUB)
    settings: dict[str, object] = {
        "host": LOOPBACK,
        "port": port,
        "database": premises.database_url(HUB),
        "host_keys": [premises.private_key(HUB).name],
    }
    if premises.database is None:
        settings["content_directory"] = "content"
    _write(premises, HUB, settings)


def lay_out_party(premises: Premises, party: str, hub: HubAddress, *, patience: Mapping[str, float]) -> None:
    """Make KY's or UDK Debitor's folder, key and configuration file.

    `patience` holds settings of the exchange, in seconds, that are to differ from their defaults.
    """
    _make_folder(premises, party)
    own, other = (KY_SYSTEM, DEBITOR_SYSTEM) if party == KY else (DEBITOR_SYSTEM, KY_SYSTEM)
    mailbox = {
        "host": hub.host,
        "port": hub.port,
        "user": own,
        "key_file": premises.private_key(party).name,
        "host_keys": list(hub.host_keys),
    }
    settings = {
        "database": premises.database_url(party),
        "own_name": own,
        "counterpart": other,
        "exchange": {**patience, "mailbox": mailbox},
    }
    _write(premises, party, settings)


def connect_parties(hub: sa.Engine, premises: Premises, *, now: datetime) -> None:
    """Tell the hub of both systems, their public keys and the routes between them."""
    with hub.begin() as tx:
        for name, party in ((KY_SYSTEM, KY), (DEBITOR_SYSTEM, DEBITOR)):
            systems.add(tx, NewSystem(name=name), now=now)
            keys.add(tx, name, public_key(premises.private_key(party)), now=now)
        for route in ROUTES:
            routes.open_route(tx, route, now=now)


def free_port() -> int:
    """Give a port on the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def public_key(path: Path) -> str:
    """Give the public half of a private key, as one OpenSSH line."""
    return asyncssh.read_private_key(path).export_public_key().decode().strip()


def _make_folder(premises: Premises, party: str) -> None:
    premises.directory.mkdir(parents=True, exist_ok=True)
    premises.folder(party).mkdir(mode=0o700, exist_ok=True)  # its database holds personal data
    premises.log(party).parent.mkdir(exist_ok=True)
    path = premises.private_key(party)
    if path.exists():
        return
    key = asyncssh.generate_private_key("ssh-ed25519")
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(key.export_private_key())


def _write(premises: Premises, party: str, settings: Mapping[str, object]) -> None:
    premises.configuration(party).write_text("\n".join(_toml(settings)) + "\n", encoding="utf-8")


def _toml(settings: Mapping[str, object], table: str = "") -> list[str]:
    """Write settings as TOML, whose strings, numbers and lists look as in JSON."""
    lines = [f"[{table}]"] if table else []
    lines += [
        f"{name} = {json.dumps(value, ensure_ascii=False)}"
        for name, value in settings.items()
        if not isinstance(value, Mapping)
    ]
    for name, value in settings.items():
        if isinstance(value, Mapping):
            lines += ["", *_toml(value, f"{table}.{name}" if table else name)]
    return lines
