"""Routes: who may send what to whom. Without an active route nothing is delivered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sf2530.errors import UseError
from sf2530.hub import ledger, systems
from sf2530.hub.ledger import Event
from sf2530.hub.states import EventKind
from sf2530.hub.tables import route, system
from sf2530.language import _


class RouteWrong(UseError):
    """A route can't be closed: there is none."""

    code = "route-wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRoute:
    """A route as it is ordered.

    `file_service` is the catalogue's name, for people; `name_pattern` a glob (`BAFORESP_*`) that file
    names must match. Without one, any name may go that way.
    """

    sender: str
    recipient: str
    file_service: str | None = None
    name_pattern: str | None = None

    def details(self) -> dict[str, ledger.Detail]:
        """Give what the ledger keeps of it."""
        named = {
            "recipient": self.recipient,
            "file_service": self.file_service,
            "name_pattern": self.name_pattern,
        }
        return {name: value for name, value in named.items() if value is not None}


def open_route(tx: sa.Connection, new: NewRoute, *, now: datetime) -> int:
    """Open a route and give its number. The same one again changes nothing."""
    sender, recipient = systems.named(tx, new.sender), systems.named(tx, new.recipient)
    values = {
        "sender_id": sender.id,
        "recipient_id": recipient.id,
        "file_service": new.file_service,
        "name_pattern": new.name_pattern,
    }
    same = [route.c[name].is_not_distinct_from(value) for name, value in values.items()]
    present = tx.execute(sa.select(route.c.id).where(*same, route.c.closed_at.is_(None))).scalar()
    if present is not None:
        return int(present)
    made = tx.execute(sa.insert(route).values(**values, opened_at=now).returning(route.c.id)).scalar_one()
    opened = Event(kind=EventKind.ROUTE_OPENED, at=now, system=new.sender, details=new.details())
    ledger.append(tx, [opened])
    return int(made)


def close_route(tx: sa.Connection, number: int, *, now: datetime) -> None:
    """Close a route. What was delivered stays; what comes after is refused. Closed already: no change."""
    chosen = sa.select(route.c.closed_at, system.c.name).join(system, system.c.id == route.c.sender_id)
    present = tx.execute(chosen.where(route.c.id == number)).one_or_none()
    if present is None:
        what = _("There is no route %(number)s.") % {"number": number}
        raise RouteWrong(what, remedy=_("See the numbers with `sf2530 hub route list`."))
    if present.closed_at is not None:
        return
    tx.execute(sa.update(route).where(route.c.id == number).values(closed_at=now))
    closed = Event(kind=EventKind.ROUTE_CLOSED, at=now, system=present.name, details={"route": number})
    ledger.append(tx, [closed])


def every(tx: sa.Connection) -> Sequence[dict[str, Any]]:
    """Give all routes, closed ones too, with the systems' names."""
    sender, recipient = system.alias(), system.alias()
    chosen = (
        sa.select(
            route.c.id,
            sender.c.name.label("sender"),
            recipient.c.name.label("recipient"),
            route.c.file_service,
            route.c.name_pattern,
            route.c.opened_at,
            route.c.closed_at,
        )
        .join(sender, sender.c.id == route.c.sender_id)
        .join(recipient, recipient.c.id == route.c.recipient_id)
        .order_by(route.c.id)
    )
    return [dict(row) for row in tx.execute(chosen).mappings()]
