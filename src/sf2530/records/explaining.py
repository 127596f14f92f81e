"""Read one record, field by field, and say all that is wrong in it: here stands what a correct record is.

`proving.py` proves the same for thousands of records at once; what it can't prove comes here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from sf2530.language import _
from sf2530.records.checks import Code, finding
from sf2530.records.field_rules import Fault, Value, fault_in, value_of
from sf2530.records.findings import Finding, Place, Severity
from sf2530.records.layout import Field, Layout, RecordType, Role
from sf2530.records.lines import LONGEST_LINE
from sf2530.records.masking import offending_byte, shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """One record as read: its type if that is known, the values of fields without fault, the findings."""

    record: RecordType | None
    values: Mapping[str, Value]
    findings: tuple[Finding, ...]

    @property
    def readable(self) -> bool:
        """Whether every field could be read."""
        return not any(found.severity is Severity.ERROR for found in self.findings)


def explain(line: bytes, layout: Layout, place: Place) -> Explained:
    """Read one record, given without its line end. `place` names file and line."""
    if len(line) != layout.record_length:
        return _unreadable(_wrong_length(line, layout, place))
    record = _record_of(line, layout)
    if record is None:
        return _unreadable(_unknown_type(line, layout, place))
    values: dict[str, Value] = {}
    findings = []
    for field in record.fields:
        raw = field.cut(line)
        fault = fault_in(field, raw, layout.encoding)
        if fault is not None:
            findings.append(_explained(fault, record, field, raw, place))
        elif field.holds_value:
            values[field.name] = value_of(field, raw)
    findings += _apply_signs(record, line, values, place)
    return Explained(record=record, values=values, findings=tuple(findings))


def field_place(place: Place, field: Field) -> Place:
    """Give the place of a field in a line."""
    return Place(
        file=place.file,
        line=place.line,
        first_byte=field.first,
        last_byte=field.last,
        field=field.shown_name,
    )


def _unreadable(found: Finding) -> Explained:
    return Explained(record=None, values={}, findings=(found,))


@cache
def _markers(layout: Layout) -> tuple[Field | None, Mapping[bytes, RecordType]]:
    return layout.records[0].with_role(Role.RECORD_TYPE), layout.by_marker()


def _record_of(line: bytes, layout: Layout) -> RecordType | None:
    field, records = _markers(layout)
    return records.get(b"" if field is None else field.cut(line))


def _wrong_length(line: bytes, layout: Layout, place: Place) -> Finding:
    if len(line) > LONGEST_LINE:
        what = _("The line is longer than %(length)d bytes") % {"length": LONGEST_LINE}
        return finding(Code.RECORD_LENGTH, what, place)
    what = _("The line is %(length)d bytes long, and not %(wanted)d") % {
        "length": len(line),
        "wanted": layout.record_length,
    }
    if _is_right_length_decoded(line, layout):
        what += _("; it would be right in ISO-8859-1, so it seems to be written in UTF-8")
    return finding(Code.RECORD_LENGTH, what, place)


def _is_right_length_decoded(line: bytes, layout: Layout) -> bool:
    try:
        return len(line.decode("utf-8")) == layout.record_length
    except UnicodeDecodeError:
        return False


def _unknown_type(line: bytes, layout: Layout, place: Place) -> Finding:
    field, records = _markers(layout)
    if field is None:
        raise AssertionError("a layout without record-type field has one record type, found under b''")
    what = _("%(field)s is none of %(known)s") % {
        "field": field.shown_name,
        "known": ", ".join(sorted(known.decode("ascii") for known in records)),
    }
    return finding(
        Code.RECORD_TYPE_UNKNOWN,
        what,
        field_place(place, field),
        shown=shown(layout.records[0], field, field.cut(line)),
    )


def _explained(fault: Fault, record: RecordType, field: Field, raw: bytes, place: Place) -> Finding:
    said = shown(record, field, raw)
    if fault.offset is not None:
        said += ", " + offending_byte(field.first + fault.offset, raw[fault.offset])
    return finding(fault.code, _what(fault.code, field), field_place(place, field), shown=said)


def _what(code: Code, field: Field) -> str:
    return _texts()[code] % {
        "field": field.shown_name,
        "constant": field.constant or _("blank"),
        "values": ", ".join(field.values),
    }


@cache
def _texts() -> Mapping[Code, str]:
    return {
        Code.FILE_TYPE: _("%(field)s is not %(constant)s: this is another kind of file"),
        Code.LAYOUT_VERSION: _("%(field)s is not %(constant)s: this is another version of the layout"),
        Code.CONSTANT: _("%(field)s is not %(constant)s"),
        Code.NOT_DIGITS: _("%(field)s holds something other than digits"),
        Code.NOT_CODE: _("%(field)s holds a character that a code can't have"),
        Code.NOT_PRINTABLE: _("%(field)s holds a byte that is no printable character"),
        Code.NOT_LEFT_ALIGNED: _("%(field)s begins with a blank"),
        Code.BLANK_INSIDE: _("%(field)s has a blank inside"),
        Code.NOT_BLANK: _("%(field)s holds something other than blanks"),
        Code.MISSING: _("%(field)s is not filled in"),
        Code.SIGN: _("%(field)s is not a sign that it can have"),
        Code.VALUE_UNKNOWN: _("%(field)s is none of %(values)s"),
        Code.DATE: _("%(field)s is not a day of the calendar"),
        Code.TIME: _("%(field)s is no time of day"),
        Code.CPR: _("%(field)s does not begin with a date of birth"),
    }


def _apply_signs(record: RecordType, line: bytes, values: dict[str, Value], place: Place) -> list[Finding]:
    remarks = []
    for field in record.fields:
        amount = values.get(field.name)
        if field.sign is None or not isinstance(amount, int):
            continue
        sign = record.field(field.sign)
        if sign.cut(line) != b"-":
            continue
        values[field.name] = -amount
        if amount == 0:
            what = _("%(field)s is zero with a minus") % {"field": field.shown_name}
            remarks.append(finding(Code.NEGATIVE_ZERO, what, field_place(place, sign), shown="-"))
    return remarks
