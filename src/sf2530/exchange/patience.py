"""Patience with what is not right yet in `IN`: look again ever more rarely, and tell a person in the end.

Kept in memory on purpose: nothing hangs on it, and a process that starts looks at everything afresh.
Alarms are closed by what stands in the database and in `IN`, never by what is remembered here. Because a
transaction may be undone, what happened in it is noted here only after its commit.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

_LONGEST_WAIT_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """Why a file in `IN` can't be taken yet. `code` is the alarm's if it lasts; texts are for people."""

    code: str
    text: str
    remedy: str


@dataclass(slots=True)
class _Trouble:
    since: datetime
    tries: int
    next_look: datetime
    told: str | None = None


class Patience:
    """Remembers which names were not right, and since when."""

    def __init__(self, *, first_wait_seconds: float, alarm_seconds: float) -> None:
        self._first_wait_seconds = first_wait_seconds
        self._alarm_after = timedelta(seconds=alarm_seconds)
        self._troubles: dict[str, _Trouble] = {}

    def may_look(self, name: str, now: datetime) -> bool:
        """Tell if it is time to look at that name (again)."""
        trouble = self._troubles.get(name)
        return trouble is None or now >= trouble.next_look

    def in_portions(self, names: Sequence[str], size: int) -> list[list[str]]:
        """Cut names into portions to be handled at once; what was not right before comes last, each alone.

        A server works off one session's requests in order, so that one file it is stuck at silences the
        others: alone, a file can't be taken for another.
        """
        fresh = [name for name in names if name not in self._troubles]
        troubled = [name for name in names if name in self._troubles]
        troubled.sort(key=lambda name: self._troubles[name].tries)  # the likeliest culprit last of all
        return [fresh[first : first + size] for first in range(0, len(fresh), size)] + [
            [name] for name in troubled
        ]

    def is_due(self, name: str, code: str, now: datetime) -> bool:
        """Tell if a name has not been right for long enough for this alarm, and it is not noted yet."""
        trouble = self._troubles.get(name)
        return trouble is not None and trouble.told != code and now - trouble.since >= self._alarm_after

    def disappoint(self, name: str, now: datetime, *, told: str | None = None) -> None:
        """Note that the name was not right, and the code of the alarm that was just committed, if any."""
        trouble = self._troubles.setdefault(name, _Trouble(since=now, tries=0, next_look=now))
        trouble.tries += 1
        wait = min(self._first_wait_seconds * 2.0 ** min(trouble.tries - 1, 30), _LONGEST_WAIT_SECONDS)
        trouble.next_look = now + timedelta(seconds=wait)
        trouble.told = told or trouble.told

    def forget_absent(self, present: Collection[str]) -> None:
        """Forget the names that are no longer there."""
        for name in self._troubles.keys() - set(present):
            del self._troubles[name]

    def content(self, name: str) -> None:
        """Note that the name is right now."""
        self._troubles.pop(name, None)
