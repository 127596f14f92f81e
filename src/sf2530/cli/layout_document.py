"""Layouts as Markdown: the text of `docs/reference/layouts.md`, which is always English."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from sf2530.records.layout import Field, FieldType, FileKind, Layout, LineEnd, RecordType, Role

INTRODUCTION: Final = """\
# Layouts

<!-- Written by `sf2530 layout document`. Do not edit: change the layout files instead. -->

Every file is fixed-length: all its records have the same number of bytes, and every field a fixed place in
them. Positions and lengths count bytes, from 1; the line end is not counted.

The official layouts of SF2530 and SF2520 are not public. What stands here is ours and an assumption. To put
the official layout in, write it as a layout file of your own, try it with `sf2530 layout check FILE`, and
name it with `--layout FILE`. Code knows fields by their names, so a field with another official name keeps
its name and says the official one as `label`.

| type | bytes | value |
|---|---|---|
"""

TYPES: Final = {
    FieldType.DIGITS: ("digits", "text, leading zeros kept"),
    FieldType.CPR: ("ten digits that begin with a date (60 added to the day for made-up persons)", "text"),
    FieldType.NUMBER: ("digits, zero-filled from the left", "whole number"),
    FieldType.ORE: ("digits, zero-filled from the left", "whole øre; negative by its sign field only"),
    FieldType.SIGN: ("`+` or `-`", "none of its own; belongs to its amount"),
    FieldType.DATE: ("YYYYMMDD", "date; eight zeros are no date"),
    FieldType.TIME: ("HHMMSS", "text"),
    FieldType.CODE: ("A-Z, 0-9, `+` and `-`, blank-filled from the right", "text"),
    FieldType.TEXT: ("printable characters, blank-filled from the right", "text"),
    FieldType.FILLER: ("blanks", "none"),
}
ROLES: Final = {
    Role.LINE_NUMBER: "counted by the writer",
    Role.RECORD_COUNT: "counted by the writer",
    Role.SUM: "added up by the writer",
    Role.HASH_TOTAL: "added up by the writer",
}
LINE_ENDS: Final = {LineEnd.CRLF: "CR LF", LineEnd.LF: "LF"}


def document(layouts: Sequence[Layout]) -> str:
    """Describe layouts as a Markdown page, with one table for every record type.

    Record types that stood in an earlier layout, field for field, are only named again.
    """
    types = "".join(f"| {each} | {in_file} | {value} |\n" for each, (in_file, value) in TYPES.items())
    told: dict[RecordType, str] = {}
    pages = [_layout(each, told) for each in _fullest_first(layouts)]
    return INTRODUCTION + types + "\n" + "\n".join(pages)


def _fullest_first(layouts: Iterable[Layout]) -> list[Layout]:
    kinds = list(FileKind)
    return sorted(layouts, key=lambda each: (kinds.index(each.kind), -len(each.records), each.id))


def _layout(layout: Layout, told: dict[RecordType, str]) -> str:
    lines = [f"## {layout.title}", "", _facts(layout), "", f"> {layout.provenance}", ""]
    for record in layout.records:
        lines += _record(record, layout.id, told)
    return "\n".join(lines)


def _facts(layout: Layout) -> str:
    encoding = layout.encoding.upper()
    return (
        f"Layout `{layout.id}`, version {layout.version}: {layout.kind} file, profile {layout.profile}. "
        f"Records of {layout.record_length} bytes and {LINE_ENDS[layout.line_end]}; {encoding}."
    )


def _record(record: RecordType, layout_id: str, told: dict[RecordType, str]) -> Iterator[str]:
    yield f"### {record.title}: `{record.code}`"
    yield ""
    if record in told:
        yield f"As in `{told[record]}`."
        yield ""
        return
    told[record] = layout_id
    yield f"Stands {'exactly once' if record.once or record.part != 'data' else 'any number of times'}."
    yield ""
    yield "| bytes | length | field | type | meaning | rule |"
    yield "|---|---|---|---|---|---|"
    for field in record.fields:
        yield f"| {' | '.join(_cells(field))} |"
    yield ""


def _cells(field: Field) -> tuple[str, ...]:
    bytes_ = str(field.first) if field.length == 1 else f"{field.first}-{field.last}"
    name = f"`{field.name}`" + (f" ({field.label})" if field.label else "")
    meaning = field.meaning.replace("|", "\\|")
    return bytes_, str(field.length), name, field.type.value, meaning, "; ".join(_rules(field))


def _rules(field: Field) -> Iterator[str]:
    if field.constant is not None:
        yield f"always `{field.constant}`" if field.constant else "always blank"
    if field.values:
        yield f"one of {', '.join(f'`{value}`' for value in field.values)}"
    if field.required and not field.values and field.constant is None:
        yield "required"
    if field.may_be_blank:
        yield "may be blank"
    if field.default is not None:
        yield f"`{field.default}` where nothing is given"
    if field.role in ROLES:
        yield ROLES[field.role]
    if field.personal:
        yield "personal, shown masked"
