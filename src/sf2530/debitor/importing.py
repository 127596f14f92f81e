"""Take agreements in: from a CSV or JSON lines file, or from rows that a program makes.

All or nothing: every row is checked and every error told at once, and one error keeps all rows out.
Works in batches, so that a million rows need no more memory than a thousand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from sf2530.debitor.agreement_files import read_rows
from sf2530.debitor.agreement_rows import Row, check_row
from sf2530.debitor.tables import agreement
from sf2530.errors import DataError
from sf2530.language import _, ngettext
from sf2530.records.findings import Finding, FindingLog, Place, Severity
from sf2530.records.row_files import Numbered

BATCH_ROWS = 5_000
_SHOWN = 20

Progress = Callable[[int], None]
"""Is told how many rows were read since it was last called."""


class AgreementsRefused(DataError):
    """An import holds errors, so none of its agreements was taken in. `findings` are the first 1,000."""

    code: ClassVar[str] = "agreements-refused"

    def __init__(self, log: FindingLog, *, source: str) -> None:
        self.findings = tuple(log.kept)
        self.total = log.total
        super().__init__(
            ngettext(
                "No agreement was imported: there is %(count)d error:\n%(errors)s",
                "No agreement was imported: there are %(count)d errors:\n%(errors)s",
                log.total,
            )
            % {"count": log.total, "errors": _listed(log)},
            where=source,
            remedy=_("Correct them at the source and import the whole file again."),
        )


def import_agreements(
    engine: Engine, path: Path, *, now: datetime, progress: Progress = lambda _rows: None
) -> int:
    """Take all agreements of a file in, in one transaction, and say how many.

    On SQLite other writers wait until the import is done. Raises AgreementsRefused with nothing taken in.
    """
    with read_rows(path) as rows, engine.begin() as tx:
        return _take_in(tx, rows, now=now, source=path.name, progress=progress)


def add_agreements(tx: Connection, rows: Iterable[Row], *, now: datetime, source: str = "rows") -> int:
    """Take agreements in within the caller's transaction, and say how many.

    Rows are mappings by the fields of `agreement_rows.field_rules`; in findings they are lines from 1.
    Raises AgreementsRefused; then the caller's transaction has to roll back.
    """
    return _take_in(tx, enumerate(rows, start=1), now=now, source=source, progress=lambda _rows: None)


def _take_in(
    tx: Connection, rows: Iterable[Numbered], *, now: datetime, source: str, progress: Progress
) -> int:
    log = FindingLog()
    count = 0
    numbered = iter(rows)
    while batch := list(islice(numbered, BATCH_ROWS)):
        good = _unknown_so_far(tx, _well_formed(batch, source, log), source, log)
        # Rows are stored even after an error was found: that is how a number that comes twice is noticed,
        # however far apart its lines are. In the end all of it is rolled back.
        if good:
            tx.execute(sa.insert(agreement), [{**row, "created_at": now, "changed_at": now} for row in good])
        count += len(good)
        progress(len(batch))
    if log.total:
        raise AgreementsRefused(log, source=source)
    return count


def _well_formed(batch: Iterable[Numbered], source: str, log: FindingLog) -> dict[int, dict[str, object]]:
    good = {}
    for line, row in batch:
        values, findings = ({}, row) if isinstance(row, list) else check_row(row, file=source, line=line)
        for finding in findings:
            log.add(finding)
        if not findings:
            good[line] = values
    return good


def _unknown_so_far(
    tx: Connection, rows: dict[int, dict[str, object]], source: str, log: FindingLog
) -> list[dict[str, object]]:
    """Give the rows whose agreement number is in no earlier line and not in the database."""
    known = _known_numbers(tx, [row["agreement_number"] for row in rows.values()])
    fresh = []
    for line, row in rows.items():
        number = row["agreement_number"]
        if number in known:
            log.add(_known_already(source, line, str(number)))
        else:
            known.add(number)
            fresh.append(row)
    return fresh


def _known_numbers(tx: Connection, numbers: list[object]) -> set[object]:
    if not numbers:
        return set()
    found = sa.select(agreement.c.agreement_number).where(agreement.c.agreement_number.in_(numbers))
    return set(tx.scalars(found))


def _known_already(source: str, line: int, number: str) -> Finding:
    return Finding(
        code="agreement-known-already",
        severity=Severity.ERROR,
        what=_("There is an agreement with this number already, from an earlier line or an earlier import"),
        where=Place(file=source, line=line, field="agreement_number"),
        shown=number,
        rule=_("an agreement number is used once"),
        remedy=_("Leave the line out, or give the agreement its own number."),
    )


def _listed(log: FindingLog) -> str:
    lines = [f"  {finding}" for finding in log.kept[:_SHOWN]]
    if log.total > _SHOWN:
        lines.append("  … " + _("and %(count)d more") % {"count": log.total - _SHOWN})
    return "\n".join(lines)
