"""The public keys that systems log in with: which are good enough, adding, revoking, and who may enter."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import asyncssh
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from sf2530.errors import UseError
from sf2530.hub import ledger, systems
from sf2530.hub.ledger import Event
from sf2530.hub.states import EventKind, SystemState
from sf2530.hub.tables import system, system_key
from sf2530.language import _

_CURVES: Final = ("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521")
_RSA: Final = "ssh-rsa"  # the name of the key type; signatures are made with SHA-2
_LEAST_RSA_BITS: Final = 3_072
SIGNATURES: Final = (*_CURVES, "rsa-sha2-256", "rsa-sha2-512")
"""The signatures that are accepted at login; SHA-1 is not among them."""


class KeyWrong(UseError):
    """A public key can't be used, or is not there."""

    code = "key-wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """A system that may log in, and the keys it may use at this moment: key in wire format → key id."""

    system_id: int
    system: str
    keys: Mapping[bytes, int]


def add(tx: sa.Connection, name: str, line: str, *, now: datetime, valid_to: datetime | None = None) -> str:
    """Let a system log in with a public key, given as OpenSSH writes it; gives its fingerprint.

    The same key again changes nothing. Raises KeyWrong for a key that is unreadable, too weak or has
    been revoked: a revoked key never comes back.
    """
    key = read(line)
    owner = systems.named(tx, name)
    fingerprint = key.get_fingerprint()
    if (present := _find(tx, owner.id, fingerprint)) is not None:
        if present["revoked_at"] is None:
            return fingerprint
        raise KeyWrong(_("This key has been revoked."), where=name, remedy=_("Make a new key."))
    tx.execute(
        sa.insert(system_key).values(
            system_id=owner.id,
            fingerprint=fingerprint,
            public_key=" ".join(key.export_public_key().decode().split()[:2]),
            comment=(key.get_comment() or "")[:255],
            valid_from=now,
            valid_to=valid_to,
        )
    )
    details: dict[str, ledger.Detail] = {"fingerprint": fingerprint}
    ledger.append(tx, [Event(kind=EventKind.KEY_ADDED, at=now, system=name, details=details)])
    return fingerprint


def revoke(tx: sa.Connection, name: str, fingerprint: str, *, now: datetime) -> None:
    """Take a key back for good; sessions that came in by it are closed within a second or so."""
    owner = systems.named(tx, name)
    present = _find(tx, owner.id, fingerprint)
    if present is None:
        raise KeyWrong(
            _("%(name)s has no key %(fingerprint)s.") % {"name": name, "fingerprint": fingerprint},
            remedy=_("See the keys with `sf2530 hub system list --json`."),
        )
    if present["revoked_at"] is not None:
        return
    tx.execute(sa.update(system_key).where(system_key.c.id == present["id"]).values(revoked_at=now))
    details: dict[str, ledger.Detail] = {"fingerprint": fingerprint}
    ledger.append(tx, [Event(kind=EventKind.KEY_REVOKED, at=now, system=name, details=details)])


def of_system(tx: sa.Connection, system_id: int) -> Sequence[dict[str, Any]]:
    """Give all keys of a system, oldest first, without the keys themselves."""
    columns = [
        system_key.c[name] for name in ("fingerprint", "comment", "valid_from", "valid_to", "revoked_at")
    ]
    chosen = sa.select(*columns).where(system_key.c.system_id == system_id).order_by(system_key.c.id)
    return [dict(row) for row in tx.execute(chosen).mappings()]


def entrance(tx: sa.Connection, name: str, *, now: datetime) -> Entrance | None:
    """Find who may log in under a name, and by which keys; None for an unknown or disabled system."""
    owner = systems.find(tx, name)
    if owner is None or not owner.is_active:
        return None
    chosen = sa.select(system_key.c.id, system_key.c.public_key)
    rows = tx.execute(chosen.where(system_key.c.system_id == owner.id, _is_valid(now)))
    keys = {asyncssh.import_public_key(row.public_key).public_data: row.id for row in rows}
    return Entrance(system_id=owner.id, system=owner.name, keys=keys)


def still_valid(tx: sa.Connection, key_ids: Collection[int], *, now: datetime) -> set[int]:
    """Give those of the keys that may be used now by systems that may."""
    chosen = (
        sa.select(system_key.c.id)
        .join(system)
        .where(system_key.c.id.in_(key_ids), system.c.state == SystemState.ACTIVE.value, _is_valid(now))
    )
    return set(tx.execute(chosen).scalars())


def read(line: str) -> asyncssh.SSHKey:
    """Read a public key and see that it is good enough. Raises KeyWrong."""
    if "PRIVATE KEY" in line:
        raise KeyWrong(
            _("This is a private key, which belongs to its owner alone."),
            remedy=_("Give the file beside it that ends in .pub."),
        )
    try:
        key = asyncssh.import_public_key(line)
    except (asyncssh.KeyImportError, ValueError) as error:
        raise KeyWrong(
            _("This is not a public key."),
            remedy=_("Give the line of the file that ends in .pub, as ssh-keygen writes it."),
        ) from error
    if not is_good_enough(key):
        raise KeyWrong(
            _("Keys of this type or length are not accepted."),
            remedy=_("Make one with `ssh-keygen -t ed25519`, or `ssh-keygen -t rsa -b 3072`."),
        )
    return key


def is_good_enough(key: asyncssh.SSHKey) -> bool:
    """Tell if a key may be used: ed25519, ECDSA on a NIST curve, or RSA of 3072 bits and more."""
    kind = key.get_algorithm()
    if kind != _RSA:
        return kind in _CURVES
    public = key.pyca_key
    return isinstance(public, RSAPublicKey) and public.key_size >= _LEAST_RSA_BITS


def _find(tx: sa.Connection, system_id: int, fingerprint: str) -> sa.RowMapping | None:
    chosen = sa.select(system_key.c.id, system_key.c.revoked_at).where(
        system_key.c.system_id == system_id, system_key.c.fingerprint == fingerprint
    )
    return tx.execute(chosen).mappings().one_or_none()


def _is_valid(now: datetime) -> sa.ColumnElement[bool]:
    columns = system_key.c
    return sa.and_(
        columns.revoked_at.is_(None),
        columns.valid_from <= now,
        sa.or_(columns.valid_to.is_(None), columns.valid_to > now),
    )
