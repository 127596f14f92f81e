"""Start the parties as processes, start again one that dies, and leave none behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, ClassVar, Self

from sf2530.errors import Sf2530Error
from sf2530.language import _

STOP_SECONDS = 10.0  # how long a party may take to finish what it has begun
FAST_FAILURE_SECONDS = 5.0  # a party that lives shorter than this has not started well
FAST_FAILURES = 3  # in a row, and it is given up
LOG_TAIL_BYTES = 2_000
SERVING = b'"event": "serving"'  # what every party logs when it can be reached and reaches others


class PartyFailed(Sf2530Error):
    """A party could not be kept running."""

    code: ClassVar[str] = "party-failed"


@dataclass(slots=True)
class Party:
    """One party's process: how it is started, where it logs, and how its starts went."""

    name: str
    arguments: tuple[str, ...]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0  # monotonic seconds
    log_begins: int = 0  # bytes of the log that are from before this start
    restarts: int = 0
    fast_failures: int = 0

    def start(self) -> None:
        """Start the process. Its standard input is a pipe from us: when we die, it sees the end and stops."""
        with self.log.open("ab") as log:
            self.log_begins = log.tell()
            self.process = subprocess.Popen(  # noqa: S603  our own program with our own arguments
                [sys.executable, "-m", "sf2530.cli", *self.arguments, "--json", "--until-stdin-closes"],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C reaches us alone, and we stop the parties in order
                env=os.environ | {"PYTHONUNBUFFERED": "1"},
            )
        self.started_at = time.monotonic()

    def is_running(self) -> bool:
        """Tell whether the process lives."""
        return self.process is not None and self.process.poll() is None

    def is_serving(self) -> bool:
        """Tell whether the process has said that it serves."""
        with self.log.open("rb") as log:
            log.seek(self.log_begins)
            return SERVING in log.read()

    def ask_to_stop(self) -> None:
        """Send SIGTERM; the party finishes what it has begun."""
        if self.process is not None and self.is_running():
            self.process.send_signal(signal.SIGTERM)

    def wait(self, *, until: float) -> None:
        """Wait to the monotonic time `until`, then kill."""
        if self.process is None:
            return
        try:
            self.process.wait(timeout=max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        _close(self.process.stdin)


@dataclass(slots=True)
class Supervisor:
    """Keeps the parties running between `start` and `stop`; use it as a context manager."""

    parties: list[Party] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def start(self, party: Party) -> None:
        """Start a party and keep it from now on."""
        party.start()
        self.parties.append(party)

    def keep_running(self) -> None:
        """Start again every party that has died. Raises PartyFailed for one that won't stay up."""
        for party in self.parties:
            if not party.is_running():
                self._start_again(party)

    def restarts(self) -> int:
        """How often a party had to be started again."""
        return sum(party.restarts for party in self.parties)

    def stop(self) -> None:
        """Stop all parties, the last started first; what has not ended in time is killed."""
        until = time.monotonic() + STOP_SECONDS
        for party in reversed(self.parties):
            party.ask_to_stop()
        for party in reversed(self.parties):
            party.wait(until=until)
        self.parties.clear()

    @staticmethod
    def _start_again(party: Party) -> None:
        lived = time.monotonic() - party.started_at
        killed = party.process is not None and (party.process.returncode or 0) < 0
        party.fast_failures = party.fast_failures + 1 if lived < FAST_FAILURE_SECONDS and not killed else 0
        if party.fast_failures >= FAST_FAILURES:
            raise PartyFailed(
                _("The party %(name)s does not stay up. The end of its log:\n%(log)s")
                % {"name": party.name, "log": _tail(party.log)},
                where=str(party.log),
                remedy=_("Read the log, correct the cause and start again."),
            )
        if party.process is not None:
            _close(party.process.stdin)
        party.restarts += 1
        party.start()


def _tail(log: Path) -> str:
    return log.read_bytes()[-LOG_TAIL_BYTES:].decode(errors="replace").strip()


def _close(stream: IO[bytes] | None) -> None:
    if stream is not None:
        stream.close()
