"""Layout files as TOML: read one, with the layout it extends, before anything is checked or built."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, ClassVar

from sf2530.errors import UseError
from sf2530.language import _

Raw = Mapping[str, Any]


class LayoutUnreadable(UseError):
    """A layout file is missing, is not TOML, or extends one that is."""

    code: ClassVar[str] = "layout-unreadable"


def default_files() -> dict[str, Traversable]:
    """Give our own layout files by their names without `.toml`: "answer", "answer-bare" and so on."""
    folder = files(__package__).joinpath("layouts")
    found = [file for file in folder.iterdir() if file.name.endswith(".toml")]
    return {file.name.removesuffix(".toml"): file for file in sorted(found, key=lambda file: file.name)}


def read(file: Traversable) -> Raw:
    """Read a layout file as it stands; where it says `extends`, on top of that one of our own layouts.

    Keys of the file replace those of the layout it extends; `without` names the record types it leaves
    out. Raises LayoutUnreadable.
    """
    raw = _parse(file)
    if "extends" not in raw:
        return raw
    extended = raw["extends"]
    known = default_files()
    if extended not in known:
        raise LayoutUnreadable(
            _("The layout extends %(layout)s, which is none of ours") % {"layout": repr(extended)},
            where=str(file),
            remedy=_("Extend one of these: %(layouts)s.") % {"layouts": ", ".join(known)},
        )
    return _extended(read(known[extended]), raw)


def _parse(file: Traversable) -> Raw:
    try:
        return tomllib.loads(file.read_bytes().decode("utf-8"))
    except OSError as error:
        raise LayoutUnreadable(
            _("The layout file can't be read: %(why)s") % {"why": error.strerror},
            where=str(file),
            remedy=_("Name a layout file that exists."),
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LayoutUnreadable(
            _("The layout file is not valid TOML: %(why)s") % {"why": error},
            where=str(file),
            remedy=_("Correct the file; our own layouts show the form."),
        ) from error


def _extended(below: Raw, above: Raw) -> Raw:
    left_out = above.get("without", [])
    own = {key: value for key, value in above.items() if key not in {"extends", "without"}}
    records = [record for record in below["record"] if record["code"] not in left_out]
    return {**below, "record": records, **own}
