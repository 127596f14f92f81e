"""Tell from its first bytes which kind of file one is, and in which layout."""

from __future__ import annotations

from collections.abc import Iterable

from sf2530.records.field_rules import padded
from sf2530.records.layout import FileKind, Layout, RecordType, Role
from sf2530.records.layout_files import default_layouts
from sf2530.records.naming import PREFIXES

_TELLING = (Role.RECORD_TYPE, Role.FILE_TYPE, Role.LAYOUT_VERSION)


def recognise(head: bytes, layouts: Iterable[Layout] | None = None) -> Layout | None:
    """Give the layout whose first record begins a file that begins with `head`; None if there is none.

    Looks at record type, file type and layout version of the first record, in that order: where no layout
    has all three, the one whose file type fits is given, so that a check can say what is wrong with the
    version. An empty file is recognised as none: it may be a bare file of any kind. `layouts` are tried
    in their order; our own if not given.
    """
    best, most = None, 0
    for layout in default_layouts() if layouts is None else layouts:
        told = max(_told_by(head, record) for record in _first_records(layout))
        if told > most:
            best, most = layout, told
    return best


def kind_of(content: bytes, name: str, layouts: Iterable[Layout]) -> FileKind | None:
    """Tell what kind of file it is: by its first record; where that says nothing, by the name's first word.

    >>> kind_of(b"damaged", "BASVAR_0101_20261130_MD01.txt", default_layouts()).value
    'answer'
    """
    found = recognise(content, layouts)
    if found is not None:
        return found.kind
    return next((kind for kind, prefix in PREFIXES.items() if name.startswith(f"{prefix}_")), None)


def _first_records(layout: Layout) -> tuple[RecordType, ...]:
    return (layout.start,) if layout.start is not None else layout.data


def _told_by(head: bytes, record: RecordType) -> int:
    """Count how many of the telling fields fit, up to the first that does not; 0 where the kind does not."""
    told = 0
    for role in _TELLING:
        field = record.with_role(role)
        if field is None or field.constant is None:
            continue
        if field.cut(head) != padded(field.constant, field):
            return told if role is Role.LAYOUT_VERSION else 0
        told += 1
    return told
