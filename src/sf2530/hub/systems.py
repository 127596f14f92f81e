"""The systems that may log in: adding, disabling, enabling and finding them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from sf2530.errors import UseError
from sf2530.exchange.documents import ROUTING_RECIPIENT, MetadataRoot
from sf2530.hub import ledger
from sf2530.hub.ledger import Event
from sf2530.hub.states import EventKind, SystemState
from sf2530.hub.tables import system
from sf2530.language import _

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_CVR: Final = re.compile(r"[0-9]{8}")


class SystemWrong(UseError):
    """A system can't be added, changed or found as asked."""

    code = "system-wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """One party towards the hub. `name` is its SFTP user name and its address."""

    id: int
    name: str
    state: SystemState
    metadata_root: MetadataRoot
    owner_cvr: str | None
    it_system: str | None

    @property
    def is_active(self) -> bool:
        """Tell if it may log in and be written to."""
        return self.state is SystemState.ACTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSystem:
    """What there is to say about a system when it is added. `it_system` is a UUID."""

    name: str
    owner_cvr: str | None = None
    it_system: str | None = None
    metadata_root: MetadataRoot = MetadataRoot.FILE_METADATA


def add(tx: sa.Connection, new: NewSystem, *, now: datetime) -> System:
    """Add a system. The same again changes nothing; another one of that name raises SystemWrong."""
    new = _checked(new)
    if (present := find(tx, new.name)) is not None:
        return _same_again(present, new)
    values = {
        "name": new.name,
        "owner_cvr": new.owner_cvr,
        "it_system": new.it_system,
        "metadata_root": new.metadata_root.value,
        "state": SystemState.ACTIVE.value,
    }
    tx.execute(sa.insert(system).values(**values, added_at=now))
    ledger.append(tx, [Event(kind=EventKind.SYSTEM_ADDED, at=now, system=new.name)])
    return named(tx, new.name)


def set_state(tx: sa.Connection, name: str, state: SystemState, *, now: datetime) -> System:
    """Disable or enable a system; its files, keys and routes stay. What it is already changes nothing."""
    present = named(tx, name)
    if present.state is state:
        return present
    tx.execute(sa.update(system).where(system.c.id == present.id).values(state=state.value))
    kind = EventKind.SYSTEM_ENABLED if state is SystemState.ACTIVE else EventKind.SYSTEM_DISABLED
    ledger.append(tx, [Event(kind=kind, at=now, system=name)])
    return named(tx, name)


def every(tx: sa.Connection) -> Sequence[System]:
    """Give all systems, by name."""
    return [_system(row) for row in tx.execute(sa.select(system).order_by(system.c.name)).mappings()]


def find(tx: sa.Connection, name: str) -> System | None:
    """Give the system of that name; None if there is none."""
    row = tx.execute(sa.select(system).where(system.c.name == name)).mappings().one_or_none()
    return None if row is None else _system(row)


def named(tx: sa.Connection, name: str) -> System:
    """Give the system of that name. Raises SystemWrong if there is none."""
    if (found := find(tx, name)) is None:
        raise SystemWrong(
            _("There is no system %(name)s.") % {"name": name},
            remedy=_("See the names with `sf2530 hub system list`."),
        )
    return found


def _system(values: sa.RowMapping) -> System:
    return System(
        id=values["id"],
        name=values["name"],
        state=SystemState(values["state"]),
        metadata_root=MetadataRoot(values["metadata_root"]),
        owner_cvr=values["owner_cvr"],
        it_system=values["it_system"],
    )


def _same_again(present: System, new: NewSystem) -> System:
    facts = (present.owner_cvr, present.it_system, present.metadata_root)
    if facts == (new.owner_cvr, new.it_system, new.metadata_root):
        return present
    raise SystemWrong(
        _("There is a system %(name)s already, with other particulars.") % {"name": new.name},
        remedy=_("Give the new one another name."),
    )


def _checked(new: NewSystem) -> NewSystem:
    if not _NAME.fullmatch(new.name) or new.name == ROUTING_RECIPIENT:
        raise SystemWrong(
            _("%(name)s can't be a system's name.") % {"name": repr(new.name)},
            remedy=_("Use letters, digits, underscore, dot and hyphen; at most 64, beginning with a letter."),
        )
    if new.owner_cvr is not None and not _CVR.fullmatch(new.owner_cvr):
        raise SystemWrong(_("A CVR number has eight digits."), remedy=_("Correct the owner's CVR number."))
    if new.it_system is None:
        return new
    try:
        it_system = str(UUID(new.it_system))
    except ValueError as error:
        what = _("The it-system is not a UUID.")
        raise SystemWrong(what, remedy=_("Take it from Fælleskommunalt Administrationsmodul.")) from error
    return NewSystem(
        name=new.name, owner_cvr=new.owner_cvr, it_system=it_system, metadata_root=new.metadata_root
    )
