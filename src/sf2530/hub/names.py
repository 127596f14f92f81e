"""What a client may call a file in its `OUT`, and what a path means."""

from __future__ import annotations

import posixpath
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sf2530.errors import DataError
from sf2530.exchange.file_names import (
    LONGEST_NAME_BYTES,
    METADATA,
    RECEIPT,
    TRIGGER,
    check_data_file_name,
    split_name,
)
from sf2530.language import _

_TEMPORARY_SUFFIXES: Final = (".part", ".filepart", ".tmp", ".partial")
_LONGEST_PATH_BYTES: Final = 4_096


class NameRefused(DataError):
    """A file can't have this name in `OUT`. The text does not repeat it."""

    code = "name-refused"


class Folder(StrEnum):
    """The folders there are."""

    ROOT = ""
    IN = "IN"
    OUT = "OUT"


@dataclass(frozen=True, slots=True)
class Place:
    """What a path names: a folder, or a file directly in one. `path` is its canonical form."""

    folder: Folder
    name: str = ""

    @property
    def is_folder(self) -> bool:
        """Tell a folder from a file."""
        return not self.name

    @property
    def path(self) -> str:
        """Give the one path of this place, from the root."""
        return posixpath.join("/", self.folder, self.name) if self.name else f"/{self.folder}"


def canonical(path: bytes) -> bytes:
    """Give the absolute path that a client's path means; there is nothing above the root."""
    return b"/" + posixpath.normpath(b"/" + path).lstrip(b"/")


def place(path: bytes) -> Place | None:
    """Give the place that a path names; None where there can be nothing."""
    if len(path) > _LONGEST_PATH_BYTES or b"\0" in path:  # PostgreSQL takes no such text
        return None
    try:
        parts = canonical(path).decode("utf-8").split("/")[1:]
    except UnicodeDecodeError:
        return None
    match parts:
        case [""]:
            return Place(Folder.ROOT)
        case [Folder.IN | Folder.OUT as folder]:
            return Place(Folder(folder))
        case [Folder.IN | Folder.OUT as folder, name]:
            return Place(Folder(folder), name)
        case _other:
            return None


def check_name_in_out(name: str) -> None:
    """Refuse a name for a file in `OUT`: what could be neither a data file, a trigger nor a temporary.

    A temporary name (`.x.part`, `x.filepart`) may begin with a dot; it is renamed before it counts.
    Raises NameRefused, or FileNameRefused where the rules are those of data files.
    """
    if is_temporary(name):
        _check_temporary(name)
        return
    data_name, suffix = split_name(name)
    if suffix in {METADATA, RECEIPT}:
        raise _refused(_("Names that end in .metadata or .sftpreceipt belong to the hub"))
    check_data_file_name(data_name)


def data_name_of_trigger(name: str) -> str | None:
    """Give the name of the data file that a trigger is for; None for what is no trigger."""
    data_name, suffix = split_name(name)
    return data_name if suffix == TRIGGER else None


def is_temporary(name: str) -> bool:
    """Tell if a name is one that uploading programs use until a file is whole."""
    return name.endswith(_TEMPORARY_SUFFIXES) and name.strip(".") not in {
        suffix.strip(".") for suffix in _TEMPORARY_SUFFIXES
    }


def _check_temporary(name: str) -> None:
    if len(name.encode()) > LONGEST_NAME_BYTES:
        raise _refused(_("The file name is too long"))
    if "\\" in name or any(unicodedata.category(sign) in {"Cc", "Cf", "Cn"} for sign in name):
        raise _refused(_("The file name holds a backslash, a control character or an unknown character"))


def _refused(what: str) -> NameRefused:
    return NameRefused(what, remedy=_("Give the file another name."))
