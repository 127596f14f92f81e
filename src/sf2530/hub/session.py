"""One client's session: who it is, where it came from, and what it has just handed over."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from sf2530.exchange.file_names import RECEIPT, trigger_name
from sf2530.hub.ledger import Actor
from sf2530.hub.services import Services

_REMEMBERED_SECONDS: Final = 5.0
_REMEMBERED: Final = 32


@dataclass(slots=True, kw_only=True)
class Session:
    """A system that has logged in. `open_files` counts what it holds open."""

    services: Services
    system_id: int
    system: str
    address: str
    open_files: int = 0
    _closed: OrderedDict[str, tuple[int, float]] = field(default_factory=OrderedDict)

    def actor(self) -> Actor:
        """Give the one who does what is done now."""
        return Actor(
            system_id=self.system_id, system=self.system, now=self.services.clock(), address=self.address
        )

    def closed(self, name: str, size: int) -> None:
        """Remember an upload that was closed: its trigger may have taken it away at that moment.

        Many programs ask for the size of what they have just uploaded, and take "no such file" for a
        failure. On the real platform the file is there for a moment longer, and so it seems here.
        """
        self._closed[name] = (size, time.monotonic())
        self._closed.move_to_end(name)
        while len(self._closed) > _REMEMBERED:
            self._closed.popitem(last=False)

    def forget(self, name: str) -> None:
        """Forget an upload that the client itself took away."""
        self._closed.pop(name, None)

    def receipt_seen(self, name: str) -> None:
        """Forget data and trigger that a receipt in `IN` is about: its reader knows that they are gone.

        Whoever sends the file again now must not be told that it lies there still.
        """
        if name.endswith(RECEIPT):
            data_name = name.removesuffix(RECEIPT)
            self.forget(data_name)
            self.forget(trigger_name(data_name))

    def size_of_just_closed(self, name: str) -> int | None:
        """Give the size of an upload that was closed a moment ago."""
        size, at = self._closed.get(name, (0, 0.0))
        return size if name in self._closed and time.monotonic() - at < _REMEMBERED_SECONDS else None
