"""Lay out a sandbox: folders, keys, configuration files, and the hub's systems, keys and routes."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping
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
    PARTIES,
    Premises,
)

LOOPBACK: Final = "127.0.0.1"
POLL_SECONDS: Final = 0.2

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


def lay_out(premises: Premises) -> None:
    """Make folders, keys and configuration files. Keys that are there stay; the rest is written anew.

    The hub's port is a free one of this moment, so that an interrupted sandbox can go on beside another.
    """
    for party in PARTIES:
        premises.folder(party).mkdir(parents=True, exist_ok=True)
        _make_key(premises.private_key(party))
    premises.log(HUB).parent.mkdir(exist_ok=True)
    port = free_port()
    _write(premises, HUB, _hub_settings(premises, port))
    _write(premises, DEBITOR, _party_settings(premises, DEBITOR, port))
    _write(premises, KY, _party_settings(premises, KY, port))


def connect_parties(hub: sa.Engine, premises: Premises, *, now: datetime) -> None:
    """Tell the hub of both systems, their public keys and the routes between them."""
    with hub.begin() as tx:
        for name, party in ((KY_SYSTEM, KY), (DEBITOR_SYSTEM, DEBITOR)):
            systems.add(tx, NewSystem(name=name), now=now)
            keys.add(tx, name, _public_key(premises.private_key(party)), now=now)
        for route in ROUTES:
            routes.open_route(tx, route, now=now)


def free_port() -> int:
    """Give a port on the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _make_key(path: Path) -> None:
    if path.exists():
        return
    key = asyncssh.generate_private_key("ssh-ed25519")
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(key.export_private_key())


def _public_key(path: Path) -> str:
    return asyncssh.read_private_key(path).export_public_key().decode().strip()


def _hub_settings(premises: Premises, port: int) -> Mapping[str, object]:
    settings: dict[str, object] = {
        "host": LOOPBACK,
        "port": port,
        "database": premises.database_url(HUB),
        "host_keys": [premises.private_key(HUB).name],
    }
    if premises.database is None:
        settings["content_directory"] = "content"
    return settings


def _party_settings(premises: Premises, party: str, port: int) -> Mapping[str, object]:
    own, other = (KY_SYSTEM, DEBITOR_SYSTEM) if party == KY else (DEBITOR_SYSTEM, KY_SYSTEM)
    return {
        "database": premises.database_url(party),
        "own_name": own,
        "counterpart": other,
        "exchange": {
            "poll_seconds": POLL_SECONDS,
            "mailbox": {
                "host": LOOPBACK,
                "port": port,
                "user": own,
                "key_file": premises.private_key(party).name,
                "host_keys": [_public_key(premises.private_key(HUB))],
            },
        },
    }


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
