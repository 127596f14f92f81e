"""Hand the withholdings to the payment system: CSV or JSON lines, with totals and a hash of the bytes.

One row for each payment that is withheld from, so that the rows of a payment say what to take out of it; an
agreement that nothing is withheld for has one row with a share of zero. The rows hold CPR numbers, whole:
that is what the file is for.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from itertools import groupby
from operator import attrgetter
from typing import Any, BinaryIO

import sqlalchemy as sa
from sqlalchemy import Connection

from sf2530.ky.runs import RunFilter
from sf2530.ky.tables import answered_agreement, payout_run, withholding, withholding_share

FIELDS = (
    "municipality",
    "value_date",
    "run_type",
    "sequence",
    "cpr",
    "agreement_number",
    "claim_reference",
    "agreed_ore",
    "withheld_ore",
    "reason",
    "payment_reference",
    "share_ore",
)


class ExportFormat(StrEnum):
    """The formats that withholdings are exported in."""

    CSV = "csv"
    JSON_LINES = "jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What an export holds: its totals in whole øre, and the SHA-256 of its bytes in hexadecimal."""

    rows: int
    withholdings: int
    agreed_ore: int
    withheld_ore: int
    sha256: str

    def as_json(self) -> dict[str, int | str]:
        """Give the totals for machine output."""
        return asdict(self)


def export_withholdings(
    tx: Connection, which: RunFilter, file: BinaryIO, *, form: ExportFormat = ExportFormat.CSV
) -> Exported:
    """Write the withholdings of the runs meant, in the order of municipality, person and agreement.

    The same withholdings give the same bytes, and so the same hash, on any database. Reads only.
    """
    line = _csv_line if form is ExportFormat.CSV else _json_line
    digest = hashlib.sha256()
    rows = withholdings = agreed_ore = withheld_ore = 0
    last: tuple[str, ...] | None = None
    for piece, row in _lines(tx, which, line, header=form is ExportFormat.CSV):
        digest.update(piece)
        file.write(piece)
        if row is None:
            continue
        rows += 1
        this = (row.run_id, row.agreement_number)
        if this != last:  # the rows of one withholding follow each other
            withholdings += 1
            agreed_ore += row.agreed_ore
            withheld_ore += row.withheld_ore
            last = this
    return Exported(
        rows=rows,
        withholdings=withholdings,
        agreed_ore=agreed_ore,
        withheld_ore=withheld_ore,
        sha256=digest.hexdigest(),
    )


def count_rows(tx: Connection, which: RunFilter) -> int:
    """Say how many rows the export of these runs has: each holds one CPR number."""
    return tx.scalar(sa.select(sa.func.count()).select_from(_query(which).order_by(None).subquery())) or 0


_Line = Callable[[list[Any]], bytes]


def _lines(
    tx: Connection, which: RunFilter, line: _Line, *, header: bool
) -> Iterator[tuple[bytes, sa.Row[Any] | None]]:
    if header:
        yield line(list(FIELDS)), None
    for row in in_byte_order(tx.execute(_query(which))):
        yield line([getattr(row, name) for name in FIELDS]), row


def in_byte_order(rows: Iterable[Any]) -> Iterator[Any]:
    """Put the rows of each withholding, which follow each other, in the byte order of their payments.

    Here and not in the query: a PostgreSQL database sorts text in the way of its own language.
    """
    for _withholding, own in groupby(rows, attrgetter("run_id", "agreement_number")):
        yield from sorted(own, key=lambda row: (row.payment_reference or "").encode())


def _query(which: RunFilter) -> sa.Select[Any]:
    run, agreement, withheld, share = (
        payout_run.c,
        answered_agreement.c,
        withholding.c,
        withholding_share.c,
    )
    named = sa.func.coalesce(share.payment_reference, withheld.payment_reference)
    order = (agreement.cpr, agreement.priority, agreement.valid_from, agreement.agreement_number)
    return (
        sa.select(
            withheld.run_id,
            *(run.municipality, run.value_date, run.run_type, run.sequence),
            *(agreement.cpr, agreement.agreement_number, agreement.claim_reference, agreement.agreed_ore),
            *(withheld.withheld_ore, withheld.reason),
            named.label("payment_reference"),
            sa.func.coalesce(share.withheld_ore, 0).label("share_ore"),
        )
        .select_from(withholding)
        .join(payout_run, run.id == withheld.run_id)
        .join(answered_agreement, _same_agreement(agreement))
        .outerjoin(withholding_share, _same_agreement(share))
        .where(*which.terms())
        .order_by(run.value_date, run.municipality, run.run_type, run.sequence, *order)
    )


def _same_agreement(other: Any) -> sa.ColumnElement[bool]:
    own = withholding.c
    return sa.and_(other.run_id == own.run_id, other.agreement_number == own.agreement_number)


def _csv_line(values: list[Any]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(values)
    return text.getvalue().encode()


def _json_line(values: list[Any]) -> bytes:
    plain = [value.isoformat() if isinstance(value, date) else value for value in values]
    return json.dumps(dict(zip(FIELDS, plain, strict=True)), separators=(",", ":")).encode() + b"\n"
