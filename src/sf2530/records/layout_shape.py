"""Turn the TOML of a layout file into a `Layout`: every key known, there, and of the right type."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Any

from sf2530.language import _
from sf2530.records.findings import Finding, Place, Severity
from sf2530.records.layout import (
    Encoding,
    Field,
    FieldType,
    FileKind,
    Layout,
    LineEnd,
    Part,
    RecordType,
    Role,
)
from sf2530.records.layout_toml import Raw

_Kinds = Mapping[str, type]

_LAYOUT_KEYS: _Kinds = {
    "id": str,
    "kind": FileKind,
    "profile": str,
    "version": str,
    "title": str,
    "provenance": str,
    "encoding": Encoding,
    "record_length": int,
    "line_end": LineEnd,
    "record": list,
}
_RECORD_KEYS: _Kinds = {"code": str, "part": Part, "title": str, "field": list}
_RECORD_OPTIONS: _Kinds = {"once": bool}
_FIELD_KEYS: _Kinds = {"name": str, "from": int, "length": int, "type": FieldType, "meaning": str}
_FIELD_OPTIONS: _Kinds = {
    "label": str,
    "required": bool,
    "may_be_blank": bool,
    "personal": bool,
    "constant": str,
    "values": list,
    "default": str,
    "sign": str,
    "role": Role,
    "of": str,
}


class ShapeCode(StrEnum):
    """What can be wrong in the shape of a layout file."""

    KEY_MISSING = "layout-key-missing"
    KEY_UNKNOWN = "layout-key-unknown"
    VALUE_WRONG = "layout-value-wrong"


def check_shape(raw: Raw, *, name: str) -> tuple[Finding, ...]:
    """Find keys that are missing, unknown or hold the wrong type of value. None of them: `build` works."""
    return tuple(_in_layout(raw, Place(file=name)))


def build(raw: Raw) -> Layout:
    """Make the layout out of TOML whose shape was checked."""
    return Layout(
        id=raw["id"],
        kind=FileKind(raw["kind"]),
        profile=raw["profile"],
        version=raw["version"],
        title=raw["title"],
        provenance=raw["provenance"],
        encoding=Encoding(raw["encoding"]),
        record_length=raw["record_length"],
        line_end=LineEnd(raw["line_end"]),
        records=tuple(_record(record) for record in raw["record"]),
    )


def _record(raw: Raw) -> RecordType:
    return RecordType(
        code=raw["code"],
        part=Part(raw["part"]),
        title=raw["title"],
        once=raw.get("once", False),
        fields=tuple(_field(field) for field in raw["field"]),
    )


def _field(raw: Raw) -> Field:
    given: dict[str, Any] = {key: value for key, value in raw.items() if key != "from"}
    given["type"] = FieldType(raw["type"])
    given["values"] = tuple(raw.get("values", ()))
    given["role"] = Role(raw["role"]) if "role" in raw else None
    return Field(first=raw["from"], **given)


def _in_layout(raw: Raw, place: Place) -> Iterator[Finding]:
    yield from _in_table(raw, place, needed=_LAYOUT_KEYS, options={})
    for number, record in enumerate(_tables(raw.get("record")), start=1):
        code = str(record.get("code", number))
        yield from _in_record(record, Place(file=place.file, record=code))


def _in_record(raw: Raw, place: Place) -> Iterator[Finding]:
    yield from _in_table(raw, place, needed=_RECORD_KEYS, options=_RECORD_OPTIONS)
    for number, field in enumerate(_tables(raw.get("field")), start=1):
        name = str(field.get("name", number))
        yield from _in_table(
            field,
            Place(file=place.file, record=place.record, field=name),
            needed=_FIELD_KEYS,
            options=_FIELD_OPTIONS,
        )


def _tables(value: object) -> list[Raw]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _in_table(raw: Raw, place: Place, *, needed: _Kinds, options: _Kinds) -> Iterator[Finding]:
    kinds = {**needed, **options}
    for key in needed:
        if key not in raw:
            yield _wrong(ShapeCode.KEY_MISSING, _("`%(key)s` is missing") % {"key": key}, place, needed)
    for key, value in raw.items():
        if key not in kinds:
            what = _("`%(key)s` is no key of a layout") % {"key": key}
            yield _wrong(ShapeCode.KEY_UNKNOWN, what, place, kinds)
        elif not _is(kinds[key], value):
            what = _("`%(key)s` can't be %(value)s") % {"key": key, "value": repr(value)[:60]}
            yield _wrong(ShapeCode.VALUE_WRONG, what, place, [_said(kinds[key])])


def _wrong(code: ShapeCode, what: str, place: Place, allowed: Mapping[str, type] | list[str]) -> Finding:
    return Finding(
        code=code,
        severity=Severity.ERROR,
        what=what,
        where=place,
        rule=_("Allowed here: %(allowed)s") % {"allowed": ", ".join(allowed)},
        remedy=_("Correct the layout file; our own layouts show the form."),
    )


_IS: Mapping[type, Callable[[object], bool]] = {
    str: lambda value: isinstance(value, str),
    bool: lambda value: isinstance(value, bool),
    int: lambda value: isinstance(value, int) and not isinstance(value, bool) and value > 0,
    list: lambda value: isinstance(value, list) and len(value) > 0 and len({type(one) for one in value}) == 1,
}


def _is(kind: type, value: object) -> bool:
    if issubclass(kind, StrEnum):
        return value in set(kind)
    return _IS[kind](value)


def _said(kind: type) -> str:
    if issubclass(kind, StrEnum):
        return ", ".join(kind)
    said = {
        str: _("a text"),
        bool: _("true or false"),
        int: _("a whole number above 0"),
        list: _("a list with something in it"),
    }
    return said[kind]
