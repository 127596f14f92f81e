"""Open the files that a person names, and find the layout they are to be read with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, ClassVar

from sf2530.errors import DataError, UseError
from sf2530.language import _
from sf2530.records.layout import FileKind, Layout
from sf2530.records.layout_files import Profile, default_layouts, load
from sf2530.records.recognising import recognise

_HEAD_BYTES = 4_096
"""More than the longest record that tells what a file is."""


class FileUnusable(UseError):
    """A file that was named cannot be opened, or is not a file."""

    code: ClassVar[str] = "file-unusable"


class LayoutUnknown(UseError):
    """A layout that was named does not exist."""

    code: ClassVar[str] = "layout-unknown"


class KindUnknown(DataError):
    """A file is not recognised by its first record."""

    code: ClassVar[str] = "kind-unknown"


class LayoutsDiffer(UseError):
    """Two files that should be compared are not of one layout."""

    code: ClassVar[str] = "layouts-differ"


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open a file for its bytes. Raises FileUnusable if it is missing, no file, or not ours to read."""
    if path.exists() and not path.is_file():  # opening a pipe would wait for its other end
        raise FileUnusable(
            _("This is not an ordinary file"),
            where=str(path),
            remedy=_("Name a file. The content of a pipe has to be written to one first: it is read twice."),
        )
    try:
        stream = path.open("rb")
    except OSError as error:
        raise _unusable(path, error) from error
    with stream:
        yield stream


def named_layout(name: str, profile: str) -> Layout:
    """Find a layout by its id, by the kind of file (and `profile`), or in a layout file of one's own.

    Raises LayoutUnknown; also what `records.layout_files.load` raises for a file of one's own.
    """
    for layout in default_layouts():
        if layout.id == name or (layout.kind == name and layout.profile == profile):
            return layout
    if Path(name).suffix or Path(name).exists():
        return load(Path(name))
    raise LayoutUnknown(
        _("There is no layout %(name)s") % {"name": name},
        where="--layout",
        remedy=_("Name one of `sf2530 layout list`, a kind of file (%(kinds)s), or a layout file.")
        % {"kinds": ", ".join(FileKind)},
    )


def layout_for(stream: BinaryIO, path: Path, name: str | None, profile: str | None) -> Layout:
    """Find the layout for an opened file: the one that is named, else the one its first record is of.

    Leaves the stream at its beginning. Raises LayoutUnknown, and KindUnknown if nothing is recognised.
    """
    if name is not None:
        return named_layout(name, profile or Profile.STANDARD)
    head = stream.read(_HEAD_BYTES)
    stream.seek(0)
    found = recognise(head, [each for each in default_layouts() if profile in {None, each.profile}])
    if found is None:
        raise KindUnknown(
            _("This is none of the files we know by their first record"),
            where=str(path),
            remedy=_("If it is one after all, say which with --layout (see `sf2530 layout list`)."),
        )
    return found


def layout_for_both(
    first: tuple[BinaryIO, Path], second: tuple[BinaryIO, Path], name: str | None, profile: str | None
) -> Layout:
    """Find the one layout of two opened files. Raises LayoutsDiffer if each has another."""
    found, other = (layout_for(stream, path, name, profile) for stream, path in (first, second))
    if found != other:
        raise LayoutsDiffer(
            _("The files are of different kinds: %(first)s and %(second)s")
            % {"first": found.id, "second": other.id},
            where=str(second[1]),
            remedy=_("Compare files of the same kind, or name the layout of both with --layout."),
        )
    return found


def _unusable(path: Path, error: OSError) -> FileUnusable:
    return FileUnusable(
        _("The file can't be opened: %(why)s") % {"why": error.strerror},
        where=str(path),
        remedy=_("Name a file that is there and that you may read."),
    )
