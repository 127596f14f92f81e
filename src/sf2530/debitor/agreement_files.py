"""Read and write files of agreements: CSV and JSON lines, in UTF-8, told apart by the file's ending."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import IO, ClassVar

from sf2530.debitor.agreement_rows import Row, check_fields, field_rules
from sf2530.errors import UnreachableError, UseError
from sf2530.language import _
from sf2530.records.findings import Finding, Place, Severity

Numbered = tuple[int, Row | list[Finding]]
"""A line number, and the row that stands there, or what is wrong with the line as such."""


class FileFormat(StrEnum):
    """What kind of file agreements are kept in."""

    CSV = "csv"
    JSON_LINES = "jsonl"


class FormatUnknown(UseError):
    """A file's ending doesn't say whether it is CSV or JSON lines."""

    code: ClassVar[str] = "agreement-file-format-unknown"


class AgreementFileUnreachable(UnreachableError):
    """A file of agreements can't be opened, read or written."""

    code: ClassVar[str] = "agreement-file-unreachable"


def file_format(path: Path) -> FileFormat:
    """Tell a file's format by its ending: .csv, or .jsonl and .ndjson. Raises FormatUnknown."""
    endings = {".csv": FileFormat.CSV, ".jsonl": FileFormat.JSON_LINES, ".ndjson": FileFormat.JSON_LINES}
    try:
        return endings[path.suffix.lower()]
    except KeyError:
        raise FormatUnknown(
            _("The file's ending doesn't say what kind of file it is."),
            where=str(path),
            remedy=_("Name it .csv or .jsonl."),
        ) from None


@contextmanager
def read_rows(path: Path) -> Iterator[Iterator[Numbered]]:
    """Open a file of agreements and give its rows one by one, with their line numbers.

    A line that is no row at all comes as findings. Raises FormatUnknown and AgreementFileUnreachable.
    """
    read = _csv_rows if file_format(path) is FileFormat.CSV else _json_rows
    with _translated(path), path.open("rb") as file:
        yield read(file, path.name)


def write_rows(rows: Iterable[Mapping[str, object]], path: Path) -> int:
    """Write agreements to a file that `read_rows` reads again without loss, and say how many.

    The file holds CPR numbers: it is made for its owner's eyes only. An existing file is refused.
    Raises FormatUnknown and AgreementFileUnreachable.
    """
    write = _write_csv if file_format(path) is FileFormat.CSV else _write_json
    with _translated(path):
        path.touch(mode=0o600, exist_ok=False)
        with path.open("w", encoding="utf-8", newline="") as file:
            return write(rows, file)


def _csv_rows(file: IO[bytes], name: str) -> Iterator[Numbered]:
    first = _decoded(next(file, b"").removeprefix(b"\xef\xbb\xbf"))
    delimiter = ";" if ";" in first else ","  # spreadsheets in Denmark write semicolons
    fields = next(csv.reader([first], delimiter=delimiter), [])
    if wrong := check_fields(fields, file=name):
        yield 1, wrong
        return
    for line, raw in enumerate(file, start=2):
        values = next(csv.reader([_decoded(raw)], delimiter=delimiter), [])
        if not values:
            continue
        if len(values) == len(fields):
            yield line, dict(zip(fields, values, strict=True))
        else:
            rule = _("as many values as the header has fields")
            yield line, [_broken(name, line, _("The line has too few or too many values"), rule)]


def _json_rows(file: IO[bytes], name: str) -> Iterator[Numbered]:
    for line, raw in enumerate(file, start=1):
        if not raw.strip():
            continue
        try:
            row = json.loads(raw)
        except ValueError:  # no JSON, or not even UTF-8
            row = None
        if isinstance(row, dict):
            yield line, row
        else:
            yield line, [_broken(name, line, _("The line is no JSON object"), _("one JSON object a line"))]


def _decoded(line: bytes) -> str:
    # A letter in another encoding becomes a character that no field accepts, so its field is found wrong.
    return line.decode("utf-8", errors="replace")


def _broken(name: str, line: int, what: str, rule: str) -> Finding:
    return Finding(
        code="agreement-line-broken",
        severity=Severity.ERROR,
        what=what,
        where=Place(file=name, line=line),
        rule=rule,
        remedy=_("Make the file anew."),
    )


def _write_csv(rows: Iterable[Mapping[str, object]], file: IO[str]) -> int:
    writer = csv.DictWriter(file, list(field_rules()), extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    count = 0
    for row in rows:
        writer.writerow(row)
        count += 1
    return count


def _write_json(rows: Iterable[Mapping[str, object]], file: IO[str]) -> int:
    count = 0
    for row in rows:
        values = {name: _plain(row[name]) for name in field_rules()}
        file.write(json.dumps(values, ensure_ascii=False) + "\n")
        count += 1
    return count


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise AgreementFileUnreachable(
            _("The file can't be used: %(why)s") % {"why": error.strerror},
            where=str(path),
            remedy=_("Check the path and the rights, and that a file to be written isn't there yet."),
        ) from error
