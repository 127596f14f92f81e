"""Write a file that appears whole or not at all, for its owner's eyes only."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, BinaryIO, ClassVar, cast

from sf2530.errors import UnreachableError, UseError
from sf2530.language import _


class OutputExists(UseError):
    """The file that should be written is there already."""

    code: ClassVar[str] = "output-exists"


class OutputUnwritable(UnreachableError):
    """The file that should be written cannot be."""

    code: ClassVar[str] = "output-unwritable"


@contextmanager
def written(path: Path, *, overwrite: bool) -> Iterator[BinaryIO]:
    """Give a file to write and read again; once all went well it takes the name `path`, with mode 0600.

    Whatever goes wrong leaves nothing behind, and an earlier file as it was. Raises OutputExists unless
    `overwrite`, and OutputUnwritable.
    """
    if path.exists() and not overwrite:
        raise OutputExists(
            _("The file is there already"),
            where=str(path),
            remedy=_("Name another file, or say --overwrite."),
        )
    try:
        made = NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False)  # noqa: SIM115  closed below
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        with made:
            yield cast("BinaryIO", made)
            _flush(made, path)
        Path(made.name).replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(made.name).unlink()
        raise


def _flush(made: IO[bytes], path: Path) -> None:
    try:
        made.flush()
        os.fsync(made.fileno())
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> OutputUnwritable:
    return OutputUnwritable(
        _("The file cannot be written: %(why)s") % {"why": error.strerror},
        where=str(path),
        remedy=_("See that the folder is there, may be written to, and has room."),
    )
