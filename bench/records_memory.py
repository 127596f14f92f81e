"""Check a stream of as many records as the command line says, and print the most memory it took, in MiB."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from bench.made_answers import ANSWER, AnswerStream
from sf2530.records.reading import check


def main() -> int:
    """Check, and print the peak of this process; 1 if the file was not accepted."""
    records = int(sys.argv[1])
    report = check(AnswerStream(records), ANSWER, name="answer")
    print(peak_kibibytes() / 1024)
    return 0 if report.accepted and report.records == records else 1


def peak_kibibytes() -> int:
    """Give the peak of this program alone: `getrusage` counts in the process that started it."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
    return int(peak.split()[1])


if __name__ == "__main__":
    sys.exit(main())
