"""Get a layout: one of our own by kind of file and profile, or another from its file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cache
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import ClassVar

from sf2530.errors import UseError
from sf2530.language import _, ngettext
from sf2530.records.findings import Finding, Severity
from sf2530.records.layout import FileKind, Layout
from sf2530.records.layout_checking import check_raw
from sf2530.records.layout_shape import build
from sf2530.records.layout_toml import default_files, read


class Profile(StrEnum):
    """Which of our own layouts for a kind of file: the standard one, or that without start and end record."""

    STANDARD = "standard"
    BARE = "bare"


class LayoutRefused(UseError):
    """A layout file says something that can't be, or leaves out what the code needs."""

    code: ClassVar[str] = "layout-refused"

    def __init__(self, what: str, *, where: str, remedy: str, findings: Sequence[Finding]) -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.findings = tuple(findings)


def layout(kind: FileKind, profile: str = Profile.STANDARD) -> Layout:
    """Give our own layout for a kind of file."""
    return _default(kind.value if profile == Profile.STANDARD else f"{kind.value}-{profile}")


def default_layouts() -> tuple[Layout, ...]:
    """Give all of our own layouts, in the order of their file names."""
    return tuple(_default(name) for name in default_files())


def chosen(profile: Profile, replaced: Mapping[FileKind, Path]) -> dict[FileKind, Layout]:
    """Give a layout for every kind of file: our own, except where a layout file stands in for it.

    Raises LayoutUnreadable, LayoutRefused.
    """
    return {kind: load(replaced[kind]) if kind in replaced else layout(kind, profile) for kind in FileKind}


@cache
def _default(name: str) -> Layout:
    return load(default_files()[name])


def load(file: Traversable) -> Layout:
    """Read and check a layout file.

    Raises LayoutUnreadable if it is no readable TOML, LayoutRefused with all findings if it can't be used.
    """
    raw = read(file)
    wrong = [one for one in check_raw(raw, name=file.name) if one.severity is Severity.ERROR]
    if wrong:
        raise LayoutRefused(
            ngettext(
                "The layout file can't be used; %(count)d thing is wrong: %(first)s",
                "The layout file can't be used; %(count)d things are wrong, the first: %(first)s",
                len(wrong),
            )
            % {"first": wrong[0], "count": len(wrong)},
            where=str(file),
            remedy=_("See all of it with `sf2530 layout check`, and correct the file."),
            findings=wrong,
        )
    return build(raw)
