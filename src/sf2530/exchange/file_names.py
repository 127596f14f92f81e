"""The names files go by: the data file's own, and those of its trigger, metadata and receipt."""

from __future__ import annotations

from typing import Final

from sf2530.errors import DataError
from sf2530.exchange.documents import LONGEST_TEXT
from sf2530.language import _

TRIGGER: Final = ".trigger"
METADATA: Final = ".metadata"
RECEIPT: Final = ".sftpreceipt"
TEMPORARY: Final = ".part"
RESERVED: Final = (TRIGGER, METADATA, RECEIPT)
LONGEST_NAME_BYTES: Final = 255  # of any name on an ordinary file system


class FileNameRefused(DataError):
    """A data file cannot be exchanged under this name."""

    code = "file-name-refused"


def trigger_name(name: str) -> str:
    """Name the trigger of a data file: `A.txt` gives `A.txt.trigger`."""
    return name + TRIGGER


def metadata_name(name: str) -> str:
    """Name the metadata of a data file."""
    return name + METADATA


def receipt_name(name: str) -> str:
    """Name the technical receipt for a data file."""
    return name + RECEIPT


def temporary_name(name: str) -> str:
    """Name a file while it is being uploaded; it is renamed to `name` once it is whole."""
    return name + TEMPORARY


def split_name(name: str) -> tuple[str, str]:
    """Split a name into the data file's and the suffix: `A.txt.trigger` gives `("A.txt", ".trigger")`.

    The suffix of a data file is empty. Suffixes count only in lower case, as the protocol writes them.
    """
    for suffix in RESERVED:
        if name.endswith(suffix) and len(name) > len(suffix):
            return name.removesuffix(suffix), suffix
    return name, ""


def check_data_file_name(name: str) -> None:
    """Refuse a name that a data file cannot be exchanged under.

    The schema sets only the length. The rest is ours, since the protocol is silent: no path, no control
    characters, no name that could be taken for a trigger, metadata or receipt, and room for the longest
    suffix within 255 bytes. Raises FileNameRefused, which does not repeat the name.
    """
    if complaint := _complaint(name):
        raise FileNameRefused(complaint, remedy=_("Give the file another name and send it again."))


def _complaint(name: str) -> str:
    if not name or name.startswith(".") or name != name.strip():
        return _("The file name is empty, begins with a dot, or has spaces around it")
    if "/" in name or "\\" in name or not name.isprintable():
        return _("The file name holds a slash, a control character or an unknown character")
    if name.lower().endswith(RESERVED):
        return _("The file name ends as a trigger, metadata or receipt does")
    if len(name) > LONGEST_TEXT or len(receipt_name(name).encode()) > LONGEST_NAME_BYTES:
        return _("The file name is longer than %(bytes)s bytes") % {
            "bytes": LONGEST_NAME_BYTES - len(RECEIPT.encode())
        }
    return ""
