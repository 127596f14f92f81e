"""Get a layout: one of our own by kind of file and profile, or another from its file."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import ClassVar

from sf2530.errors import UseError
from sf2530.language import _
from sf2530.records.findings import Finding, Severity
from sf2530.records.layout import FileKind, Layout
from sf2530.records.layout_checking import check_raw
from sf2530.records.layout_shape import build
from sf2530.records.layout_toml import default_files, read

STANDARD = "standard"
BARE = "bare"


class LayoutRefused(UseError):
    """A layout file says something that can't be, or leaves out what the code needs."""

    code: ClassVar[str] = "layout-refused"

    def __init__(self, what: str, *, where: str, remedy: str, findings: Sequence[Finding]) -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.findings = tuple(findings)


def layout(kind: FileKind, profile: str = STANDARD) -> Layout:
    """Give our own layout for a kind of file; profile "standard", or "bare" without start and end record."""
    return _default(kind.value if profile == STANDARD else f"{kind.value}-{profile}")


def default_layouts() -> tuple[Layout, ...]:
    """Give all of our own layouts, in the order of their file names."""
    return tuple(_default(name) for name in default_files())


def load(path: Path) -> Layout:
    """Read and check a layout file.

    Raises LayoutUnreadable if it is no readable TOML, LayoutRefused with all findings if it can't be used.
    """
    return _load(path)


@cache
def _default(name: str) -> Layout:
    return _load(default_files()[name])


def _load(file: Traversable) -> Layout:
    raw = read(file)
    wrong = [one for one in check_raw(raw, name=file.name) if one.severity is Severity.ERROR]
    if wrong:
        raise LayoutRefused(
            _("The layout file can't be used; %(count)d things are wrong, the first: %(first)s")
            % {"first": wrong[0], "count": len(wrong)},
            where=str(file),
            remedy=_("See all of it with `sf2530 layout check`, and correct the file."),
            findings=wrong,
        )
    return build(raw)
