"""Read and write files of agreements: CSV and JSON lines, in UTF-8, told apart by the file's ending."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import IO, ClassVar

from sf2530.debitor.agreement_rows import check_fields, field_rules
from sf2530.errors import UnreachableError, UseError
from sf2530.language import _
from sf2530.records import row_files
from sf2530.records.row_files import Numbered, RowFormat


class FormatUnknown(UseError):
    """A file's ending doesn't say whether it is CSV or JSON lines."""

    code: ClassVar[str] = "agreement-file-format-unknown"


class AgreementFileUnreachable(UnreachableError):
    """A file of agreements can't be opened, read or written."""

    code: ClassVar[str] = "agreement-file-unreachable"


def file_format(path: Path) -> RowFormat:
    """Tell a file's format by its ending: .csv, or .jsonl and .ndjson. Raises FormatUnknown."""
    form = row_files.form_of(path)
    if form is None:
        raise FormatUnknown(
            _("The file's ending doesn't say what kind of file it is."),
            where=str(path),
            remedy=_("Name it .csv or .jsonl."),
        )
    return form


@contextmanager
def read_rows(path: Path) -> Iterator[Iterator[Numbered]]:
    """Open a file of agreements and give its rows one by one, with their line numbers.

    A line that is no row at all comes as findings. Raises FormatUnknown and AgreementFileUnreachable.
    """
    form, name = file_format(path), path.name
    with _translated(path), path.open("rb") as file:
        yield row_files.read_rows(
            file, name=name, check_header=lambda names: check_fields(names, file=name), form=form
        )


def write_rows(rows: Iterable[Mapping[str, object]], path: Path) -> int:
    """Write agreements to a file that `read_rows` reads again without loss, and say how many.

    The file holds CPR numbers: it is made for its owner's eyes only. An existing file is refused.
    Raises FormatUnknown and AgreementFileUnreachable.
    """
    write = _write_csv if file_format(path) is RowFormat.CSV else _write_json
    with _translated(path):
        path.touch(mode=0o600, exist_ok=False)
        with path.open("w", encoding="utf-8", newline="") as file:
            return write(rows, file)


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
