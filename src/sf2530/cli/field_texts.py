"""What the fields of one record say: to a person and to a machine, masked unless asked otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sf2530.cli.raw_records import RawRecord
from sf2530.denmark import cpr
from sf2530.denmark.ore import format_kroner
from sf2530.records.explaining import explain
from sf2530.records.field_rules import Value
from sf2530.records.findings import Place
from sf2530.records.layout import Field, FieldType, Layout, RecordType
from sf2530.records.masking import shown

NOTHING = "–"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldText:
    """One field as it is shown. `fault` says what is wrong with it, and is empty where nothing is."""

    field: Field
    content: str
    value: str
    machine: str | int | None
    fault: str = ""


def field_texts(record: RawRecord, layout: Layout, *, name: str, reveal: bool) -> list[FieldText]:
    """Give every field of a record; none where the layout knows no such record.

    Without `reveal`, personal fields are masked, and so is what a wrong field holds, as in findings:
    it may be a neighbour's content that has slipped.
    """
    if record.type is None:
        return []
    explained = explain(record.content, layout, Place(file=name, line=record.line))
    faults = {found.where.field: found.what for found in explained.findings}
    texts = []
    for field in record.type.fields:
        wrong = field.holds_value and field.name not in explained.values
        content = _content(record.type, field, record.content, wrong=wrong, reveal=reveal)
        texts.append(_text(field, content, explained.values, faults.get(field.shown_name, ""), reveal=reveal))
    return texts


def plain(value: Value) -> str | int | None:
    """Give a value as machines take it: a date as YYYY-MM-DD, all else as it is."""
    return value.isoformat() if isinstance(value, date) else value


def printable(raw: bytes) -> str:
    """Give bytes as text that is safe for a terminal, blanks at the end left out."""
    text = raw.decode("latin-1").rstrip(" ")
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)


def _content(record: RecordType, field: Field, line: bytes, *, wrong: bool, reveal: bool) -> str:
    raw = field.cut(line)
    if reveal:
        return printable(raw)
    if wrong or not field.holds_value:
        return shown(record, field, raw).rstrip(" ")
    return cpr.mask(printable(raw)) if field.personal else printable(raw)


def _text(field: Field, content: str, values: Mapping[str, Value], fault: str, *, reveal: bool) -> FieldText:
    if field.name not in values or (field.personal and not reveal):
        return FieldText(field=field, content=content, value=content, machine=content, fault=fault)
    value = values[field.name]
    return FieldText(
        field=field, content=content, value=_spoken(field, value), machine=plain(value), fault=fault
    )


def _spoken(field: Field, value: Value) -> str:
    match value:
        case None | "":
            return NOTHING
        case int() if field.type is FieldType.ORE:
            return format_kroner(value)
        case date():
            return f"{value:%d-%m-%Y}"
        case _:
            return str(value)
