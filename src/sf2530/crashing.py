"""Named points at which a test can kill this process, to prove that nothing is lost or doubled there.

`SF2530_CRASH_AT=after-upload` makes the process kill itself with SIGKILL, as a power cut would, the
first time it reaches that point; `SF2530_CRASH_AT=after-upload:3` the third time. Without the variable
the points do nothing. Every point is named in the docstring of the module that holds it, with what
happens when the process dies there.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from threading import Lock

VARIABLE = "SF2530_CRASH_AT"

_visits: Counter[str] = Counter()
_counting = Lock()


def reached(point: str) -> None:
    """Die here if the environment names this point (and this visit of it)."""
    wanted = os.environ.get(VARIABLE)
    if not wanted:
        return
    name, _colon, visit = wanted.partition(":")
    if name != point:
        return
    with _counting:
        _visits[point] += 1
        due = _visits[point] >= int(visit or 1)
    if due:
        os.kill(os.getpid(), signal.SIGKILL)
